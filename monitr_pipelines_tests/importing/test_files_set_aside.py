"""No file holds up those behind it: what cannot be imported is set aside, what passes leaves it waiting."""

import threading
from random import Random
from typing import Any

import psycopg
import pytest
from process_kit import LONGEST_WAIT
from source_kit import Played, run, session
from upload_kit import HEADER, Give, Meet, csv, discard, row, state

from monitr_pipelines.importing.session import ImportSession
from monitr_pipelines.importing.uploads import load as uploads_load
from monitr_pipelines.ledger.changes import Replace, WholeLedger
from monitr_pipelines.lifecycle.errors import InconsistentData, LeaseLost, OurFault, Refused
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import End
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.importing.soak import lose_lease
from monitr_pipelines_tests.importing.soak_files import LARGE, long_code, long_dimension, many_faults
from monitr_pipelines_tests.warehouse.warehouse_kit import (
    BANK,
    SALES,
    balances,
    booking,
    id_of,
    last_import,
    snapshot,
)

RANDOM = Random(1)  # noqa: S311 - the same each time


POISON = {
    "more findings than an error may be long": (many_faults(RANDOM), "file_refused"),
    "a code of 6,000 characters": (long_code(RANDOM), None),
    "a dimension of 6,000 characters": (long_dimension(RANDOM), None),
    "a sum that is too large": (
        HEADER + f"2025-01-01,400000,,,{LARGE},,,\n2025-01-01,700000,,,,{LARGE},,\n" * 110,
        None,
    ),
}


