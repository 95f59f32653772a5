"""Added files that come again, and resets: the books are those of the applied files in their order."""

import re

from source_kit import run
from upload_kit import Give, Meet, csv, row, state, sums

from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import last_import, snapshot


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
    connection: Connection, key: str, give: Give, trouble: Meet
) -> None:
    give(csv("2025-03-05"))
    run(key)
    entities.reset(connection, key, "An")
    new = give(csv("2026-03-05", 5))
    trouble(OSError("no room"))
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
