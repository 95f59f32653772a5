"""Whatever happens to the shared books, they stay books, and an emulator shows what they hold."""

from collections import Counter
from datetime import date

from edits_kit import Edit, History, histories
from hypothesis import given, settings

from monitr_pipelines.emulators.odoo.emulator import OdooEmulator
from monitr_pipelines.emulators.odoo.models import environment
from monitr_pipelines.emulators.odoo.orm import Records
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.shared.records import State, money
from monitr_pipelines.ledger.records import AccountType

SMALL = Size(entries_per_month=2, splits=True, remarks=True)
END = date(2025, 12, 31)


def assert_books(books: SharedBooks) -> None:
    placed = list(books.lines())
    entries = [entry for entry in books.entries.values() if entry.committed]
    assert [each.line.id for each in placed] == sorted(line.id for entry in entries for line in entry.lines)
    gone = {each.id for each in books.gone if each.kind == "line"}
    assert not gone & {each.line.id for each in placed}
    assert [each.line for each in books.lines_changed(0)] == sorted(
        (each.line for each in placed), key=lambda line: (line.stamp.version, line.id)
    )
    for entry in entries:
        assert entry.state is not State.POSTED or sum(line.amount for line in entry.lines) == 0
        assert entry.state is not State.POSTED or entry.number


def assert_trial_balance(books: SharedBooks, company: int) -> None:
    sums: Counter[str] = Counter()
    for entry, line in books.lines():
        if (entry.company, entry.state) == (company, State.POSTED) and line.account is not None:
            account = books.accounts[line.account]
            if entry.day <= END and (account.type is AccountType.BALANCE_SHEET or entry.day.year == END.year):
                sums[account.code] += line.amount
    assert books.trial_balance(company, END) == {code: money(cents) for code, cents in sums.items() if cents}


def assert_shown(books: SharedBooks, version: int) -> None:
    state = OdooEmulator(books, version).state
    records = Records(environment(state, {}), state.models["account.move.line"])
    shown = records.search_read([], ["balance", "date", "parent_state"], order="id")
    assert [(row["id"], round(row["balance"] * 100), row["date"]) for row in shown] == [
        (line.id, line.amount, entry.day.isoformat()) for entry, line in books.lines()
    ]


@settings(max_examples=15)
@given(history=histories())
def test_books_stay_books(history: list[Edit]) -> None:
    books = invented_books(SMALL)
    edits = History(books)
    edits.apply(history)
    edits.settle()
    assert_books(books)
    for company in books.companies:
        assert_trial_balance(books, company)
    assert_shown(books, 18)


def test_each_kind_of_edit_changes_the_books() -> None:
    books = invented_books(SMALL)
    edits = History(books)
    edits.apply([Edit("add late", 1, 7)])
    quick = ("add", "archive account", "archive value", "recode account", "rename relation", "move")
    for kind in (*quick, "redate", "replace lines", "amounts", "shares", "split"):
        before = books.version
        edits.apply([Edit(kind, 11, 7)])
        assert books.version > before, kind
    for kind in ("state", "account", "delete", "commit"):
        before = books.revision
        edits.apply([Edit(kind, 14, 8)])
        assert books.revision > before, kind
    assert edits.late == []
