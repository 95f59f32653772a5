"""A look shows what its import will do, or says that it did not see all of it; it holds up nobody."""

import io
import os
import pickle
import subprocess
import sys
from decimal import Decimal
from threading import BoundedSemaphore

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from process_kit import LONGEST_WAIT

from monitr_pipelines.files import ReadSettings, open_ledger_file
from monitr_pipelines.importing import look as looking
from monitr_pipelines.importing import preview as previews
from monitr_pipelines.importing.look import look
from monitr_pipelines.importing.preview import preview
from monitr_pipelines.ledger.changes import lines_of
from monitr_pipelines.lifecycle.errors import Refused

READ = ReadSettings("0" * 64)
SEEN = 20  # lines that a look takes in these tests
FEC_HEADER = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|PieceRef|"
    "PieceDate|EcritureLib|Debit|Credit|EcritureLet|DateLet|ValidDate|Montantdevise|Idevise\n"
)
XAF = (
    '<auditfile xmlns="http://www.auditfiles.nl/XAF/3.2"><header><startDate>2026-01-01</startDate>'
    "<endDate>2026-12-31</endDate></header><company><transactions><journal><jrnID>V</jrnID>{}</journal>"
    "</transactions></company></auditfile>"
)

Amounts = list[Decimal]


def csv(amounts: Amounts) -> bytes:
    return "".join(
        ["date,account_code,amount\n", *(f"2026-01-31,1000,{each:.2f}\n" for each in amounts)]
    ).encode()


def fec(amounts: Amounts) -> bytes:
    lines = [
        f"V|Ventes|{n}|20260131|1000|Caisse|||P|20260131|x|{max(each, 0):.2f}|{max(-each, 0):.2f}|||||\n"
        for n, each in enumerate(amounts)
    ]
    return (FEC_HEADER + "".join(lines)).encode()


def xaf(amounts: Amounts) -> bytes:
    lines = "".join(
        f"<trLine><accID>1000</accID><amnt>{each:.2f}</amnt><amntTp>D</amntTp></trLine>" for each in amounts
    )
    return XAF.format(f"<transaction><nr>1</nr><trDt>2026-01-31</trDt>{lines}</transaction>").encode()


def xlsx(amounts: Amounts) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["date", "account_code", "amount"])
    for each in amounts:
        sheet.append(["2026-01-31", 1000, each])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WRITERS = {"csv": csv, "fec": fec, "xaf": xaf, "xlsx": xlsx}
AMOUNTS = st.decimals(-(10**9), 10**9, places=2)


@pytest.mark.parametrize("name", WRITERS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=2 * SEEN))
def test_totals_that_are_shown_are_those_that_are_imported(
    name: str, amounts: Amounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_LINES", SEEN)
    content = WRITERS[name](amounts)
    seen = preview(io.BytesIO(content), READ)
    imported = [line.amount for line in lines_of(open_ledger_file(io.BytesIO(content), READ).changes())]
    assert imported == amounts
    assert seen.problem is None
    assert seen.whole is (len(amounts) <= SEEN)
    assert seen.count == min(len(amounts), SEEN)
    if seen.whole:
        assert (seen.debit, seen.credit) == (
            sum(max(each, 0) for each in imported),
            sum(max(-each, 0) for each in imported),
        )


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("lines", [9_999, 10_000, 10_001, 20_002])
def test_a_look_that_was_cut_says_so(name: str, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_LINES", 10_000)
    seen = look(io.BytesIO(WRITERS[name]([Decimal(1)] * lines)), READ)
    assert seen.problem is None
    assert (seen.count, seen.whole) == (min(lines, 10_000), lines <= 10_000)


@pytest.mark.parametrize("name", WRITERS)
def test_a_look_that_takes_long_is_cut_and_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(100))
    monkeypatch.setattr(previews, "monotonic", lambda: next(moments))
    monkeypatch.setattr(previews, "MOST_SECONDS", 3)
    seen = preview(io.BytesIO(WRITERS[name]([Decimal(1)] * 10)), READ)
    assert (seen.count, len(seen.lines), seen.whole, seen.problem) == (3, 3, False, None)


def test_only_what_is_small_and_no_workbook_is_read_by_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    apart: list[object] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *told, **how: apart.append(told) or run(*told, **how))
    assert look(io.BytesIO(csv([Decimal(1)])), READ).whole
    assert apart == []
    assert look(io.BytesIO(xlsx([Decimal(1)])), READ).whole
    assert not look(io.BytesIO(csv([Decimal(1)] * 200_001)), READ).whole
    assert len(apart) == 2


def test_what_was_seen_by_another_process_is_the_same() -> None:
    for content in (xlsx([Decimal("12.34"), Decimal(-5)]), xlsx([Decimal("1e17")]), b"PK\x03\x04", xlsx([])):
        apart, here = look(io.BytesIO(content), READ), preview(io.BytesIO(content), READ)
        assert (str(apart.problem), apart.lines, apart.accounts, apart.interpretation) == (
            str(here.problem),
            here.lines,
            here.accounts,
            here.interpretation,
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [("MOST_SECONDS", 0.01), ("_COMMAND", [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])],
)
def test_a_look_that_does_not_end_is_ended(name: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, name, value)
    problem = look(io.BytesIO(xlsx([Decimal(1)])), READ).problem
    assert problem is not None
    assert problem.code == "look_too_long"


def test_a_look_that_takes_much_memory_is_ended() -> None:
    greedy = (
        "import io, pickle, sys; from monitr_pipelines.importing import look;"
        "look.preview = lambda *_, **__: [bytes(10**8) for _ in range(100)]; look.main()"
    )
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is needed
        done = subprocess.run(
            [sys.executable, "-c", greedy, str(nothing.fileno())],
            input=pickle.dumps((READ, 1)),
            pass_fds=[nothing.fileno()],
            capture_output=True,
            check=False,
            timeout=LONGEST_WAIT,
        )
    assert done.returncode == looking.TOO_MUCH_MEMORY, done.stderr


def test_a_defect_of_a_reader_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_COMMAND", [sys.executable, "-c", "1 / 0"])
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        look(io.BytesIO(xlsx([Decimal(1)])), READ)


def test_two_files_are_looked_at_and_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    workbook = xlsx([Decimal(1)])
    monkeypatch.setattr(looking, "PATIENCE_SECONDS", 0.05)
    with looking.TURNS, looking.TURNS:
        assert isinstance(look(io.BytesIO(workbook), READ).problem, Refused)
        assert look(io.BytesIO(csv([Decimal(1)])), READ).whole, "what is small waits for nobody"
    monkeypatch.setattr(looking, "PATIENCE_SECONDS", 600)
    monkeypatch.setattr(looking, "PLACES", BoundedSemaphore(1))
    with looking.PLACES:
        assert look(io.BytesIO(workbook), READ).later
    assert look(io.BytesIO(workbook), READ).whole
