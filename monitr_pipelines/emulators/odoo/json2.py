"""`/json/2/<model>/<method>`, from 19 on: named arguments, an API key, statuses that tell."""

from http import HTTPStatus

import msgspec

from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.odoo.calls import bound, described, find
from monitr_pipelines.emulators.odoo.errors import BadCall, HttpError, OdooError, UserError, traceback_of
from monitr_pipelines.emulators.odoo.models import State
from monitr_pipelines.emulators.odoo.wire import Plain, Raw

NO_KEY = "User not authenticated, use an API Key with a Bearer Authorization header."
PREFIX, DOCUMENTED = "/json/2/", "/doc-bearer/"


def answer(state: State, request: Request) -> Answer:
    """The answer to a call: a bare value, or an error of its own status."""
    if request.headers.get("x-odoo-database", state.database) != state.database:
        page = "<!doctype html><title>404 Not Found</title><h1>Not Found</h1>"
        return Answer.text(page, HTML, HTTPStatus.NOT_FOUND)
    try:
        with state.books.lock:
            return Answer.json(_result(state, request))
    except OdooError as error:
        return refusal(error)


def refusal(error: OdooError) -> Answer:
    """An error as JSON-2 tells it."""
    arguments: list[Plain] = [error.message]
    if isinstance(error, HttpError):
        arguments.append(error.status.value)
    return Answer.json(
        {
            "name": error.name,
            "message": error.message,
            "arguments": arguments,
            "context": {},
            "debug": traceback_of(error),
        },
        error.status.value,
    )


def _result(state: State, request: Request) -> Plain:
    if request.path.startswith(DOCUMENTED):
        return _documented(state, request)
    model, _, method = request.path.removeprefix(PREFIX).partition("/")
    if request.method != "POST" or not method or "/" in method:
        raise HttpError(HTTPStatus.NOT_FOUND, "Did you mean POST /json/2/<model>/<method>?")
    _signed_in(state, request)
    return _called(state, model, method, _named(request))


def _signed_in(state: State, request: Request) -> None:
    if request.bearer is None:
        raise HttpError(HTTPStatus.UNAUTHORIZED, NO_KEY)
    if request.bearer != state.user.key:
        raise HttpError(HTTPStatus.UNAUTHORIZED, "Invalid apikey")


def _named(request: Request) -> dict[str, Raw]:
    if not request.body:
        return {}
    try:
        named = msgspec.json.decode(request.body)
    except msgspec.DecodeError:
        raise HttpError(HTTPStatus.BAD_REQUEST, "could not parse the body as json") from None
    if not isinstance(named, dict):
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, "the body must be a json object")
    return named


def _called(state: State, model: str, name: str, named: dict[str, Raw]) -> Plain:
    if model not in state.models:
        raise HttpError(HTTPStatus.NOT_FOUND, f"the model {model!r} does not exist")
    ids, context = named.pop("ids", []), named.pop("context", {})
    try:
        method = find(state, model, name, context)
    except UserError as error:
        raise HttpError(HTTPStatus.NOT_FOUND, error.message) from None
    if method.of_model and ids:
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, f"cannot call {model}.{name} with ids")
    try:
        return bound(method, [] if method.of_model else [ids], named)
    except BadCall as wrong:
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, wrong.message) from None


def _documented(state: State, request: Request) -> Plain:
    """What client libraries look up: the parameters of a model's methods."""
    _signed_in(state, request)
    model = request.path.removeprefix(DOCUMENTED).removesuffix(".json")
    if model not in state.models:
        raise HttpError(HTTPStatus.NOT_FOUND, f"the model {model!r} does not exist")
    return described(state, model)
