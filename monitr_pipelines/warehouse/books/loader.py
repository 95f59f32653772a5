"""Deliveries into the books: staged, compared, guarded and committed in one transaction.

Rows, cursor, counts and control totals of a dataset become visible together or not at all. Nothing
is deleted on a doubt: an answer that empties or halves a month, or books that do not balance, end
the import and leave the stored lines as they were.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from monitr_pipelines.ledger.changes import Cursor, Delivery, Scope, WholeLedger
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TieOut, TrialBalance
from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault
from monitr_pipelines.lifecycle.imports import ImportMode
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.books import checks, doubts, stage, straight, tie_out
from monitr_pipelines.warehouse.books.unstorable import storable
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.fence import Committed, fence, owned_transaction
from monitr_pipelines.warehouse.queue.outcome import save_findings
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

TRANSACTIONS = "gl_transactions"
MOST_LINES = 4  # one in four: beyond, noting every touched line costs more than reading all of them
MONTH_BALANCE = Mirror(
    "raw.month_balance",
    "books/month_balance.sql",
    ("account_code", "month", "axis_combination", "opening"),
    ("debit", "credit", "lines"),
    stamped=False,
)
ENTITY_TURN = "entity"
COUNTED = ("fetched", "new", "changed", "unchanged", "deleted")


@dataclass
class LoadResult:
    """What a load did. Totals are of the delivered lines, both positive.

    `tie_out`: what became of comparing with the software's own trial balance; None where it has none.
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    findings: list[Finding] = field(default_factory=list)
    tie_out: TieOut | None = None

    def add(self, other: "LoadResult") -> None:
        """Add what another load of the same import did."""
        for name, number in other.counts.items():
            self.counts[name] += number
        self.debit += other.debit
        self.credit += other.credit
        self.findings += other.findings


def load_transactions(
    connection: Connection,
    claimed: Claim,
    deliveries: Iterable[Delivery],
    allowed: Allowances,
    *,
    told: TrialBalance | ImportProblem | None = None,
) -> LoadResult:
    """Load deliveries, in their order, and the cursor that the last one carries, as one transaction.

    A full import compares the ledger before the first delivery with the one after the last; an
    increment compares within the scope of each delivery. The books are then compared with the trial balance
    that was `told`, or it is noted why none was. Raises InconsistentData with findings, and LeaseLost when
    another import took over.
    """
    with storable(), owned_transaction(connection, claimed):
        load = _Load(connection, claimed, allowed)
        for delivery in deliveries:
            load.apply(delivery)
        load.check_whole()
        load.save_cursor()
        result = load.result
        result.tie_out = None if told is None else tie_out.tie(connection, claimed, told)
        save_findings(connection, claimed, result.findings)
        fence(connection, claimed, Committed(result.counts, result.debit, result.credit, raw=True))
    return result


