"""`/xmlrpc/2/common` and `/xmlrpc/2/object`; those without the 2 tell faults in words."""

import xmlrpc.client
from collections.abc import Sequence
from xml.parsers.expat import ExpatError

from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.odoo.errors import (
    AccessDenied,
    AccessError,
    MissingError,
    OdooError,
    UserError,
    traceback_of,
)
from monitr_pipelines.emulators.odoo.models import State
from monitr_pipelines.emulators.odoo.services import dispatch
from monitr_pipelines.emulators.odoo.wire import Raw

KIND = "text/xml; charset=utf-8"


class CannotMarshal(OdooError):
    """What a method answered has no form in XML-RPC: it was done all the same."""

    name = "builtins.TypeError"


def parsed(body: bytes) -> tuple[str, tuple[Raw, ...]] | None:
    """The method and its arguments; None where the body is no call."""
    try:
        arguments, method = xmlrpc.client.loads(body, use_builtin_types=True)
    except (ExpatError, xmlrpc.client.Error, ValueError, TypeError):
        return None
    return (method, arguments) if method else None


def answer(state: State, request: Request) -> Answer:
    """The answer to a call, a fault included; both have status 200."""
    *_, generation, service = request.path.split("/")
    call = parsed(request.body)
    if call is None:
        return Answer.text("not an XML-RPC call", "text/html; charset=utf-8", 500)
    try:
        return _written(_called(state, service, *call))
    except OdooError as error:
        return _fault(error, in_words=generation != "2")


def _called(state: State, service: str, method: str, arguments: Sequence[Raw]) -> Raw:
    with state.books.lock:
        return dispatch(state, service, method, arguments)


def _written(result: Raw) -> Answer:
    try:
        text = xmlrpc.client.dumps((result,), methodresponse=True, allow_none=False)
    except TypeError as problem:
        raise CannotMarshal(str(problem)) from None
    return Answer.text(text, KIND)


def _fault(error: OdooError, *, in_words: bool) -> Answer:
    code: int | str = error.fault
    text = traceback_of(error) if error.fault == 1 else error.message
    if in_words:
        kinds = (AccessError, MissingError, UserError)
        kind = error.name.rpartition(".")[2] if isinstance(error, kinds) else ""
        code = f"warning -- {kind}\n\n{error.message}" if kind else error.message
        text = "" if kind else traceback_of(error)
        code = "AccessDenied" if isinstance(error, AccessDenied) else code
    fault = xmlrpc.client.Fault(code, text)  # type: ignore[arg-type] # the first generation tells codes in words
    return Answer.text(xmlrpc.client.dumps(fault), KIND)
