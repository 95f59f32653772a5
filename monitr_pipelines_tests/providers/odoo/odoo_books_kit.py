"""Books as Odoo keeps them, in memory, and what people and programs do to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

LINE, MOVE, ACCOUNT = "account.move.line", "account.move", "account.account"
ANALYTIC, PARTNER, JOURNAL = "account.analytic.account", "res.partner", "account.journal"
COMPANY = "res.company"
NORTH, SOUTH = 3, 4
MINUTE = timedelta(minutes=1)
BEGUN = datetime(2026, 3, 2, 8, 0, 0, 250_000, tzinfo=UTC)
Row = dict[str, Any]


def table(*rows: Row) -> dict[int, Row]:
    return {row["id"]: row for row in rows}


def account(id_: int, north: str | None, south: str | None, kind: str, name: str = "") -> Row:
    codes = {company: code for company, code in ((NORTH, north), (SOUTH, south)) if code}
    return {"id": id_, "codes": codes, "name": name or f"Account {id_}", "account_type": kind, "active": True}


@dataclass
class Books:
    """The tables of a database; lines refer to other rows by id, amounts are in cents.

    `clock` is that of the database: each transaction begins a minute after the one before.
    """

    clock: datetime = BEGUN
    tables: dict[str, dict[int, Row]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    next_id: int = 7000

    def __post_init__(self) -> None:
        self.tables |= {
            COMPANY: table(
                {"id": NORTH, "name": "North NV", "currency_id": 125, "fiscalyear_last_month": "6"},
                {"id": SOUTH, "name": "South BV", "currency_id": 125, "fiscalyear_last_month": "12"},
            ),
            "res.currency": table({"id": 125, "name": "EUR"}, {"id": 1, "name": "USD"}),
            ACCOUNT: table(
                account(310, "610000", "612000", "expense"),
                account(311, "700000", "700000", "income"),
                account(312, "400000", "400000", "asset_receivable"),
                account(313, "550000", None, "asset_cash"),
                account(314, "000000", None, "off_balance"),
                account(315, None, "551000", "asset_cash"),
            ),
            JOURNAL: table(
                {"id": 1, "code": "MISC", "name": "Miscellaneous", "company_id": NORTH},
                {"id": 2, "code": "INV", "name": "Invoices", "company_id": NORTH},
                {"id": 3, "code": "MISC", "name": "Miscellaneous", "company_id": SOUTH},
            ),
            "account.analytic.plan": table(
                {"id": 2, "name": "Departments"}, {"id": 4, "name": "Products"}, {"id": 5, "name": "Products"}
            ),
            ANALYTIC: table(
                *(
                    {"id": id_, "name": f"Value {id_}", "code": code, "root_plan_id": plan, "active": True}
                    for id_, code, plan in (
                        (24, "CC1", 2),
                        (25, "CC2", 2),
                        (26, "CC2", 2),
                        (31, "P1", 4),
                        (32, False, 4),
                        (37, "X", 5),
                    )
                )
            ),
            PARTNER: table(
                *(
                    {"id": id_, "display_name": f"Customer {id_}", "write_date": BEGUN}
                    for id_ in (50, 51, 52, 53)
                )
            ),
            MOVE: {},
            LINE: {},
        }

    def begin(self) -> datetime:
        """The stamp of the next transaction."""
        self.clock += MINUTE
        return self.clock

    def take_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def entry(
        self,
        on: date,
        lines: Iterable[Mapping[str, Any]],
        *,
        company: int = NORTH,
        state: str = "posted",
        stamp: datetime | None = None,
        id_: int | None = None,
    ) -> int:
        """An entry with lines such as {"account": 310, "cents": 100}; `id_` and `stamp` of a late one."""
        stamp = stamp or self.begin()
        move = id_ or self.take_id()
        number = f"MISC/{on:%Y/%m}/{len(self.tables[MOVE]) + 1:04}" if state == "posted" else "/"
        self.tables[MOVE][move] = {"id": move, "name": number}
        for position, given in enumerate(lines):
            line = move * 10 + position
            self.tables[LINE][line] = self._line(line, move, on, given, company) | {
                "parent_state": state,
                "write_date": stamp,
            }
        return move

    def _line(self, id_: int, move: int, on: date, given: Mapping[str, Any], company: int) -> Row:
        cents = given.get("cents", 0)
        return {
            "id": id_,
            "move_id": move,
            "move_name": self.tables[MOVE][move]["name"],
            "date": f"{on}",
            "company_id": company,
            "company_currency_id": 125,
            "account_id": given.get("account", False),
            "journal_id": given.get("journal", 1 if company == NORTH else 3),
            "partner_id": given.get("partner") or False,
            "name": given.get("name", f"Line {id_}"),
            "ref": given.get("ref", False),
            "debit": max(cents, 0),
            "credit": max(-cents, 0),
            "balance": cents,
            "currency_id": given.get("currency", 125),
            "amount_currency": given.get("foreign", cents),
            "analytic_distribution": given.get("distribution") or False,
            "display_type": given.get("display_type", "product"),
        }

    def lines_of(self, move: int) -> list[Row]:
        return [row for row in self.tables[LINE].values() if row["move_id"] == move]

    def moves(self, company: int = NORTH, state: str = "posted") -> list[int]:
        found = {
            row["move_id"]
            for row in self.tables[LINE].values()
            if row["company_id"] == company and row["parent_state"] == state
        }
        return sorted(found)

    def change(self, move: int, stamp: datetime | None = None, **values: Any) -> None:  # noqa: ANN401
        """Change all lines of an entry, which stamps them."""
        stamp = stamp or self.begin()
        for row in self.lines_of(move):
            row.update(values | {"write_date": stamp})

    def change_line(self, line: int, stamp: datetime | None = None, **values: Any) -> None:  # noqa: ANN401
        """Change one line, which stamps it alone."""
        self.tables[LINE][line].update(values | {"write_date": stamp or self.begin()})

    def rewrite(self, move: int, cents: int) -> None:
        """Other amounts, as a reset to draft, an edit and posting again leave them."""
        stamp = self.begin()
        for row in self.lines_of(move):
            size = cents if row["balance"] > 0 else -cents
            row.update(
                debit=max(size, 0),
                credit=max(-size, 0),
                balance=size,
                amount_currency=size,
                write_date=stamp,
            )

    def replace_lines(self, move: int) -> None:
        """The same amounts on new lines, as editing an invoice does."""
        stamp = self.begin()
        for row in self.lines_of(move):
            del self.tables[LINE][row["id"]]
            new = self.take_id() * 10
            self.tables[LINE][new] = row | {"id": new, "write_date": stamp}

    def delete(self, move: int) -> None:
        for row in self.lines_of(move):
            del self.tables[LINE][row["id"]]
        del self.tables[MOVE][move]

    def recode(self, id_: int, code: str, company: int = NORTH) -> None:
        """Another code for an account, which stamps no line."""
        self.tables[ACCOUNT][id_]["codes"][company] = code

    def rename(self, model: str, id_: int, **values: Any) -> None:  # noqa: ANN401
        """Other names of what lines refer to, which stamps no line."""
        self.tables[model][id_].update(values | {"write_date": self.begin()})


def two_lines(
    debit: int, credit: int, cents: int, distribution: object = None, partner: int | None = None
) -> list[Row]:
    """The two lines of a simple entry."""
    return [
        {"account": debit, "cents": cents, "distribution": distribution, "partner": partner},
        {"account": credit, "cents": -cents, "partner": partner},
    ]


def year_of_books(entries: int = 12) -> Books:
    """Books with entries over a year, drafts, canceled ones, text lines and another company among them."""
    books = Books()
    for number in range(entries):
        on = date(2025 + (number + 6) // 12, (number + 6) % 12 + 1, 1 + number % 28)
        lines = two_lines(310, 312, 10_000 + number * 7, {"24": 60.0, "25": 40.0}, partner=50 + number % 4)
        books.entry(on, [*lines, {"display_type": "line_section", "name": "A heading"}])
        books.entry(on, two_lines(312, 311, 20_000 + number), company=SOUTH)
        if number % 5 == 0:
            books.entry(on, two_lines(313, 312, 1), state="draft")
            books.entry(on, two_lines(313, 312, 1), state="cancel")
    return books