@dataclass
class _Load:
    """One transaction's way through its deliveries."""

    connection: Connection
    claimed: Claim
    allowed: Allowances
    result: LoadResult = field(default_factory=LoadResult)
    at_first: checks.Months | None = None
    at_last: checks.Months | None = None
    accounts: set[str] = field(default_factory=set)
    axis_values: set[tuple[str, str]] = field(default_factory=set)
    cursor: Cursor | None = None
    lists_are_whole: bool = False

    def apply(self, delivery: Delivery) -> None:
        """Bring the ledger to what a delivery says, and count what that did."""
        delivered = self._receive(delivery)
        if not delivered.straight:
            _settle_keys(self.connection, delivery, delivered)
            self._count_delivered("control_totals")
        removed = self._delete_keys() if delivered.deletes else 0
        before = checks.count_months(self.connection, self.claimed.entity_id)
        self._refuse_partial(delivered, before.total)
        self.at_first = self.at_first or before
        if delivery.appended:
            self.result.findings += checks.equal_rows(self.connection, self.claimed.entity_id)
        self._add_dictionaries(delivery)
        written, left = self._write(delivered, before.total)
        self._save_accounts(delivery)
        if written:
            self._execute("add_placeholder_accounts", staged=_follows(delivered, before.total))
        if delivered.straight:
            self._count_delivered("control_totals_of_ledger")
        after = before
        if written or left:
            after = checks.count_months(self.connection, self.claimed.entity_id)
        self.at_last = after
        if not self.full:
            checks.refuse_shrunken(before.in_scope, after.in_scope, self.allowed)
        self.result.findings += delivery.findings
        self.result.findings += doubts.repeated_openings(
            self.connection, self.claimed.entity_id, _touched(before, after), self.allowed.calendar
        )
        self.result.findings += checks.check_bookings(
            self.connection,
            self.claimed,
            self.allowed,
            _unbalanced(delivered),
            empty_before=not before.total,
            noted=_follows(delivered, before.total) or not (written or left),
        )
        self._count_changes(new=after.total - before.total + left, written=written, deleted=removed + left)
        self.cursor = delivery.cursor
        # No chart of accounts is empty: such an answer is a doubt, and forgets nothing.
        self.lists_are_whole = delivery.lists_are_whole and bool(delivery.accounts)

    def _receive(self, delivery: Delivery) -> stage.Delivered:
        """Stream a delivery into the stage, or straight into a ledger that has no line yet."""
        entity_id = self.claimed.entity_id
        delivered = stage.Delivered(stage.numbers_of(self.connection, entity_id))
        stage.prepare(self.connection)
        if self._query("may_go_straight")["straight"]:
            lock_entity(self.connection, entity_id)
            rows = straight.write(
                self.connection,
                self.claimed,
                delivered,
                delivery.changes(),
                by_content=delivery.keys_by_content,
            )
        else:
            rows = delivered.stream(delivery.changes())
        if not delivered.straight:
            delivered.rows = stage.fill(self.connection, rows)
            lock_entity(self.connection, entity_id)
        stage.note_scopes(self.connection, delivered)
        return delivered

    def check_whole(self) -> None:
        """What can be judged only when every delivery is in."""
        if not (self.at_first and self.at_last):
            return
        checks.refuse_implausible_span(self.at_last.balances)
        if self.of_files:
            self._ask(self.at_first, self.at_last)
        checks.refuse_unfit_sums(self.connection, self.claimed.entity_id, self.at_last)
        if self.full:
            checks.refuse_shrunken(self.at_first.lines, self.at_last.lines, self.allowed)
        if self.full or self.lists_are_whole:
            self._forget_absent()
        else:
            self._execute("delete_idle_placeholders")
        self.result.findings += checks.check_balance(
            self.connection, self.claimed, self.at_last.balances, self.allowed
        )

    def _ask(self, before: checks.Months, after: checks.Months) -> None:
        """What only people know of a file."""
        entity_id = self.claimed.entity_id
        doubts.refuse_odd_dates(self.connection, entity_id, self.allowed, before, after)
        named = doubts.named_openings(self.connection, entity_id, before, after, self.allowed.calendar)
        if openings := after.opened | named:
            doubts.refuse_other_year(before.opened, openings, max(after.lines), self.allowed)

    def save_cursor(self) -> None:
        """Where the next increment begins; where nothing was delivered, that is where this one did."""
        if self.cursor is not None:
            self._execute("save_cursor", dataset=TRANSACTIONS, cursor=Jsonb(dict(self.cursor)))

    @property
    def of_files(self) -> bool:
        """Whether files are loaded: an accounting software knows today, a file its own days."""
        return self.allowed.today is not None

    @property
    def full(self) -> bool:
        """Whether the whole ledger is delivered, not what changed."""
        return self.claimed.mode == ImportMode.FULL

    def _refuse_partial(self, delivered: stage.Delivered, stored: int) -> None:
        """A full import begins with the whole ledger; anything less would leave stale lines behind."""
        whole = any(isinstance(scope, WholeLedger) for scope in delivered.scopes)
        if self.full and self.at_first is None and stored and not whole:
            raise OurFault(Message("full_import_partial"), code="full_import_partial")

    def _forget_absent(self) -> None:
        """Accounts and axis values that no list named, where the lists are whole: as if never seen."""
        for name in ("delete_absent_accounts", "forget_absent_accounts"):
            self._execute(name, codes=list(self.accounts))
        for name in ("delete_absent_axis_values", "forget_absent_axis_values"):
            self._execute(name, keys=[Jsonb(key) for key in self.axis_values])

    def _delete_keys(self) -> int:
        """Delete what the source says is gone, ahead of the count that the guard compares with."""
        removed = self._execute("delete_keys")
        self._follow_moves()
        self.connection.execute("update stage_move set sign = 0")
        return removed

    def _write(self, delivered: stage.Delivered, stored: int) -> tuple[int, int]:
        """Upsert the lines and delete the rest of the scope: how many were written and deleted.

        The month balances follow by what changed, or anew where that would be most of the lines.
        """
        if not stored:
            written = delivered.rows if delivered.straight else self._execute("insert_lines")
            with self._sums_that_fit():
                sums = delivered.sums
                if not (sums and straight.write_balances(self.connection, self.claimed.entity_id, sums)):
                    self._execute("first_balances")
            self._execute("note_all_balances")
            return written, 0
        follow = _follows(delivered, stored)
        written = self._query("upsert_lines", whole=self.full, follow=follow)["written"]
        left = self._delete_rest(delivered.scopes)
        if not (written or left):
            return 0, 0
        with self._sums_that_fit():
            if follow:
                self._follow_moves()
            else:
                MONTH_BALANCE.refresh(self.connection, {"entity_id": self.claimed.entity_id})
                self._execute("note_all_balances")
        return written, left

    def _follow_moves(self) -> None:
        """The month balances by what changed, and which of them did, for the figures to follow too."""
        for name in ("apply_moves", "note_changes"):
            self._execute(name)

    def _delete_rest(self, scopes: Collection[Scope]) -> int:
        """Delete what a replaced scope no longer holds: how many lines that were."""
        removed = 0
        if any(scope.ranges() for scope in scopes):
            removed += self._execute("delete_rest_of_dates")
        if any(True for scope in scopes for _ in scope.bookings()):
            removed += self._execute("delete_rest_of_bookings")
        return removed

    @contextmanager
    def _sums_that_fit(self) -> Iterator[None]:
        """A sum that no balance can hold is told with its account and month."""
        try:
            with self.connection.transaction():
                yield
        except psycopg.errors.NumericValueOutOfRange:
            raise checks.unfit_sums(self.connection, self.claimed.entity_id) from None

    def _add_dictionaries(self, delivery: Delivery) -> None:
        checks.refuse_unfit_dictionaries(
            self.connection, self.claimed.entity_id, delivery.accounts.values(), delivery.axes
        )
        self.accounts.update(delivery.accounts)
        self.axis_values.update((value.axis, value.code) for value in delivery.axes)
        save_axis_values(self.connection, self.claimed.entity_id, delivery.axes)
        for name in ("add_combinations", "add_axis_values"):
            self._execute(name)

    def _save_accounts(self, delivery: Delivery) -> None:
        """Write the accounts, once the lines are in; of a file without names older than the stored."""
        entity_id, accounts = self.claimed.entity_id, delivery.accounts
        if self.of_files:
            told = {"codes": list(accounts), "names": [account.name for account in accounts.values()]}
            rows = database.run(self.connection, "books/later_names", entity_id=entity_id, **told)
            later = {row["code"]: replace(accounts[row["code"]], name=row["name"]) for row in rows}
            accounts = {**accounts, **later}
        save_accounts(self.connection, entity_id, accounts.values())

    def _count_delivered(self, query: str) -> None:
        totals = self._query(query)
        if not totals["fit"]:
            checks.refuse_unfit_lines(self.connection)
        self.result.counts["fetched"] += totals["fetched"]
        self.result.counts["unchanged"] += totals["fetched"]
        self.result.debit += totals["debit"]
        self.result.credit += totals["credit"]

    def _count_changes(self, *, new: int, written: int, deleted: int) -> None:
        counts = self.result.counts
        counts["new"] += new
        counts["changed"] += written - new
        counts["unchanged"] -= written
        counts["deleted"] += deleted

    def _query(self, name: str, **parameters: object) -> dict[str, Any]:
        common = {"entity_id": self.claimed.entity_id, "import_id": self.claimed.import_id}
        return database.run(self.connection, f"books/{name}", **(common | parameters)).fetchone() or {}

    def _execute(self, name: str, **parameters: object) -> int:
        common = {"entity_id": self.claimed.entity_id, "import_id": self.claimed.import_id}
        return database.run(self.connection, f"books/{name}", **(common | parameters)).rowcount


