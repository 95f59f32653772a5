"""The accounts of an entity, the unmapped first, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitr_pipelines.ledger.mapping.placing import Placing
from monitr_pipelines.warehouse.mapping.reading import Account, Value, read_accounts, read_values
from monitr_pipelines.web.mapping.visits import Visit

PAGE_SIZE = 50
# Of one account that is opened.
MOST_VALUES = 200
LONGEST_QUERY = 200


class Show(StrEnum):
    """Which accounts are listed."""

    ALL = "all"
    UNMAPPED = "unmapped"
    CHOSEN = "chosen"


@dataclass(frozen=True)
class Asked:
    """What is searched and filtered for; `opened` is the account whose values are shown."""

    show: Show = Show.ALL
    q: str = ""
    line: str = ""
    page: int = 1
    opened: str = ""

    def query(self, **changes: object) -> dict[str, object]:
        """The query of an address, with something changed."""
        shown = "" if self.show is Show.ALL else self.show
        page = self.page if self.page > 1 else 0
        asked = {"show": shown, "q": self.q, "line": self.line, "page": page, "open": self.opened}
        return asked | changes


@dataclass(frozen=True)
class Listing:
    """A page of accounts; `found` is how many match, `counts` how many each of `Show` has.

    `new`: the accounts that stand on no line since the last import.
    """

    rows: Sequence[Account]
    values: Sequence[Value]
    found: int
    pages: int
    counts: Mapping[Show, int]
    new: frozenset[str]


@dataclass(frozen=True)
class Typed:
    """What someone entered, to be shown again: lines by placing; line and comment for what is selected."""

    lines: Mapping[Placing, str] = field(default_factory=dict)
    selected: frozenset[Placing] = frozenset()
    line: str = ""
    comment: str = ""


def asked_for(query: Mapping[str, Any]) -> Asked:
    """What an address or a form asks for; what it cannot be is as if it were not there."""
    show, page = str(query.get("show", "")), str(query.get("page", ""))
    return Asked(
        Show(show) if show in set(Show) else Show.ALL,
        str(query.get("q", ""))[:LONGEST_QUERY].strip(),
        str(query.get("filter", query.get("line", "")))[:LONGEST_QUERY].strip(),
        int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
        str(query.get("open", ""))[:LONGEST_QUERY],
    )


def read_listing(visit: Visit, asked: Asked) -> Listing:
    """The page of accounts that is asked for, the last where there are not as many."""
    accounts = read_accounts(visit.connection, visit.mapping)
    found = matching(visit, accounts, asked)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    first = (min(max(asked.page, 1), pages) - 1) * PAGE_SIZE
    rows = found[first : first + PAGE_SIZE]
    opened = [each.placed.code for each in rows if each.placed.code == asked.opened]
    values = read_values(visit.connection, visit.mapping, opened) if opened else []
    largest = sorted(values, key=lambda value: (value.choice is None, -abs(value.amount), value.value))
    counts = {show: sum(_is_shown(each, show) for each in accounts) for show in Show}
    new = frozenset(account for account, _ in visit.mapping.counts.get("new", ()))
    return Listing(rows, largest[:MOST_VALUES], len(found), pages, counts, new)


def matching(visit: Visit, accounts: Sequence[Account], asked: Asked) -> list[Account]:
    """The accounts that match, those on no line first, the largest of them before the others."""
    line = visit.mapping.lines.find(asked.line) if asked.line else None
    found = [
        each
        for each in accounts
        if _is_shown(each, asked.show)
        and asked.q.casefold() in f"{each.placed.code} {each.placed.name}".casefold()
        and (line is None or line in visit.mapping.lines.up_from(each.placed.line))
    ]
    return sorted(found, key=_order)


def _order(account: Account) -> tuple[object, ...]:
    if account.placed.is_unmapped:
        return 0, -abs(account.amount), account.placed.code
    return 1, 0, account.placed.code


def _is_shown(account: Account, show: Show) -> bool:
    match show:
        case Show.UNMAPPED:
            return account.placed.is_unmapped
        case Show.CHOSEN:
            return account.choice is not None
    return True
