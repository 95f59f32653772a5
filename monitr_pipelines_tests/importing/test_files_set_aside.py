"""No file holds up those behind it: what cannot be imported is set aside, what passes leaves it waiting."""

import re
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from random import Random
from typing import Any

import psycopg
import pytest
from source_kit import Played, run, session

from monitr_pipelines.importing.uploads import load as uploads_load
from monitr_pipelines.ledger.changes import Replace, WholeLedger
from monitr_pipelines.lifecycle.errors import InconsistentData, LeaseLost, OurFault, Refused
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import End
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import tenancy
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

HEADER = "date,account_code,account_name,description,debit,credit,dimension1,dimension2\n"
Give = Callable[..., int]
RANDOM = Random(1)  # noqa: S311 - the same each time


def csv(day: str, amount: int = 10) -> str:
    return f"{HEADER}{day},400000,,,{amount},,,\n{day},700000,,,,{amount},,\n"


@pytest.fixture
def key(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.fixture
def give(connection: Connection, key: str) -> Give:
    """Stores a file that waits; returns its id."""

    def store(content: str, mode: str = "years", **settings: object) -> int:
        return uploads.store(
            connection,
            id_of(connection, key),
            BytesIO(content.encode()),
            file_name="books.csv",
            mode=mode,
            settings=settings,
        )

    return store


def row(connection: Connection, upload: int) -> dict[str, Any]:
    found = connection.execute("select * from app.upload where id = %s", [upload]).fetchone()
    assert found is not None
    return found


def state(connection: Connection, upload: int) -> tuple[str, str | None]:
    found = row(connection, upload)
    return found["state"], found["error_code"]


def sums(connection: Connection, key: str) -> dict[str, int]:
    rows = connection.execute(
        "select account_code, sum(debit - credit)::int as total from raw.month_balance "
        "where entity_id = %s group by 1",
        [id_of(connection, key)],
    )
    return {one["account_code"]: one["total"] for one in rows}


POISON = {
    "more findings than an error may be long": (many_faults(RANDOM), "file_refused"),
    "a code of 6,000 characters": (long_code(RANDOM), None),
    "a dimension of 6,000 characters": (long_dimension(RANDOM), None),
    "a sum that is too large": (
        HEADER + f"2025-01-01,400000,,,{LARGE},,,\n2025-01-01,700000,,,,{LARGE},,\n" * 110,
        None,
    ),
}


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


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[BaseException | None], None]]:
    """Sets what every file that is opened meets."""
    opened = uploads_load.open_ledger_file
    met: list[BaseException | None] = [None]

    def meet(*given: Any) -> Any:  # noqa: ANN401
        if met[0] is not None:
            raise met[0]
        return opened(*given)

    with monkeypatch.context() as patched:
        patched.setattr(uploads_load, "open_ledger_file", meet)
        yield lambda error: met.__setitem__(0, error)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.DiskFull("no room"),
        psycopg.errors.DeadlockDetected("deadlock"),
        OSError("no room"),
        MemoryError(),
        LeaseLost("ended", code="session_ended"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_leaves_a_file_waiting_once(
    *,
    connection: Connection,
    key: str,
    give: Give,
    trouble: Callable[[BaseException | None], None],
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
    connection: Connection, key: str, give: Give, trouble: Callable[[BaseException | None], None]
) -> None:
    file = give(csv("2025-03-05"))
    for error in (psycopg.errors.DiskFull("no room"), MemoryError()):
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
    connection: Connection, key: str, give: Give, trouble: Callable[[BaseException | None], None]
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
    connection: Connection, key: str, give: Give, trouble: Callable[[BaseException | None], None]
) -> None:
    file = give(csv("2025-03-05"))
    trouble(_Stopped())
    for _ in range(3):
        stop(key, OurFault(Message("stopped"), code="stopped"))
    trouble(None)
    assert run(key).problem is None
    assert state(connection, file) == ("applied", None)


