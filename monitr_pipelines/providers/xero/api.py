"""Asking Xero: one tenant's books, and which tenants there are."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from operator import attrgetter
from typing import TypeVar

from msgspec import ValidationError

from monitr_pipelines.lifecycle.errors import EntityGone, InconsistentData, OurFault, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Ports
from monitr_pipelines.providers.http import Client, Follows
from monitr_pipelines.providers.oauth import Grant
from monitr_pipelines.providers.xero import datasets
from monitr_pipelines.providers.xero.datasets import (
    AccountRow,
    CategoryRow,
    ConnectionRow,
    Dataset,
    JournalRow,
    OrganisationRow,
    Report,
)
from monitr_pipelines.providers.xero.limits import limits_of, rate_headers_of
from monitr_pipelines.providers.xero.refusals import ScopeMissing, TenantRefused, refusal
from monitr_pipelines.providers.xero.sign_in import OAUTH, TITLE, address_of
from monitr_pipelines.providers.xero.values import contradicts, unknown

TENANT = re.compile(r"[0-9a-fA-F-]{32,36}").fullmatch
NUMBER_NAME = b'"JournalNumber"'
NUMBER_OF_TEXT = re.compile(NUMBER_NAME + rb"\s*:\s*(\d{1,18})").match
NUMBER = attrgetter("number")

D = TypeVar("D")


class Api:
    """The API, for one tenant; None to ask which ones there are.

    Raises:
        EntityGone: The tenant is no id of one.
    """

    def __init__(self, ports: Ports, tenant: str | None) -> None:
        if tenant is not None and not TENANT(tenant):
            raise gone()
        grant = Grant(OAUTH, ports)
        self._client = Client(
            TITLE,
            address_of(grant.credentials),
            ports.rate_limits,
            limits_of(tenant),
            rate_headers=rate_headers_of(tenant),
            authorization=grant,
            refusal=refusal,
        )
        self._tenant = tenant
        self._answered_at: datetime | None = None

    def now(self) -> datetime:
        """The moment of the last answer by the clock of the server, which also stamps its rows; else ours."""
        return self._answered_at or datetime.now(UTC)

    def connections(self) -> list[ConnectionRow]:
        """The tenants that are connected."""
        return self._ask(datasets.CONNECTIONS, tenant=None)

    def organisation(self, tenant: str | None = None) -> OrganisationRow:
        """The organisation of a tenant; of the one that is asked for where none is given."""
        found = self._of(datasets.ORGANISATION, tenant or self._tenant).found
        if len(found) != 1:
            unknown("Organisations is not one row")
        return found[0]

    def accounts(self) -> list[AccountRow]:
        """The whole chart of accounts, archived ones too."""
        return self._of(datasets.ACCOUNTS, self._tenant).found

    def tracking_categories(self) -> list[CategoryRow]:
        """Every tracking category with its options, archived ones too."""
        query = {"includeArchived": "true"}
        return self._of(datasets.TRACKING_CATEGORIES, self._tenant, query).found

    def trial_balance(self, at: date) -> Report:
        """The report of the end of a day.

        Raises:
            InconsistentData: The user may not see reports.
        """
        try:
            found = self._of(datasets.TRIAL_BALANCE, self._tenant, {"date": at.isoformat()}).found
        except ReconnectNeeded as refused:
            message = Message("balances_refused", {"title": TITLE})
            raise InconsistentData(message, detail=refused.detail) from None
        if len(found) != 1:
            unknown("Reports is not one report")
        return found[0]

    def journals_behind(self, number: int) -> Iterator[list[JournalRow]]:
        """The pages of journals with a higher number, in the order of their numbers.

        A page has at most a hundred. Only an empty one is the last: Xero may end others early.

        Raises:
            OurFault: Xero did not allow this installation to read journals.
            InconsistentData: Journals do not come in the order of their numbers, as where a page is repeated.
        """
        while rows := self._journals(number):
            numbers = [number, *map(NUMBER, rows)]
            if any(first >= second for first, second in pairwise(numbers)):
                contradicts("journals are not in the order of their numbers")
            yield rows
            number = numbers[-1]

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _journals(self, number: int) -> list[JournalRow]:
        query = _behind(number)

        def following(body: bytes) -> Call | None:
            last = last_number(body)
            return None if last is None else self._call(datasets.JOURNALS, self._tenant, _behind(last))

        try:
            return self._of(datasets.JOURNALS, self._tenant, query, following).found
        except ScopeMissing as refused:
            message = Message("ledger_closed", {"title": TITLE})
            raise OurFault(message, code="ledger_closed", detail=refused.detail) from None

    def _of(
        self,
        dataset: Dataset[D],
        tenant: str | None,
        query: Mapping[str, str] | None = None,
        then: Follows | None = None,
    ) -> D:
        """What a tenant answers.

        Raises:
            EntityGone: It is no longer among those that are connected.
        """
        if tenant is None:
            unknown("a tenant is needed")
        try:
            return self._ask(dataset, tenant, query, then)
        except TenantRefused:
            if all(each.tenant != tenant for each in self.connections()):
                raise gone() from None
            raise

    def _ask(
        self,
        dataset: Dataset[D],
        tenant: str | None,
        query: Mapping[str, str] | None = None,
        then: Follows | None = None,
    ) -> D:
        question = self._call(dataset, tenant, query)
        try:
            answer = self._client.ask(**question._asdict(), decode=dataset.decode, then=then)
        except ValidationError as wrong:
            unknown(str(wrong))
        self._answered_at = answer.sent_at
        document: D = answer.document
        return document

    def _call(self, dataset: Dataset[D], tenant: str | None, query: Mapping[str, str] | None) -> Call:
        # Xero answers XML otherwise.
        headers = {"Accept": "application/json"} | ({"xero-tenant-id": tenant} if tenant else {})
        return Call("GET", dataset.path, headers, query)


def last_number(body: bytes) -> int | None:
    """The number of the last journal of a page, seen in its text; None where it has none.

    No text in the page reads like this: quotes within texts are escaped.
    """
    place = body.rfind(NUMBER_NAME)
    found = NUMBER_OF_TEXT(body, place) if place >= 0 else None
    return int(found[1]) if found else None


def gone() -> EntityGone:
    """That a tenant is not there for this connection."""
    return EntityGone(Message("administration_hidden", {"title": TITLE}))


def _behind(number: int) -> Mapping[str, str]:
    return {"offset": str(number)}