def test_what_came_in_beside_a_refused_file_is_published_by_the_next_import(
    connection: Connection, key: str, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(csv("2026-03-05"))
    give(many_faults(RANDOM))
    with monkeypatch.context() as patched:
        patched.setattr(ImportSession, "publish", lambda _: (_ for _ in ()).throw(LeaseLost("ended")))
        assert run(key).problem is not None
    assert balances(connection, key, "2026-03") == {}
    assert run(key).problem is None
    assert balances(connection, key, "2026-03") == {"400000": 10, "700000": -10}


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_file_is_set_aside_and_the_next_one_is_in_the_figures(
    connection: Connection, key: str, give: Give, name: str
) -> None:
    content, code = POISON[name]
    bad, good = give(content), give(csv("2026-03-05"))
    ended = run(key)
    assert ended.problem is not None
    assert ended.problem.who_acts == "customer"
    assert state(connection, bad) == ("refused", ended.problem.code)
    assert code in (None, ended.problem.code)
    assert state(connection, good) == ("applied", None)
    assert balances(connection, key, "2026-03") == {"400000": 10, "700000": -10}
    imported = last_import(connection, key)
    assert (imported["outcome"], imported["error_code"]) == ("failed", ended.problem.code)
    again = run(key).problem
    assert again is not None
    assert again.code == "no_ledger_file", "the card must not turn green for nothing"
    discard(connection, key, bad)
    assert run(key).problem is None


def test_each_of_several_refused_files_keeps_its_own_reason(
    connection: Connection, key: str, give: Give
) -> None:
    one_sided = give(csv("2025-01-05").replace("700000,,,,10", "700000,,,,9"))
    unreadable, good = give("<html>"), give(csv("2026-03-05"))
    problem = run(key).problem
    assert problem is not None
    assert problem.code == "unbalanced"
    assert state(connection, one_sided) == ("refused", "unbalanced")
    assert state(connection, unreadable) == ("refused", "unknown_format")
    assert state(connection, good) == ("applied", None)
    rows = connection.execute(
        "select upload_id from app.finding where import_id = %s", [last_import(connection, key)["id"]]
    ).fetchall()
    assert [one["upload_id"] for one in rows] == [one_sided]


ONE_SIDED = csv("2025-01-05").replace("700000,,,,10", "700000,,,,9")
OPENING_IN_APRIL = csv("2025-04-01").replace(",,,", ",,Opening balance,")
NEEDS = {
    "allow_shrink": (csv("2025-01-05"), "shrunken"),
    "allow_unbalanced": (ONE_SIDED, "unbalanced"),
    "allow_dates": (csv("2062-01-05"), "odd_dates"),
    "keep_calendar": (OPENING_IN_APRIL, "other_fiscal_year"),
}


@pytest.mark.parametrize("allowance", NEEDS)
def test_what_is_allowed_for_one_file_is_not_for_another_that_waits(
    connection: Connection, key: str, give: Give, allowance: str
) -> None:
    content, code = NEEDS[allowance]
    if code == "shrunken":
        give(csv("2025-01-05") + csv("2025-02-05").removeprefix(HEADER))
        assert run(key).problem is None
    other = give(content)
    import_id = requests.request(
        connection, key, trigger=Trigger.FILE, requested_by="An", options=dict.fromkeys(NEEDS, True)
    )
    assert run(key, import_id).problem is not None
    assert state(connection, other) == ("refused", code)
    allowed = give(content, **{allowance: True})
    run(key)
    assert state(connection, allowed) == ("applied", None)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.DiskFull("no room"),
        psycopg.errors.DeadlockDetected("deadlock"),
        OSError("no room"),
        LeaseLost("ended", code="session_ended"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_leaves_a_file_waiting_once(
    *,
    connection: Connection,
    key: str,
    give: Give,
    trouble: Meet,
    error: Exception,
) -> None:
    file, later = give(csv("2025-03-05")), give(csv("2026-03-05"))
    trouble(error)
    assert run(key).problem is not None
    assert (state(connection, file), state(connection, later)) == (("waiting", None), ("waiting", None))
    problem = run(key).problem
    assert problem is not None
    assert problem.code == "file_set_aside"
    assert state(connection, file) == ("refused", "file_set_aside")
    trouble(None)
    assert run(key).problem is None
    assert state(connection, later) == ("applied", None)


def test_two_different_troubles_are_no_trouble_of_the_file(
    connection: Connection, key: str, give: Give, trouble: Meet
) -> None:
    file = give(csv("2025-03-05"))
    for error in (psycopg.errors.DiskFull("no room"), OSError("no room")):
        trouble(error)
        assert run(key).problem is not None
    trouble(None)
    assert run(key).problem is None
    assert (row(connection, file)["state"], row(connection, file)["troubles"]) == ("applied", [])


class _Stopped(BaseException):
    """As Dagster ends a run."""


def stop(key: str, told: OurFault | None) -> None:
    """An import that ends within its file: stopped, as it is told, or without a word."""
    running = session(key)
    with pytest.raises(_Stopped):
        running.fetch()
    if told is not None:
        running.failed(told)
        running.end()
    else:
        running.heartbeat.__exit__(None, None, None)
        running.connection.close()


def test_a_file_that_ends_two_runs_is_set_aside(
    connection: Connection, key: str, give: Give, trouble: Meet
) -> None:
    file, later = give(csv("2025-03-05")), give(csv("2026-03-05"))
    trouble(_Stopped())
    for _ in range(2):
        stop(key, None)
        lose_lease(connection, id_of(connection, key))
    assert state(connection, file) == ("waiting", None)
    trouble(None)
    problem = run(key).problem
    assert problem is not None
    assert (problem.code, problem.detail) == ("file_set_aside", "worker_lost")
    assert state(connection, file) == ("refused", "file_set_aside")
    assert state(connection, later) == ("applied", None)


def test_a_run_that_is_stopped_is_no_trouble_of_its_file(
    connection: Connection, key: str, give: Give, trouble: Meet
) -> None:
    file = give(csv("2025-03-05"))
    trouble(_Stopped())
    for _ in range(3):
        stop(key, OurFault(Message("stopped"), code="stopped"))
    trouble(None)
    assert run(key).problem is None
    assert state(connection, file) == ("applied", None)


def test_a_file_that_is_being_imported_is_not_discarded_meanwhile(
    connection: Connection, key: str, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, opened = give(csv("2025-03-05")), uploads_load.open_ledger_file
    refusals: list[str] = []

    def meanwhile(*given: Any) -> Any:  # noqa: ANN401
        with pytest.raises(Refused) as refused:
            discard(connection, key, file)
        refusals.append(refused.value.code)
        return opened(*given)

    monkeypatch.setattr(uploads_load, "open_ledger_file", meanwhile)
    assert run(key).problem is None
    assert refusals == ["upload_in_use"]
    assert state(connection, file) == ("applied", None)


def test_a_file_that_is_discarded_before_its_turn_is_left_out(
    connection: Connection, key: str, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (give(csv(f"{year}-03-05")) for year in (2024, 2025, 2026))
    opened = uploads_load.open_ledger_file

    def meanwhile(*given: Any) -> Any:  # noqa: ANN401
        if state(connection, second)[0] == "waiting":
            discard(connection, key, second)
        return opened(*given)

    monkeypatch.setattr(uploads_load, "open_ledger_file", meanwhile)
    assert run(key).problem is None
    assert [state(connection, file)[0] for file in (first, second, third)] == [
        "applied",
        "discarded",
        "applied",
    ]
    assert row(connection, second)["discarded_by"] == "An"


def test_two_that_discard_and_import_at_once_agree(connection: Connection, key: str, give: Give) -> None:
    """Whoever is first: a file is discarded and not in the books, or in the books and not discarded."""
    for year in range(2020, 2026):
        file = give(csv(f"{year}-03-05"))
        importing = threading.Thread(target=run, args=[key])
        importing.start()
        try:
            discard(connection, key, file)
        except Refused as refused:
            assert refused.code in {"upload_in_use", "upload_applied"}  # noqa: PT017 - either is right
        importing.join(timeout=LONGEST_WAIT)
        lines = connection.execute(
            "select count(*) as lines from raw.gl_transaction where entity_id = %s "
            "and extract(year from booking_date) = %s",
            [id_of(connection, key), year],
        ).fetchone()
        assert lines is not None
        assert (state(connection, file)[0], lines["lines"]) in {("applied", 2), ("discarded", 0)}


@pytest.mark.parametrize(
    ("account", "amount", "code"), [("4" * 1001, 1, "unfit_lines"), (BANK, LARGE, "sum_too_large")]
)
def test_data_of_software_that_cannot_be_stored_says_who_acts(
    *, connection: Connection, entity: str, played: Played, account: str, amount: int, code: str
) -> None:
    run(entity)
    before = snapshot(connection, entity)
    lines = [
        line
        for nth in range(101)
        for line in booking(f"L{nth}", "2025-01", (account, amount), (SALES, -amount))
    ]
    played.stream = lambda _: iter([Replace(WholeLedger(), lines), End({"page": 9})])
    problem = run(entity).problem
    assert isinstance(problem, InconsistentData)
    assert (problem.code, problem.who_acts) == (code, "customer")
    assert last_import(connection, entity)["error_code"] == code
    assert snapshot(connection, entity) == before
