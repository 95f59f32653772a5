"""One company of a Tryton database as a source of the contract.

The company is asked for in every domain: the context does not choose it, and an answer with a line of
another company is refused. Posted moves cannot be deleted or edited, but their lines change: so what an
increment reads is whole moves, those whose own stamp or whose lines' stamps are new.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from monitr_pipelines.ledger.changes import Bookings, Cursor, Replace, WholeLedger
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue, LedgerLine
from monitr_pipelines.lifecycle.errors import CursorExpired, EntityGone, InconsistentData
from monitr_pipelines.providers.contract import Administration, Checkpoint, End, Item, Ports
from monitr_pipelines.providers.tryton.cursor import Names, Position
from monitr_pipelines.providers.tryton.datasets import (
    ACCOUNTS,
    ANALYTIC_ACCOUNTS,
    BALANCES,
    COMPANIES,
    FISCAL_YEARS,
    LINES,
    MOVES,
    STAMPS,
)
from monitr_pipelines.providers.tryton.lines import Value, code_of, ledger_lines
from monitr_pipelines.providers.tryton.rpc import Session, as_date, as_moment

# A transaction is stamped when it begins and seen when it commits: longer than any of the server's lasts.
OVERLAP = timedelta(hours=1)
MOVES_AT_ONCE = 200
PREFERENCES_ALONE = True
STATEMENTS = {
    "balance": AccountType.BALANCE_SHEET,
    "off-balance": AccountType.BALANCE_SHEET,
    "income": AccountType.PROFIT_AND_LOSS,
}


def connect(administration: str | None, ports: Ports) -> "TrytonSource":
    """Sign in; EntityGone where the user does not read the company."""
    source = TrytonSource(Session(ports), administration)
    try:
        source.refuse_unreadable()
    except BaseException:
        source.close()
        raise
    return source


class TrytonSource:
    """A signed-in user's view of one company, or of none to look around."""

    def __init__(self, session: Session, administration: str | None) -> None:
        self._session = session
        self._asked_for = administration
        self._company = int(administration) if administration and administration.isdigit() else None

    def check(self) -> None:
        """Signing in was the check."""

    def administrations(self) -> Sequence[Administration]:
        """The companies whose lines the user reads: others are listed by Tryton, and their ledgers empty."""
        return [
            Administration(str(record["id"]), record["party."]["name"], record["currency."]["code"])
            for record in COMPANIES.read(self._session, [["id", "in", sorted(self._readable)]])
        ]

    def accounts(self) -> list[Account]:
        """The whole chart, closed accounts too."""
        return [Account(code_of(record), record["name"], _type_of(record)) for record in self._accounts]

    def axes(self) -> list[AxisValue]:
        """Every analytic account below a root, which is an axis."""
        return [
            AxisValue(*self._values[record["id"]], record["name"])
            for record in self._analytic_accounts
            if record["id"] in self._values
        ]

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger a page of lines at a time, or the moves that changed, whole."""
        position = Position.of(cursor) if cursor is not None else None
        if position and not self._has_names_of(position):
            raise CursorExpired("Codes of accounts changed in Tryton; the whole ledger is read.")
        if position and position.after is not None:
            yield from self._whole(position, after=position.after)
        elif position and position.since is not None:
            yield from self._changed(position.since)
        else:
            yield from self._whole(self._position_of_now(), after=0)

    def trial_balance(self, at: date) -> Mapping[str, Decimal]:
        """Balances of accounts at the end of a day, those that are zero left out.

        Tryton's `balance` is since ever, for income accounts too; their year is in `debit` and `credit`.
        A date of no fiscal year would be answered with zeros: InconsistentData then.
        """
        if not any(start <= at <= end for start, end in self._fiscal_years):
            raise InconsistentData(f"Tryton has no fiscal year that holds {at.isoformat()}.")
        found: defaultdict[str, Decimal] = defaultdict(Decimal)
        context = {"date": as_date(at), "flat_balance": True, "posted": True}
        for record in BALANCES.read(self._session, [["company", "=", self._company]], context):
            yearly = self._types.get(code_of(record)) is AccountType.PROFIT_AND_LOSS
            found[code_of(record)] += record["debit"] - record["credit"] if yearly else record["balance"]
        return {code: balance for code, balance in found.items() if balance}

    def close(self) -> None:
        """Sign out."""
        self._session.close()

    def refuse_unreadable(self) -> None:
        """EntityGone where the user does not read the company: Tryton would answer as if it were empty."""
        if self._asked_for is not None and self._company not in self._readable:
            raise EntityGone(
                "The user of this connection does not read this company in Tryton. Give the user access to "
                "it there, with the company filter “All” in the user's preferences."
            )

    def _whole(self, position: Position, *, after: int) -> Iterator[Item]:
        for page in LINES.pages(self._session, self._posted, after):
            yield Replace(WholeLedger(), self._lines(page))
            if page:
                yield Checkpoint(replace(position, after=page[-1]["id"]).stored())
        yield End(replace(position, after=None).stored())

    def _changed(self, since: datetime) -> Iterator[Item]:
        position = self._position_of_now()
        moves = [record["id"] for record in MOVES.read(self._session, self._changed_since(since - OVERLAP))]
        for first in range(0, len(moves), MOVES_AT_ONCE):
            some = moves[first : first + MOVES_AT_ONCE]
            scope = Bookings(frozenset(map(str, some)))
            for page in LINES.pages(self._session, [*self._posted, ["move", "in", some]]):
                yield Replace(scope, self._lines(page))
        yield End(position.stored())

    @property
    def _posted(self) -> list[Any]:
        return [["move.company", "=", self._company], ["move.state", "=", "posted"]]

    def _changed_since(self, moment: datetime) -> list[Any]:
        stamp = as_moment(moment)
        fresh = [["write_date", ">=", stamp], ["create_date", ">=", stamp]]
        return [
            ["company", "=", self._company],
            ["state", "=", "posted"],
            ["OR", *fresh, ["lines", "where", ["OR", *fresh]]],
        ]

    def _position_of_now(self) -> Position:
        """Asked for ahead of the lines, so that what changes while they are read is read again."""
        stamps = []
        for column in STAMPS:
            newest = self._session.search_read(
                LINES.model,
                [["move.company", "=", self._company]],
                STAMPS,
                limit=1,
                order=f"{column} DESC NULLS LAST",
            )
            stamps += [record[name] for record in newest for name in STAMPS if record[name]]
        return Position(
            max(stamps, default=None), Names.of(self._accounts), Names.of(self._analytic_accounts)
        )

    def _has_names_of(self, position: Position) -> bool:
        return position.accounts.are_those_of(self._accounts) and position.axes.are_those_of(
            self._analytic_accounts
        )

    def _lines(self, page: list[dict[str, Any]]) -> Iterator[LedgerLine]:
        for record in page:
            move = record["move."]
            if move["company"] != self._company or move["state"] != "posted":
                raise InconsistentData(
                    "Tryton answered with lines that were not asked for.", detail=f"line {record['id']}"
                )
            yield from ledger_lines(record, self._values)

    @cached_property
    def _readable(self) -> frozenset[int]:
        preferences = self._session.call("model.res.user.get_preferences", PREFERENCES_ALONE, {})
        every = preferences.get("companies") or []
        own = preferences.get("company")
        return frozenset(every if preferences.get("company_filter") == "all" else [own] if own else [])

    @cached_property
    def _accounts(self) -> list[dict[str, Any]]:
        return ACCOUNTS.read(self._session, [["company", "=", self._company]])

    @cached_property
    def _types(self) -> dict[str, AccountType | None]:
        return {account.code: account.type for account in self.accounts()}

    @cached_property
    def _fiscal_years(self) -> list[tuple[date, date]]:
        records = FISCAL_YEARS.read(self._session, [["company", "=", self._company]])
        return [(record["start_date"], record["end_date"]) for record in records]

    @cached_property
    def _analytic_accounts(self) -> list[dict[str, Any]]:
        return ANALYTIC_ACCOUNTS.read(self._session, [["company", "=", self._company]])

    @cached_property
    def _values(self) -> dict[int, Value]:
        roots = {
            record["id"]: str(record["code"] or record["name"])
            for record in self._analytic_accounts
            if record["type"] == "root"
        }
        return {
            record["id"]: (roots[record["root"]], code_of(record))
            for record in self._analytic_accounts
            if record["type"] != "root" and record["root"] in roots
        }


def _type_of(record: Mapping[str, Any]) -> AccountType | None:
    statement = record["type."]["statement"] if record["type."] else None
    return STATEMENTS.get(statement) if statement else None
