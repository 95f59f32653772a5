"""What Odoo's errors mean, by the name of the exception in their JSON.

Their texts quote rows and files of the server, so that only names are ever repeated. Neither the code of
an envelope nor a status tells more: an unknown field is 500 in JSON-2, and 0 or 200 in JSON-RPC.
"""

import json
from collections.abc import Mapping
from typing import Any

from monitr_pipelines.lifecycle.errors import (
    ImportProblem,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.transport import Reply

TITLE = "Odoo"
NOT_FOUND = 404


class ReadingRefused(ReconnectNeeded):
    """The user lacks a right."""


class UnknownName(OurFault):
    """The server has no such model, field or method."""


class NotServed(ReconnectNeeded):
    """Nothing answers at the path that was asked."""


CREDENTIALS = frozenset(
    {
        "odoo.exceptions.AccessDenied",
        "odoo.http.SessionExpiredException",
        "werkzeug.exceptions.Unauthorized",
    }
)
RIGHTS = frozenset({"odoo.exceptions.AccessError", "werkzeug.exceptions.Forbidden"})
UNKNOWN = frozenset(
    {
        "builtins.AttributeError",
        "builtins.KeyError",
        "builtins.ValueError",
        "werkzeug.exceptions.NotFound",
    }
)
# The server's database does not answer for now: locks, connections, an upgrade.
DATABASE = "psycopg2."
NO_DATABASE = "does not exist"


def problem(error: Mapping[str, Any]) -> ImportProblem:
    """What an error of the server means, from its `name` and `message`."""
    name = str(error.get("name"))
    if name in CREDENTIALS:
        return credentials_refused(name)
    if name in RIGHTS:
        return reading_refused(name)
    if name in UNKNOWN:
        return UnknownName(Message("our_fault"), detail=name)
    if name.startswith(DATABASE):
        if "database" in str(error.get("message")) and NO_DATABASE in str(error.get("message")):
            return credentials_refused(name)
        return ProviderDown(Message("software_down", {"title": TITLE}), detail=name)
    return OurFault(Message("our_fault"), detail=f"{TITLE}: {name}"[:100])


def refusal(reply: Reply) -> ImportProblem | None:
    """What an answer without success means; None where its status says it all."""
    status = reply.status
    try:
        document = json.loads(reply.body)
    except ValueError:
        document = None
    if isinstance(document, Mapping) and isinstance(document.get("name"), str):
        found = problem(document)
        # What has no known name may pass by itself, as any 5xx.
        return None if type(found) is OurFault and status >= 500 else found
    if status == NOT_FOUND:
        return NotServed(Message("credentials_refused", {"title": TITLE}), detail=f"HTTP {status}")
    if status == 401:
        return credentials_refused(f"HTTP {status}")
    return reading_refused(f"HTTP {status}") if status == 403 else None


def credentials_refused(detail: str = "") -> ReconnectNeeded:
    """The database, the user or the key is not accepted."""
    return ReconnectNeeded(Message("credentials_refused", {"title": TITLE}), detail=detail)


def reading_refused(detail: str) -> ReadingRefused:
    """The user lacks a right."""
    return ReadingRefused(Message("reading_refused", {"title": TITLE}), detail=detail)


def contradiction(detail: str) -> InconsistentData:
    """Answers that cannot all be true; `detail` is for operations and quotes nothing."""
    return InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)
