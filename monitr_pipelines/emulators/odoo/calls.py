"""A method of a model, called by name: which there are in which version, and what they take."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from monitr_pipelines.emulators.odoo import grouping
from monitr_pipelines.emulators.odoo.errors import AccessError, BadCall, NoSuchMethod, Unforeseen, UserError
from monitr_pipelines.emulators.odoo.models import State, environment
from monitr_pipelines.emulators.odoo.orm import Records
from monitr_pipelines.emulators.odoo.wire import Plain, Raw

# Methods of the model, which take no ids; all others take them first.
OF_THE_MODEL = frozenset(
    {
        "search",
        "search_count",
        "search_read",
        "fields_get",
        "name_search",
        "read_group",
        "formatted_read_group",
        "create",
        "context_get",
        "check_access_rights",
    }
)
OF_RECORDS = frozenset({"read", "write", "unlink"})


@dataclass(frozen=True)
class Method:
    """A method with its signature, ids included where it takes them."""

    name: str
    function: Callable[..., Plain]
    of_model: bool

    @property
    def signature(self) -> inspect.Signature:
        """What it takes."""
        return inspect.signature(self.function)


def find(state: State, model: str, name: str, context: Mapping[str, Raw]) -> Method:
    """A method that clients may call.

    Raises:
        AccessError: It is private, or the context names companies of others.
        NoSuchMethod: There is none.
        UserError: There is no such model.
    """
    if model not in state.models:
        raise UserError(f"Object {model} doesn't exist")
    if name.startswith("_") or name in ("init", "browse"):
        raise AccessError(f"Private methods (such as '{model}.{name}') cannot be called remotely.")
    records = Records(environment(state, context), state.models[model])
    function = _function(records, name)
    if function is None:
        raise NoSuchMethod(f"The method '{model}.{name}' does not exist")
    return Method(name, function, name in OF_THE_MODEL)


def bound(method: Method, arguments: Sequence[Raw], named: Mapping[str, Raw]) -> Plain:
    """The answer of a method; one id stands for a list of it.

    Raises:
        BadCall: It does not take these arguments.
        Unforeseen: It takes them, and cannot do anything with what they are.
    """
    if arguments and not method.of_model and isinstance(arguments[0], int):
        arguments = [[arguments[0]], *arguments[1:]]
    try:
        method.signature.bind(*arguments, **named)
    except TypeError as wrong:
        raise BadCall(f"{method.name}() {wrong}") from None
    try:
        return method.function(*arguments, **named)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
        raise Unforeseen(problem) from problem


def described(state: State, model: str) -> dict[str, Plain]:
    """What 19 tells clients of the methods of a model: parameters by name, and whether they take ids."""
    records = Records(environment(state, {}), state.models[model])
    names = [*sorted(OF_THE_MODEL | OF_RECORDS), *records.model.methods]
    methods: dict[str, Plain] = {}
    for name in names:
        function = _function(records, name)
        if function is not None:
            parameters: dict[str, Plain] = {
                key: {} for key in inspect.signature(function).parameters if key != "ids"
            }
            methods[name] = {"parameters": parameters, "api": ["model"] if name in OF_THE_MODEL else []}
    fields = Records(environment(state, {}), state.models[model]).fields_get()
    return {"model": model, "name": records.model.title, "methods": methods, "fields": fields}


def _function(records: Records, name: str) -> Callable[..., Plain] | None:
    version = records.env.version
    if name == "context_get":
        own = records.model.methods.get(name)
        return partial(own, records.env) if own else None
    if name == "check_access_rights":
        return partial(_check_access_rights, records) if version < 19 else None
    if name == "read_group":
        return partial(grouping.read_group, records)
    if name == "formatted_read_group":
        return partial(grouping.formatted_read_group, records) if version >= 19 else None
    if name in OF_THE_MODEL | OF_RECORDS:
        found: Callable[..., Plain] = getattr(records, name)
        return found
    return partial(records.call, name) if name in records.model.methods else None


def _check_access_rights(
    records: Records,
    operation: str,
    raise_exception: bool = True,  # noqa: FBT001, FBT002 - as clients give it
) -> bool:
    try:
        records.model.check(records.env, operation)
    except AccessError:
        if raise_exception:
            raise
        return False
    return True
