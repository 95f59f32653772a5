"""Reading by column gives what reading record by record gives: blocks, accounts, axes, findings, refusals."""

import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from files_kit import FEC, FEC_HEADER, STANDARD, fec_line, settings
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from monitr_pipelines.files import Mode, WrittenFile, open_ledger_file
from monitr_pipelines.files.fec.reader import FecReader
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.by_column import pieces
from monitr_pipelines.files.reading.by_column.plain_amounts import PlainAmounts, normal
from monitr_pipelines.files.tables.reader import TableReader
from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Change, Delete, Scope, Written
from monitr_pipelines.ledger.columns import blocks_of_lines
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import InconsistentData

ODD = st.sampled_from(
    [
        "",
        " ",
        "x",
        'said "so"',
        "two\nlines",
        "a;b",
        "back\\slash",
        "tab\there",
        " blank ",
        "\u2028",
        "é",
        "\r",
    ]
)
NAMES = st.sampled_from(["Cash", "Sales", "", "Bank "])
CODES = st.sampled_from(["1000", "4000", " 4000", "7000"])
DAYS = st.sampled_from(["2026-01-31", "2026-02-01", "2025-12-31"])
PLAIN = st.sampled_from(["1,50", "0,10", "1200,00", "999999999999,99"])
OTHERS = st.sampled_from(["1.234,50", "2000", "-0,10", "0,00", "-0,00", "7", "1 000,25", "0,1234", "01,50"])
AMOUNTS = st.one_of(PLAIN, PLAIN, PLAIN, OTHERS)
AXES = st.sampled_from(["", "A", "B", " C"])
WRONG = st.sampled_from(
    ["", "31-12-2026", "n/a", "1,2,3", "1,23456", "x" * 120, "3,5E+2", "2026-02-30", "date", "USD", "ja"]
)
COLUMNS: dict[str, st.SearchStrategy[str]] = {
    "date": DAYS,
    "account_code": CODES,
    "account_name": NAMES,
    "description": ODD,
    "debit": AMOUNTS,
    "credit": st.just(""),
    "amount": AMOUNTS,
    "axis:place": AXES,
    "dimension1": AXES,
    "booking": st.sampled_from(["", "1", "2", "b" * 90]),
    "journal": st.sampled_from(["VEN", "BNK", ""]),
    "account_type": st.sampled_from(["", "balans", "P&L"]),
    "foreign_amount": st.sampled_from(["", "3,50", "12"]),
    "foreign_currency": st.sampled_from(["", "usd", "GBP"]),
    "opening": st.sampled_from(["", "ja", "0"]),
    "a column of theirs": ODD,
}
ALWAYS = ("date", "account_code")
OLDER = {
    "date": "Date Booking",
    "account_code": "Account Number",
    "account_name": "Account Name",
    "amount": "Amount",
    "description": "Description",
    "journal": "Journal Code",
    "axis:place": "Cost Center A",
}


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table in one of the layouts, most of its rows in order."""
    older = draw(st.booleans())
    sides = ("amount",) if older or draw(st.booleans()) else ("debit", "credit")
    others = sorted((OLDER.keys() if older else COLUMNS.keys()) - {*ALWAYS, "amount", "debit", "credit"})
    chosen = draw(st.lists(st.sampled_from(others), unique=True))
    names = draw(st.permutations([*ALWAYS, *sides, *chosen]))
    rows = [[OLDER[name] if older else name for name in names]]
    for _ in range(draw(st.integers(0, 12))):
        row = [draw(COLUMNS[name]) for name in names]
        match draw(st.integers(0, 11)):
            case 0:
                row[draw(st.integers(0, len(row) - 1))] = draw(WRONG)
            case 1:
                row = row[: draw(st.integers(0, len(row)))] or [""]
            case 2:
                row.append(draw(st.sampled_from(["", "more"])))
            case 3:
                row = [""] * len(row)
            case _:
                pass
        rows.append(row)
    end, always = draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans())
    text = end.join(";".join(_field(text, quoted=always) for text in row) for row in rows)
    return text + draw(st.sampled_from([end, "", end * 2]))


def _field(text: str, *, quoted: bool) -> str:
    if quoted or any(mark in text for mark in ';"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


FEC_FIELDS = {
    "journal": st.sampled_from(["VE", "AN", "", " BQ"]),
    "journal_label": st.sampled_from(["Ventes", "A nouveaux", ""]),
    "number": st.sampled_from(["1", "2", "0", "", "000"]),
    "date": st.sampled_from(["20260105", "20251231", "05/01/2026"]),
    "account": CODES,
    "account_label": NAMES,
    "auxiliary": st.sampled_from(["", "C1"]),
    "auxiliary_label": st.sampled_from(["", "Client"]),
    "piece": st.sampled_from(["F1", "", "F2 "]),
    "label": st.sampled_from(["Facture", "", "un\\deux", 'dit "ainsi"', " blanc "]),
    "debit": st.sampled_from(["10,00", "12,50", "0,00", "", " 5,1"]),
    "credit": st.sampled_from(["0,00", "0,00", "", "0"]),
    "foreign": st.sampled_from(["", "12,00", "-3"]),
    "currency": st.sampled_from(["", "USD", "eur", "?"]),
}


@st.composite
def audit_files(draw: st.DrawFn) -> str:
    """A FEC, most of its lines in order."""
    text = FEC_HEADER
    for _ in range(draw(st.integers(0, 10))):
        given = {name: draw(values) for name, values in FEC_FIELDS.items()}
        if draw(st.integers(0, 9)) == 0:
            given[draw(st.sampled_from(sorted(given)))] = draw(WRONG)
        line = fec_line(**given)
        text += line[:-5] + "\n" if draw(st.integers(0, 12)) == 0 else line
    return text


class Outcome:
    """All that reading a file gives, the lines as text."""

    def __init__(self, content: bytes, way: str, **given: object) -> None:
        self.text, self.axes, self.scopes = b"", [], []
        self.problem: object = None
        try:
            file = open_ledger_file(io.BytesIO(content), settings(**given))
        except InconsistentData as problem:
            self.problem = str(problem), problem.findings
            return
        assert isinstance(file, WrittenFile)
        try:
            for change in getattr(file, way)():
                scope, blocks = _parts(change)
                for block in blocks:
                    self.text += block.text
                    self.axes += block.axes
                self.scopes.append(scope)
        except InconsistentData as problem:
            self.problem = str(problem), problem.findings
        self.accounts = list(file.accounts.items())
        self.values = file.axes
        self.findings = file.findings

    def __eq__(self, other: object) -> bool:
        """Lines that were read before a refusal do not count: none of them is kept."""
        mine, theirs = vars(self), vars(other)
        if self.problem and mine.keys() == theirs.keys():
            mine, theirs = ({"problem": each["problem"]} for each in (mine, theirs))
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(vars(self))


def _parts(change: Change | Written) -> tuple[Scope | None, Iterator[Block]]:
    assert not isinstance(change, Delete)
    scope = getattr(change, "scope", None)
    if isinstance(change, Written):
        return scope, iter(change.blocks)
    return scope, blocks_of_lines(iter(change.lines), AxisNumbers(), scope)


def assert_alike(content: str, **given: object) -> None:
    for size in (40, 200, 1 << 16):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(pieces, "PIECE", size)
            by_column = Outcome(content.encode(), "written", **given)
        assert by_column == Outcome(content.encode(), "changes", **given)


@effort(deadline=None, max_examples=300)
@given(tables(), st.sampled_from(Mode))
def test_tables_are_read_alike(content: str, mode: Mode) -> None:
    assert_alike(content, mode=mode, decimal="comma", date_format="YYYY-MM-DD", delimiter=";")


@effort(deadline=None, max_examples=150)
@given(audit_files(), st.sampled_from(Mode))
def test_audit_files_are_read_alike(content: str, mode: Mode) -> None:
    assert_alike(content, mode=mode, decimal="comma")


@given(
    st.lists(st.tuples(PLAIN | OTHERS | st.just(""), st.sampled_from(["", "0,00"]) | PLAIN), max_size=6),
)
def test_plain_amounts_are_those_of_the_reader(sides: list[tuple[str, str]]) -> None:
    """Where they answer at all; they do so where each line has one plain side."""
    reader, plain = AmountReader(",", None, ""), PlainAmounts(",")
    debits, credited = [debit for debit, _ in sides], [credit for _, credit in sides]

    def read(text: str) -> Decimal:
        return reader.read(text) if text else ZERO

    found = plain.sides(debits, credited)
    if found is not None and sides:
        expected = [read(debit) - read(credit) for debit, credit in sides]
        assert found == list(map(str, expected))
        assert list(map(normal, found)) == [str(amount.normalize()) for amount in expected]
    signed = plain.signed(debits)
    if signed is not None and sides:
        assert signed == [str(read(text)) for text in debits]


def test_lines_as_most_are_do_not_go_record_by_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a plain line was read as a record")

    monkeypatch.setattr(TableReader, "line", refuse)
    monkeypatch.setattr(FecReader, "line", refuse)
    plain = STANDARD.replace("1.210", "1210") + '2026-02-10;613000;"Fees; all";"Not ""a"" \\";;5,00;;\r\n'
    for content in (plain, FEC, FEC.replace("\n", "\r\n")):
        assert Outcome(content.encode(), "written").problem is None


@pytest.mark.parametrize("between", ["\t", "\tx\t", "\t\t\t"])
def test_a_line_as_wide_as_two_is_none_of_them(between: str) -> None:
    header, first, second = FEC.splitlines()
    wide = first + between + second
    for lines in ([wide, first, second], [first, wide, second], [first, second, wide]):
        assert_alike("\n".join([header, *lines, ""]))
