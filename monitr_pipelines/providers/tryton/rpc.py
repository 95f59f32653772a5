"""Tryton's JSON-RPC: a session of one user, and typed values.

Seen on trytond 8.2.1: a request is exactly `id`, `method` and `params`; with anything more the answer has
no envelope. Errors come with status 200. Decimals and dates come as objects that name their class.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import quote

from monitr_pipelines.lifecycle.errors import EntityGone, InconsistentData, OurFault, ReconnectNeeded
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.http import HttpClient

TITLE = "Tryton"
# A record that a rule of access hides, a model that the user's groups may not read.
REFUSED = "UserError"
# What a user sees depends on no language, and archived records keep their lines.
CONTEXT: dict[str, Any] = {"language": "en", "active_test": False}


class Session:
    """A signed-in user. Every method is one request."""

    def __init__(self, ports: Ports) -> None:
        self._tokens = ports.tokens
        credentials = ports.tokens.read()
        self._client = HttpClient(TITLE, credentials["url"].rstrip("/"), ports.rate_limits)
        self._path = f"/{quote(credentials['database'], safe='')}/rpc/"
        self._ids = count(1)
        self._signed_in = False
        try:
            self._sign_in()
        except BaseException:
            self._client.close()
            raise

    def search_read(
        self,
        model: str,
        domain: list[Any],
        fields: Sequence[str],
        *,
        limit: int,
        order: str = "id ASC",
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """The first records of a model in an order; related fields come below `name.`."""
        column, direction = order.split(" ", 1)
        method, whole = f"model.{model}.search_read", {**CONTEXT, **(context or {})}
        answer = self.call(method, domain, 0, limit, [(column, direction)], list(fields), whole)
        if not isinstance(answer, list):
            raise _unknown_envelope()
        return answer

    def call(self, method: str, *parameters: Any) -> Any:  # noqa: ANN401 - whatever the method answers
        """The result of a method that only reads; a session that ran out is begun anew, once."""
        envelope = self._envelope(method, parameters)
        try:
            answer = self._client.post(self._path, envelope, again=True, hook=typed)
        except ReconnectNeeded:
            self._sign_in()
            answer = self._client.post(self._path, envelope, again=True, hook=typed)
        return self._result(answer)

    def close(self) -> None:
        """Sign out; what goes wrong with that ends by itself."""
        try:
            if self._signed_in:
                self._client.post(self._path, self._envelope("common.db.logout", ()), again=False)
        except Exception:  # noqa: BLE001, S110 - the session runs out by itself
            pass
        finally:
            self._client.close()

    def _sign_in(self) -> None:
        self._client.headers.pop("authorization", None)
        credentials = self._tokens.read()
        user = credentials["username"]
        parameters = (user, {"password": credentials["password"]}, "en")
        refused = ReconnectNeeded(
            "Tryton does not accept the database, user name and password. "
            "Connect again under Organisations > Integrations."
        )
        try:
            login = self._envelope("common.db.login", parameters)
            answer = self._result(self._client.post(self._path, login, again=False))
        except (EntityGone, ReconnectNeeded):
            raise refused from None
        if not isinstance(answer, list) or len(answer) < 2:
            raise refused
        token = base64.b64encode(f"{user}:{answer[0]}:{answer[1]}".encode()).decode()
        self._client.headers["authorization"] = f"Session {token}"
        self._signed_in = True

    def _envelope(self, method: str, parameters: tuple[Any, ...]) -> dict[str, Any]:
        return {"id": next(self._ids), "method": method, "params": list(parameters)}

    def _result(self, answer: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(answer, dict) and "error" in answer:
            kind = answer["error"][0] if isinstance(answer["error"], list) and answer["error"] else ""
            if kind == REFUSED:
                raise ReconnectNeeded(
                    "Tryton does not let this user read the ledger: the user needs the groups Accounting "
                    "and, for analytic accounts, Analytic Administration."
                )
            raise OurFault("Tryton did not understand the connector.", detail=str(kind)[:100])
        if not isinstance(answer, dict) or "result" not in answer:
            raise _unknown_envelope()
        return answer["result"]


def typed(value: dict[str, Any]) -> Any:  # noqa: ANN401 - what a JSON object stands for
    """What a JSON object of Tryton stands for."""
    match value.get("__class__"):
        case None:
            return value
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "datetime":
            return _moment(value)
        case _:
            return None  # durations, pictures: nothing that a ledger is made of


def as_date(day: date) -> dict[str, Any]:
    """A date as Tryton takes it."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def as_moment(moment: datetime) -> dict[str, Any]:
    """A moment on the server's own clock, as Tryton takes it."""
    return {
        "__class__": "datetime",
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "hour": moment.hour,
        "minute": moment.minute,
        "second": moment.second,
        "microsecond": moment.microsecond,
    }


def _moment(value: dict[str, Any]) -> datetime:
    """Without a zone: stamps are compared with one another only, on the server's own clock."""
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return datetime(*(value[part] for part in parts))  # noqa: DTZ001


def _unknown_envelope() -> InconsistentData:
    return InconsistentData("Tryton answered in a way that it should not.", detail="no result")
