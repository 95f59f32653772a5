"""Tryton's JSON-RPC: signing in, and its errors.

A request has exactly `id`, `method` and `params`: with a further member the server answers in another
form. Errors come with HTTP 200; their texts quote rows, so that only their kind is ever repeated.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.http import Answer, Client
from monitr_pipelines.providers.tryton.faults import TITLE, unknown_answer
from monitr_pipelines.providers.tryton.values import typed

REQUEST = 1
UNKNOWN_NAME = re.compile(r"'[\w.]+'")


class UnknownName(OurFault):
    """The server has no such model or field: a module that it may lack."""


class Rpc:
    """A session of one user with one database; it signs in when first asked."""

    def __init__(self, ports: Ports) -> None:
        self._credentials = ports.tokens.read()
        self._client = Client(TITLE, self._credentials["url"].strip(), ports.rate_limits, object_hook=typed)
        self._path = f"/{quote(self._credentials['database'], safe='')}/rpc/"
        self._authorization: dict[str, str] = {}

    def call(self, method: str, *params: Any) -> Answer:  # noqa: ANN401 - whatever JSON can say
        """Ask, signed in; once more with a new session where the server has ended the one at hand.

        Args:
            method: Such as `model.account.move.search_read`.
            params: Its arguments, the context last.

        Returns:
            The result in place of the whole document.

        Raises:
            UnknownName: The server has no such model or field.
            ReconnectNeeded: The user may not.
        """
        fresh = not self._authorization
        if fresh:
            self._sign_in()
        try:
            return self._ask(method, params)
        except ReconnectNeeded:
            self._authorization = {}
            if fresh:
                raise
            return self.call(method, *params)

    def close(self) -> None:
        """End the session at the server, as far as it listens."""
        try:
            if self._authorization:
                self._ask("common.db.logout", (), repeatable=False)
        except ImportProblem:
            pass  # it ends by itself there
        finally:
            self._client.close()

    def _sign_in(self) -> None:
        user, password = self._credentials["username"], self._credentials["password"]
        answered = self._ask("common.db.login", (user, {"password": password})).document
        if not isinstance(answered, list) or len(answered) < 2:
            raise unknown_answer("it signs in another way")
        session = f"{user}:{answered[0]}:{answered[1]}".encode()
        self._authorization = {"Authorization": f"Session {b64encode(session).decode()}"}

    def _ask(self, method: str, params: tuple[Any, ...], *, repeatable: bool = True) -> Answer:
        answer = self._client.ask(
            "POST",
            self._path,
            headers=self._authorization,
            document={"id": REQUEST, "method": method, "params": params},
            repeatable=repeatable,
        )
        return Answer(_result(answer.document), answer.sent_at)


def _result(document: object) -> Any:  # noqa: ANN401 - whatever was asked for
    if not isinstance(document, Mapping) or document.get("id") != REQUEST:
        raise unknown_answer("an envelope of another form")
    if "result" in document:
        return document["result"]
    error = document.get("error")
    if not isinstance(error, list) or not error or not isinstance(error[0], str):
        raise unknown_answer("an envelope of another form")
    if UNKNOWN_NAME.fullmatch(error[0]):
        raise UnknownName(Message("our_fault"), detail="a name that it does not know")
    if error[0] in {"UserError", "LoginException"}:
        raise ReconnectNeeded(Message("reading_refused", {"title": TITLE}), detail=error[0])
    raise OurFault(Message("our_fault"), detail=error[0][:100])