def discard(connection: Connection, key: str, upload: int) -> None:
    owner = connection.execute("select organisation_id from app.entity where key = %s", [key]).fetchone()
    assert owner is not None
    with connection.transaction():
        tenancy.enter(connection, owner["organisation_id"])
        uploads.discard(connection, upload, "An")


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


def test_an_added_file_that_comes_again_after_its_year_was_replaced_is_added_again(
    connection: Connection, key: str, give: Give
) -> None:
    added = csv("2026-03-05", 7)
    give(added, "append")
    give(csv("2026-04-05", 10), allow_shrink=True)
    run(key)
    assert sums(connection, key) == {"400000": 10, "700000": -10}
    again = give(added, "append")
    assert run(key).problem is None
    assert sums(connection, key) == {"400000": 17, "700000": -17}
    assert last_import(connection, key)["counts"]["new"] == 2
    give(added, "append")
    assert run(key).problem is None
    assert sums(connection, key) == {"400000": 17, "700000": -17}
    assert state(connection, again) == ("applied", None)


def test_a_reset_replays_in_the_order_of_application(connection: Connection, key: str, give: Give) -> None:
    """A large file that began to come in before a small one, and was there after it."""
    small = give(csv("2026-03-05", 111))
    run(key)
    large = give(csv("2026-03-05", 222))
    connection.execute(
        "update app.upload set received_at = received_at - interval '1 hour' where id = %s", [large]
    )
    run(key)
    before = snapshot(connection, key)
    assert sums(connection, key) == {"400000": 222, "700000": -222}
    entities.reset(connection, key, "An")
    assert run(key).problem is None
    assert snapshot(connection, key) == before
    assert [row(connection, file)["applied_number"] for file in (small, large)] == [1, 2]


def spoil(connection: Connection, upload: int, content: str) -> None:
    """A file in the books that another release reads in another way."""
    connection.execute(
        "update app.upload_chunk set content = %s where upload_id = %s", [content.encode(), upload]
    )


def reset_of(connection: Connection, key: str) -> object:
    found = connection.execute("select reset_at from app.entity where key = %s", [key]).fetchone()
    return found and found["reset_at"]


def test_a_reset_that_cannot_be_done_holds_no_file_up(connection: Connection, key: str, give: Give) -> None:
    old = give(csv("2025-03-05"))
    run(key)
    before = sums(connection, key)
    spoil(connection, old, "<html>")
    entities.reset(connection, key, "An")
    new = give(csv("2026-03-05", 5))
    problem = run(key).problem
    assert problem is not None
    assert problem.code == "unknown_format"
    assert re.search(r"could not be read anew.*\n.*About the file books.csv", problem.message)
    assert state(connection, old) == ("applied", None)
    assert state(connection, new) == ("applied", None)
    assert sums(connection, key) == {code: total * 3 // 2 for code, total in before.items()}
    assert reset_of(connection, key) is None
    assert run(key).problem is None


def test_a_reset_that_an_answer_lets_pass_stays_asked(connection: Connection, key: str, give: Give) -> None:
    old = give(csv("2025-03-05"))
    run(key)
    spoil(connection, old, csv("2024-03-05"))
    entities.reset(connection, key, "An")
    new = give(csv("2026-03-05", 5))
    problem = run(key).problem
    assert problem is not None
    assert problem.code == "shrunken"
    assert state(connection, new) == ("applied", None)
    assert reset_of(connection, key) is not None
    problem = run(key).problem
    assert problem is not None
    assert last_import(connection, key)["mode"] == "full"


def test_a_reset_that_fails_twice_is_withdrawn(
    connection: Connection, key: str, give: Give, trouble: Callable[[BaseException | None], None]
) -> None:
    give(csv("2025-03-05"))
    run(key)
    entities.reset(connection, key, "An")
    new = give(csv("2026-03-05", 5))
    trouble(MemoryError())
    for _ in range(2):
        problem = run(key).problem
        assert problem is not None
        assert problem.code == "our_fault"
    trouble(None)
    problem = run(key).problem
    assert problem is not None
    assert problem.code == "reset_withdrawn"
    assert state(connection, new) == ("applied", None)
    assert run(key).problem is None


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
        importing.join(timeout=60)
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
