"""The bookings of a dossier: all of them by bookyear and type of journal, or those that changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from msgspec import ValidationError

from monitr_pipelines.ledger.changes import Bookings, Replace, WholeLedger
from monitr_pipelines.lifecycle.errors import CursorExpired, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.octopus import datasets
from monitr_pipelines.providers.octopus.api import EVERY, LONG_AGO, Api, Asked, is_too_large
from monitr_pipelines.providers.octopus.columns import Page
from monitr_pipelines.providers.octopus.cursors import Fetch, Place
from monitr_pipelines.providers.octopus.datasets import LINE, AmountRow, BookyearRow, LineRow
from monitr_pipelines.providers.octopus.lines import (
    JOURNAL_TYPES,
    booked,
    booking_of,
    deleted_of,
    journal_of,
    number_of,
    pages_of,
)
from monitr_pipelines.providers.octopus.signs import added_up, nothing, prove, sign_beside, sign_of_balances
from monitr_pipelines.providers.octopus.values import TITLE, contradicts, day, stamp, unknown

# What was written within less is asked for at once, or not at all.
SHORTEST = timedelta(minutes=1)


class Stream:
    """The items of one stream.

    `place` is where the next one goes on; `accounts` are the numbers that lines use, and `amounts` the
    balances that were read behind the whole ledger.
    """

    def __init__(self, api: Api, place: Place, now: datetime) -> None:
        self.place = place
        self.accounts: set[int] = set()
        self.amounts: Sequence[AmountRow] | None = None
        self._api = api
        self._now = now

    def whole(self, bookyears: Iterable[BookyearRow]) -> Iterator[Item]:
        """Every bookyear by the types of journals, as Octopus demands of whoever reads for the first time."""
        yield Replace(WholeLedger(), ())  # books without a line are a whole ledger too
        fetch = self._begun()
        questions = [
            (Asked(year.key.id, journal_type, LONG_AGO), _beginning(year))
            for year in sorted(bookyears, key=lambda row: row.start)
            for journal_type in JOURNAL_TYPES
            if (year.key.id, journal_type) not in fetch.done
        ]
        asked = [question for question, _ in questions]
        for (question, first), following in zip(questions, [*asked[1:], None], strict=False):
            for found in self._answers(question, first, self._now, following):
                yield from self._part(fetch, found, question)
            fetch.done.append((question.bookyear, question.journal_type))
            yield Checkpoint(self.place.as_json())
        self.amounts = read_amounts(self._api)
        prove(fetch.sums, fetch.before, added_up(self.amounts), self.place.balance_sign or 1)
        self.place = replace(self.place, fetch=None)

    def changed(self) -> Iterator[Item]:
        """Every booking that changed, whole, and those that are gone.

        Raises:
            CursorExpired: There was no line yet to tell the sign of amounts.
        """
        found = self._api.bookings(Asked(EVERY, EVERY, self.place.window))
        if found is None or not (found.modified or found.deleted):
            return
        if self.place.sign is None:
            raise CursorExpired(Message("cursor_expired", {"title": TITLE}), detail="no sign is known yet")
        there = set[str]()
        for rows in pages_of(booked(_rows(found))):
            page = Page(rows)
            self._note(page)
            keys = frozenset(_bookings(rows))
            there |= keys
            yield Replace(Bookings(keys), page.lines(self.place.sign))
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

    def _answers(
        self, asked: Asked, first: datetime, last: datetime, then: Asked | None = None
    ) -> Iterator[datasets.Bookings]:
        """The answer to a question, or those to its halves in time, as often as they do not fit.

        Args:
            asked: The question.
            first: When what it asks for began to be written, or a little before.
            last: When it was no longer written.
            then: What will be asked next.
        """
        try:
            found = self._api.bookings(asked, then)
        except OurFault as fault:
            if not is_too_large(fault) or last - first < SHORTEST:
                raise
            middle = first + (last - first) / 2
            yield from self._answers(asked._replace(until=stamp(middle)), first, middle)
            yield from self._answers(asked._replace(since=stamp(middle)), middle, last, then)
        else:
            if found is not None:
                yield found

    def _part(self, fetch: Fetch, found: datasets.Bookings, asked: Asked) -> Iterator[Item]:
        if self.place.sign is None and found.modified:
            balance_sign = sign_of_balances(fetch.before)
            sign = balance_sign * sign_beside(_rows(found), self.amounts or ())
            self.place = replace(self.place, sign=sign, balance_sign=balance_sign)
        sign, sums = self.place.sign or 1, fetch.sums[asked.bookyear]
        for rows in pages_of(_rows(found)):
            page = Page(rows)
            if not page.is_of(asked.bookyear, asked.journal_type):
                contradicts("bookings of another bookyear or journal than was asked for")
            self._note(page)
            page.add_to(sums, sign)
            yield Replace(WholeLedger(), page.lines(sign))

    def _note(self, page: Page) -> None:
        self.accounts.update(page.values["account"])
        used = set(filter(None, map(number_of, set(page.values["cost_centre"]))))
        if unnamed := used - self.place.cost_centres.keys():
            centres = {**self.place.cost_centres, **{code: code for code in sorted(unnamed)}}
            self.place = replace(self.place, cost_centres=centres)


def read_amounts(api: Api) -> list[AmountRow]:
    """What moved on every account in every period; none where nothing ever did."""
    found = api.all(datasets.AMOUNTS)
    rows: list[AmountRow] = found.modified if found else []
    return rows


def _beginning(year: BookyearRow) -> datetime:
    """When a bookyear begins: little of it was written before, and that is in the first part of its time."""
    return datetime.combine(day(year.start, "startDate"), time(), UTC)


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
