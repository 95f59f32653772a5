"""Files of one entity that follow each other: each is read as it was meant, and none takes from another."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_kit import csv_text, sale, write
from common_kit import entity_id

from monitr_pipelines.importing.uploads import load as uploads_load
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.files.files_kit import FEC_HEADER, fec_line, xaf, xaf_line, xaf_transaction

# Longer than whatever else a session is idle in, on any machine.
OPENING_SECONDS = 4

pytestmark = pytest.mark.usefixtures("without_dagster")
OWN = "Dag;Rek;Bedrag\n2026-01-05;400000;12,50\n2026-01-05;700000;-12,50\n"
OWN_COLUMNS = {"date": "Dag", "account_code": "Rek", "amount": "Bedrag"}
Load = Callable[..., dict]


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.fixture
def load(monitr: Callable, entity: str, tmp_path: Path) -> Load:
    """Imports a text as a file; what the command says about it."""

    def run(content: str | None, *options: object, code: int = 0) -> dict:
        file = tmp_path / "books"
        file.write_text(content or "")
        said = monitr("import", entity, *(["--file", file] if content else []), *options, "--json")
        assert said.code == code, said.out + said.err
        return said.json

    return run


@pytest.fixture
def columns(tmp_path: Path) -> Path:
    path = tmp_path / "columns.json"
    path.write_text(json.dumps(OWN_COLUMNS))
    return path


@pytest.fixture
def keep(connection: Connection, entity: str, tmp_path: Path) -> Callable[..., None]:
    """Stores a file that waits for the next import."""

    def run(name: str, *rows: tuple[str, str, int]) -> None:
        with write(tmp_path / name, *rows).open("rb") as content:
            row = entities.find(connection, entity)
            uploads.store(connection, row.id, content, file_name=name, mode="years", settings={})

    return run


def months(connection: Connection, entity: str) -> dict[str, int]:
    """How many lines each month has."""
    rows = connection.execute(
        "select to_char(month, 'YYYY-MM') as month, sum(lines)::int as lines from raw.month_balance "
        "where entity_id = %s group by 1",
        [entity_id(connection, entity)],
    )
    return {row["month"]: row["lines"] for row in rows}


def states(connection: Connection, entity: str) -> dict[str, str]:
    rows = connection.execute(
        "select file_name, state from app.upload where entity_id = %s", [entity_id(connection, entity)]
    )
    return {row["file_name"]: row["state"] for row in rows}


def fec(*entries: tuple[str, str]) -> str:
    lines = [
        fec_line(number=number, date=day, account=account, debit=debit, credit=credit)
        for number, day in entries
        for account, debit, credit in (("411000", "10,00", "0,00"), ("701000", "0,00", "10,00"))
    ]
    return FEC_HEADER + "".join(lines)


def audit_file(start: str, end: str, *days: str) -> str:
    """An audit file of a period whose entries are numbered from 1."""
    header = f"<fiscalYear>2026</fiscalYear><startDate>{start}</startDate><endDate>{end}</endDate>"
    entries = enumerate(days, start=1)
    lines = xaf_line() + xaf_line("1300", side="D")
    return xaf("".join(xaf_transaction(lines, str(number), day) for number, day in entries), header=header)


def test_added_files_may_use_the_same_numbers(load: Load, entity: str, connection: Connection) -> None:
    january, february = fec(("1", "20260105"), ("2", "20260106")), fec(("1", "20260205"), ("2", "20260206"))
    assert load(january, "--mode", "append")["counts"]["new"] == 4
    assert load(february, "--mode", "append")["counts"]["new"] == 4
    assert months(connection, entity) == {"2026-01": 4, "2026-02": 4}
    march, again = (audit_file("2026-03-01", "2026-03-31", day) for day in ("2026-03-05", "2026-03-06"))
    assert load(march, "--mode", "append")["counts"]["new"] == 2
    assert load(again, "--mode", "append")["counts"]["new"] == 2
    assert load(again, "--mode", "append")["counts"]["new"] == 0
    assert months(connection, entity) == {"2026-01": 4, "2026-02": 4, "2026-03": 4}


def test_a_shorter_audit_file_leaves_the_months_that_it_does_not_name(
    load: Load, entity: str, connection: Connection
) -> None:
    load(audit_file("2026-01-01", "2026-06-30", *(f"2026-0{month}-10" for month in range(1, 7))))
    corrected = ("2026-01-10", "2026-02-10", "2026-03-05", "2026-03-10")
    load(audit_file("2026-01-01", "2026-03-31", *corrected))
    assert months(connection, entity) == {
        "2026-01": 2,
        "2026-02": 2,
        "2026-03": 4,
        "2026-04": 2,
        "2026-05": 2,
        "2026-06": 2,
    }


def test_saved_columns_are_for_files_that_have_them(load: Load, columns: Path) -> None:
    assert load(OWN, "--columns", columns)["totals"]["debit"] == "12.50"
    assert load(csv_text(*sale("2026-01-06", 7)))["totals"]["debit"] == "7.00"
    assert load(fec(("1", "20260107")))["totals"]["debit"] == "10.00"
    assert load(OWN.replace("12,50", "13,50"))["totals"]["debit"] == "13.50"


def test_columns_saved_by_number_are_not_for_files_that_are_known(load: Load, columns: Path) -> None:
    columns.write_text(json.dumps({"date": "1", "account_code": "2", "amount": "3"}))
    assert load(OWN, "--columns", columns)["totals"]["debit"] == "12.50"
    assert load(csv_text(*sale("2026-01-06", 7)))["totals"]["debit"] == "7.00"
    assert load(fec(("1", "20260107")))["totals"]["debit"] == "10.00"
    assert load(OWN.replace("12,50", "13,50"))["totals"]["debit"] == "13.50"


def test_a_reset_reads_each_file_as_it_was_read(
    load: Load, monitr: Callable, entity: str, columns: Path, connection: Connection
) -> None:
    load(csv_text(*sale("2024-01-06", 7)))
    assert monitr("entity", "set", entity, "--set", "decimal=,", "--set", "thousands=.").code == 0
    amounts = "date;account_code;amount\n2025-01-05;400000;1.234\n2025-01-05;700000;-1.234\n"
    assert load(amounts)["totals"]["debit"] == "1234.00"
    load(OWN, "--columns", columns)
    before = months(connection, entity)
    assert monitr("entity", "set", entity, "--set", "decimal=.", "--set", "thousands=").code == 0
    assert monitr("reset", entity).code == 0
    again = load(None)
    assert (again["mode"], again["totals"]["debit"]) == ("full", "1253.50")
    assert months(connection, entity) == before


def test_an_import_of_several_files_counts_them_all(load: Load, keep: Callable[..., None]) -> None:
    load(csv_text(*sale("2024-03-05", 1)))
    keep("b.csv", *sale("2025-03-05", 10), *sale("2025-04-05", 20))
    keep("c.csv", *sale("2026-03-05", 7))
    outcome = load(None)
    assert (outcome["counts"]["fetched"], outcome["counts"]["new"]) == (6, 6)
    assert outcome["totals"] == {"debit": "37.00", "credit": "37.00"}


def test_the_file_that_is_wrong_is_refused_and_no_other(
    load: Load, keep: Callable[..., None], entity: str, connection: Connection
) -> None:
    keep("unbalanced.csv", *sale("2025-03-05", 10), ("2025-03-06", "550000", 3))
    keep("good.csv", *sale("2026-03-05", 10))
    problem = load(None, code=1)["error"]
    assert problem["code"] == "unbalanced"
    assert problem["message"].startswith("About the file unbalanced.csv:")
    assert states(connection, entity) == {"unbalanced.csv": "refused", "good.csv": "applied"}
    assert months(connection, entity) == {"2026-03": 2}
    assert load(None, code=1)["error"]["code"] == "no_ledger_file"


def test_a_file_that_we_fail_to_read_does_not_stop_the_next(
    *,
    load: Load,
    keep: Callable[..., None],
    entity: str,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep("strange.csv", *sale("2025-03-05", 10))
    keep("good.csv", *sale("2026-03-05", 10))
    with monkeypatch.context() as patched:
        read = uploads_load.open_ledger_file
        opened: list[object] = []

        def fail_once(*given: object) -> object:
            opened.append(given)
            return read(*given) if opened[1:] else 1 // 0

        patched.setattr(uploads_load, "open_ledger_file", fail_once)
        problem = load(None, code=1)["error"]
    assert problem["code"] == "file_unread"
    assert "strange.csv" in problem["message"]
    (row,) = connection.execute(
        "select error_detail from app.import where entity_id = %s", [entity_id(connection, entity)]
    )
    assert "ZeroDivisionError" in row["error_detail"]
    assert states(connection, entity) == {"strange.csv": "refused", "good.csv": "applied"}
    assert months(connection, entity) == {"2026-03": 2}


def test_a_machine_in_trouble_keeps_the_file_for_the_next_import(
    load: Load,
    keep: Callable[..., None],
    entity: str,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise OSError("No space left on device")

    keep("good.csv", *sale("2026-03-05", 10))
    with monkeypatch.context() as patched:
        patched.setattr(uploads_load, "open_ledger_file", fail)
        assert load(None, code=1)["error"]["code"] == "our_fault"
    assert states(connection, entity) == {"good.csv": "waiting"}
    assert load(None)["counts"]["new"] == 2


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets how long a file may be opened, each of which takes seconds, and a session be idle otherwise."""
    opened = uploads_load.open_ledger_file

    def slowly(*given: object) -> object:
        threading.Event().wait(OPENING_SECONDS)
        return opened(*given)

    monkeypatch.setattr(uploads_load, "open_ledger_file", slowly)

    def allow(opening: str, *, otherwise: str | None = None) -> None:
        monkeypatch.setattr(uploads_load, "OPENING", opening)
        if otherwise:
            idle = "idle_in_transaction_session_timeout"
            monkeypatch.setitem(database.SESSION_OPTIONS, idle, otherwise)

    return allow


def test_a_file_may_take_its_time_to_open(
    *,
    load: Load,
    keep: Callable[..., None],
    entity: str,
    connection: Connection,
    allowed: Callable[..., None],
) -> None:
    keep("large.csv", *sale("2026-03-05", 10))
    allowed("100ms")
    assert load(None, code=1)["error"]["code"] == "session_ended"
    assert states(connection, entity) == {"large.csv": "waiting"}
    allowed("1min", otherwise=f"{OPENING_SECONDS - 1}s")
    assert load(None)["counts"]["new"] == 2
