"""Asking Yuki: a session for an access key, in a domain, and the services that it opens."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.http import Client
from monitr_pipelines.providers.soap import envelope, headers
from monitr_pipelines.providers.yuki import datasets
from monitr_pipelines.providers.yuki.answers import SessionEnded, many_rows_of, refusal, rows_of
from monitr_pipelines.providers.yuki.datasets import LINES, NAMESPACE, TITLE, Dataset, address_of, limits_of
from monitr_pipelines.providers.yuki.details import Details, details_of
from monitr_pipelines.providers.yuki.values import Row, bare

# What is asked for, by the names of the parameters, in their order.
Values: TypeAlias = Mapping[str, str]
T = TypeVar("T")
Read: TypeAlias = Callable[[Dataset, bytes], T]


class Api:
    """The services of one country, for one key. A session is never used by two at once: it has a domain.

    A session lasts a day, or until Yuki ends it: it is opened with the first question, and once more where
    it has ended.
    """

    def __init__(self, ports: Ports) -> None:
        credentials = ports.tokens.read()
        self._key = credentials["api_key"]
        self._client = Client(
            TITLE, address_of(credentials), ports.rate_limits, limits_of(None), refusal=refusal
        )
        self._session = ""
        self._domain: str | None = None
        self._answered_at: datetime | None = None

    def now(self) -> datetime:
        """The moment of the last answer by the clock of the server; else ours."""
        return self._answered_at or datetime.now(UTC)

    def rows(self, dataset: Dataset, values: Values | None = None) -> list[Row]:
        """The records of an answer, with their attributes."""
        return self._answered(dataset, values or {}, rows_of)

    def many_rows(self, dataset: Dataset, values: Values) -> list[Row]:
        """The contents of the records of an answer of any size."""
        return self._answered(dataset, values, many_rows_of)

    def details(self, values: Values, following: Values | None) -> Details:
        """The details of transactions.

        Args:
            values: Of which.
            following: Of which it will most likely be asked next: that is asked ahead.
        """
        return self._answered(LINES, values, details_of, following)

    def enter(self, domain: str) -> None:
        """Work in a domain, by its id; questions are counted for it."""
        self._domain = domain
        self._client.limits = limits_of(domain)
        self.rows(datasets.CURRENT_DOMAIN, {"domainID": domain})

    def close(self) -> None:
        """Let go of the connection; sessions end by themselves."""
        self._client.close()

    def _answered(
        self, dataset: Dataset, values: Values, read: Read[T], following: Values | None = None
    ) -> T:
        fresh = not self._session
        if fresh:
            self._sign_in()
        try:
            return self._ask(dataset, values, read, following)
        except SessionEnded:
            if fresh:
                raise
        self._sign_in()
        return self._ask(dataset, values, read, following)

    def _sign_in(self) -> None:
        """Open a session. A key that is not known is refused with a fault, or answered with no session."""
        self._session = ""
        rows = self._ask(datasets.SESSION, {"accessKey": self._key}, rows_of)
        session = bare(rows[0][datasets.SESSION.result]) if rows else None
        if session is None:
            raise ReconnectNeeded(Message("credentials_refused", {"title": TITLE}))
        self._session = session
        if self._domain is not None:
            self._ask(datasets.CURRENT_DOMAIN, {"domainID": self._domain}, rows_of)

    def _ask(self, dataset: Dataset, values: Values, read: Read[T], following: Values | None = None) -> T:
        ahead = None if following is None else self._call(dataset, following)
        answer = self._client.ask(
            **self._call(dataset, values)._asdict(),
            decode=lambda body: read(dataset, body),
            then=lambda _: ahead,
        )
        self._answered_at = answer.sent_at
        read_of_it: T = answer.document
        return read_of_it

    def _call(self, dataset: Dataset, values: Values) -> Call:
        given = {"sessionID": self._session, **values} if self._session else values
        return Call(
            "POST",
            dataset.path,
            headers(NAMESPACE, dataset.operation),
            xml=envelope(NAMESPACE, dataset.operation, given),
        )
