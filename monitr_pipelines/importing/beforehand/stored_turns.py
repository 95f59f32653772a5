"""The stored lines of first and last days of fiscal years, read once however many files are looked at."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property

from monitr_pipelines.ledger.beforehand.outlook import MOST_TURN_LINES
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.turns.lines import TurnLine
from monitr_pipelines.warehouse.reports import turns
from monitr_pipelines.warehouse.server.database import Connection

Days = Mapping[date, Sequence[TurnLine]]


class StoredTurns:
    """What is stored of an entity on such days; `months` are those in which it has lines at all.

    Whoever holds one is in the transaction, or the look, in which its lines stay as they are.
    """

    def __init__(self, connection: Connection, entity_id: int, months: Collection[Month]) -> None:
        self._connection = connection
        self._entity_id = entity_id
        self._months = frozenset(months)
        self._first: dict[date, Sequence[TurnLine]] = {}
        self._last: dict[tuple[date, frozenset[str]], Sequence[TurnLine]] = {}
        self._too_many: list[frozenset[date]] = []

    @cached_property
    def result_account(self) -> str | None:
        """The account that takes the results of the years, if one is named."""
        return turns.result_account(self._connection, self._entity_id)

    def first(self, days: Iterable[date]) -> Days | None:
        """The lines of first days that the source calls no opening; None where they are too many to judge."""
        asked = frozenset(day for day in days if Month.of(day) in self._months)
        if any(many <= asked for many in self._too_many):
            return None
        unread = sorted(asked - self._first.keys())
        if unread:
            found = turns.first_lines(self._connection, self._entity_id, unread, MOST_TURN_LINES + 1)
            if sum(map(len, found.values())) > MOST_TURN_LINES:
                self._too_many.append(frozenset(unread))
                return None
            self._first.update({day: found.get(day, ()) for day in unread})
        lines = {day: self._first[day] for day in sorted(asked)}
        return lines if sum(map(len, lines.values())) <= MOST_TURN_LINES else None

    def last(self, emptied_on: Iterable[tuple[date, str]]) -> Days:
        """The lines of the entries of last days that move an account which is emptied on that day."""
        accounts: dict[date, set[str]] = {}
        for day, account in emptied_on:
            if Month.of(day) in self._months:
                accounts.setdefault(day, set()).add(account)
        asked = {(day, frozenset(codes)) for day, codes in accounts.items()}
        unread = asked - self._last.keys()
        found = turns.last_lines(
            self._connection, self._entity_id, [(day, account) for day, codes in unread for account in codes]
        )
        self._last.update({(day, codes): found.get(day, ()) for day, codes in unread})
        return {day: self._last[day, codes] for day, codes in asked}
