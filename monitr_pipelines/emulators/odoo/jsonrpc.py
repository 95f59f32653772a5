"""`/jsonrpc`, and the envelope of other JSON answers before JSON-2."""

from dataclasses import replace

import msgspec

from monitr_pipelines.emulators.frame.messages import HTML, JSON, Answer, Request
from monitr_pipelines.emulators.odoo.errors import AccessDenied, OdooError, traceback_of
from monitr_pipelines.emulators.odoo.models import State
from monitr_pipelines.emulators.odoo.services import dispatch, version_info
from monitr_pipelines.emulators.odoo.wire import Plain, Raw

VERSION, DATABASES = "/web/webclient/version_info", "/web/database/list"
PATHS = frozenset({"/jsonrpc", VERSION, DATABASES})


def parsed(request: Request) -> dict[str, Raw] | None:
    """The envelope of a call; None where the body is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
        return None
    try:
        envelope = msgspec.json.decode(request.body)
    except msgspec.DecodeError:
        return None
    return envelope if isinstance(envelope, dict) else None


def answer(state: State, request: Request) -> Answer:
    """The answer to a call; errors have status 200 too."""
    envelope = parsed(request)
    if envelope is None:
        page = "<!doctype html><title>400 Bad Request</title><h1>Bad Request</h1><p>Invalid JSON data</p>"
        return Answer.text(page, HTML, 400)
    told: dict[str, Plain] = {"jsonrpc": "2.0", "id": envelope.get("id")}
    try:
        result = _result(state, request.path, envelope.get("params") or {})
    except OdooError as error:
        told["error"] = _error(state, error)
    else:
        # Nothing is told by leaving the member out.
        told |= {} if result is None else {"result": result}
    return replace(Answer.json(told), again=_renamed)


class _Envelope(msgspec.Struct, omit_defaults=True):
    """An answer whose content is left as it is."""

    jsonrpc: str
    id: msgspec.Raw
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


def _renamed(answer: Answer, request: Request) -> Answer:
    """The answer under the id of another request."""
    envelope = msgspec.json.decode(answer.body, type=_Envelope)
    envelope.id = msgspec.Raw(msgspec.json.encode((parsed(request) or {}).get("id")))
    return replace(answer, body=msgspec.json.encode(envelope))


def _result(state: State, path: str, params: Raw) -> Plain:
    if path == VERSION:
        return version_info(state.version)
    if path == DATABASES:
        raise AccessDenied
    service, method, arguments = (params.get(name) for name in ("service", "method", "args"))
    with state.books.lock:
        return dispatch(state, str(service), str(method), arguments or [])


def _error(state: State, error: OdooError) -> dict[str, Plain]:
    return {
        "code": 0 if state.version >= 19 else 200,
        "message": "Odoo Server Error",
        "data": {
            "name": error.name,
            "debug": traceback_of(error),
            "message": error.message,
            "arguments": [error.message],
            "context": {},
        },
    }
