"""The bookings of a dossier: all of them by bookyear and type of journal, or those that changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec import ValidationError

from monitr_pipelines.ledger.changes import Bookings, Replace, WholeLedger
from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.octopus import datasets
from monitr_pipelines.providers.octopus.api import EVERY, LONG_AGO, Api
from monitr_pipelines.providers.octopus.columns import Values, page_of, values_of
from monitr_pipelines.providers.octopus.cursors import Fetch, Place
from monitr_pipelines.providers.octopus.datasets import LINE, AmountRow, BookyearRow, LineRow
from monitr_pipelines.providers.octopus.lines import (
    JOURNAL_TYPES,
    account_of,
    asked_for,
    booked,
    booking_of,
    deleted_of,
    journal_of,
    number_of,
    pages_of,
    signed,
)
from monitr_pipelines.providers.octopus.signs import added_up, nothing, prove, sign_beside, sign_of_balances
from monitr_pipelines.providers.octopus.values import TITLE, exact, unknown


class Stream:
    """The items of one stream.

    `place` is where the next one goes on; `accounts` and `cost_centres` are the numbers that lines use, and
    `amounts` the balances that were read behind the whole ledger.
    """

    def __init__(self, api: Api, place: Place, now: datetime) -> None:
        self.place = place
        self.accounts: set[int] = set()
        self.cost_centres: set[str] = set()
        self.amounts: Sequence[AmountRow] | None = None
        self._api = api
        self._now = now

    def whole(self, bookyears: Iterable[BookyearRow]) -> Iterator[Item]:
        """Every bookyear by the types of journals, as Octopus demands of whoever reads for the first time."""
        yield Replace(WholeLedger(), ())  # books without a line are a whole ledger too
        fetch = self._begun()
        questions = [
            (year.key.id, journal_type)
            for year in sorted(bookyears, key=lambda row: row.start)
            for journal_type in JOURNAL_TYPES
            if (year.key.id, journal_type) not in fetch.done
        ]
        for question, following in zip(questions, [*questions[1:], None], strict=False):
            found = self._api.bookings(*question, LONG_AGO, then=following)
            if found is not None:
                yield from self._part(fetch, found, *question)
            fetch.done.append(question)
            yield Checkpoint(self.place.as_json())
        self.amounts = read_amounts(self._api)
        prove(fetch.sums, fetch.before, added_up(self.amounts), self.place.balance_sign or 1)
        self.place = replace(self.place, fetch=None)

    def changed(self) -> Iterator[Item]:
        """Every booking that changed, whole, and those that are gone.

        Raises:
            CursorExpired: There was no line yet to tell the sign of amounts.
        """
        found = self._api.bookings(EVERY, EVERY, self.place.window)
        if found is None or not (found.modified or found.deleted):
            return
        if self.place.sign is None:
            raise CursorExpired(Message("cursor_expired", {"title": TITLE}), detail="no sign is known yet")
        there = set[str]()
        for page in pages_of(booked(_rows(found))):
            values = values_of(page)
            self._note(values)
            keys = frozenset(_bookings(page))
            there |= keys
            yield Replace(Bookings(keys), page_of(page, values, self.place.sign))
        if gone := deleted_of(found.deleted) - there:
            yield Replace(Bookings(frozenset(gone)), ())
        self.place = replace(self.place, since=self._now)

    def _begun(self) -> Fetch:
        """The fetch that goes on; one that found no line yet begins anew."""
        fetch = self.place.fetch
        if fetch is None or self.place.sign is None:
            self.amounts = read_amounts(self._api)
            fetch = Fetch(added_up(self.amounts), nothing(), [])
            self.place = replace(self.place, fetch=fetch)
        return fetch

    def _part(
        self, fetch: Fetch, found: datasets.Bookings, bookyear: int, journal_type: int
    ) -> Iterator[Item]:
        if self.place.sign is None and found.modified:
            balance_sign = sign_of_balances(fetch.before)
            sign = balance_sign * sign_beside(_rows(found), self.amounts or ())
            self.place = replace(self.place, sign=sign, balance_sign=balance_sign)
        sign, sums = self.place.sign or 1, fetch.sums[bookyear]
        for page in pages_of(asked_for(_rows(found), bookyear, journal_type)):
            values = values_of(page)
            self._note(values)
            for account, amount in zip(values["account"], values["amount"], strict=True):
                sums[account_of(account)] += signed(exact(amount, "bookingAmount"), sign)
            yield Replace(WholeLedger(), page_of(page, values, sign))

    def _note(self, values: Values) -> None:
        self.accounts.update(values["account"])
        self.cost_centres.update(filter(None, map(number_of, set(values["cost_centre"]))))


def read_amounts(api: Api) -> list[AmountRow]:
    """What moved on every account in every period; none where nothing ever did."""
    found = api.all(datasets.AMOUNTS)
    rows: list[AmountRow] = found.modified if found else []
    return rows


def _rows(found: datasets.Bookings) -> Iterator[LineRow]:
    try:
        yield from map(LINE, found.modified)
    except ValidationError as wrong:
        unknown(str(wrong))


def _bookings(page: Iterable[LineRow]) -> Iterator[str]:
    return (
        booking_of(row.bookyear.id, journal_of(row.journal_type, row.journal_number), row.document)
        for row in page
    )