def _follows(delivered: stage.Delivered, stored: int) -> bool:
    """Whether what becomes of each line is noted, for the month balances and bookings to follow."""
    return delivered.rows * MOST_LINES < stored


def _unbalanced(delivered: stage.Delivered) -> Collection[str] | None:
    """The bookings of a ledger that do not add up, where its lines were added up as they went in."""
    return delivered.sums.unbalanced() if delivered.sums else None


def lock_entity(connection: Connection, entity_id: int) -> None:
    """One import of an entity applies at a time; where a stage is filled, taken once the source has ended."""
    turns.wait(connection, ENTITY_TURN, entity_id)


def _touched(before: checks.Months, after: checks.Months) -> list[Month]:
    """The months that a delivery replaces, or that have other lines since."""
    return [
        month
        for month, lines in after.lines.items()
        if month in after.in_scope or lines != before.lines.get(month)
    ]


def save_accounts(connection: Connection, entity_id: int, accounts: Iterable[Account]) -> None:
    """Write accounts as a source tells them; the last that it tells of a code counts."""
    told = {account.code: account for account in accounts}
    listed = [told[code] for code in sorted(told)]
    database.run(
        connection,
        "books/upsert_account",
        entity_id=entity_id,
        codes=[account.code for account in listed],
        names=[account.name for account in listed],
        types=[account.type for account in listed],
    )


def save_axis_values(connection: Connection, entity_id: int, values: Iterable[AxisValue]) -> None:
    """Write axis values as a source tells them; the last that it tells of a code counts."""
    told = {(value.axis, value.code): value for value in values}
    listed = [told[place] for place in sorted(told)]
    database.run(
        connection,
        "books/upsert_axis_value",
        entity_id=entity_id,
        axes=[value.axis for value in listed],
        codes=[value.code for value in listed],
        names=[value.name for value in listed],
    )


def _settle_keys(connection: Connection, delivery: Delivery, delivered: stage.Delivered) -> None:
    if delivered.deletes:
        database.run(connection, "books/drop_deleted")
    if database.run(connection, "books/repeated_keys").fetchone() is None:
        return
    if delivery.keys_by_content:
        database.run(connection, "books/number_twins")
    else:
        checks.refuse_contradictions(connection)
        database.run(connection, "books/collapse_copies")
