"""The files of an entity on its page: what became of each, and how one is thrown away."""

from collections.abc import Callable

import httpx2
import pytest

from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell.i18n import LANGUAGES, text
from monitr_pipelines_tests.web.page_kit import make_company
from monitr_pipelines_tests.web.wizard_kit import (
    HEADER,
    Person,
    booking,
    closing_balances,
    run_import,
    signed_in,
    started,
    uploads_of,
    words,
)

ONE_SIDED = "2026-02-28,611000,Electricity,Invoice,5.00,\n"


def give(person: Person, content: str, name: str = "books.csv") -> str:
    page = person.draft(HEADER + content, name)
    assert person.send(page, "import", mode="years").status_code == 303
    return page


def states(connection: Connection, person: Person) -> list[object]:
    return [upload["state"] for upload in uploads_of(connection, person.company.key)]


def listing(person: Person) -> str:
    return words(person.client.get(person.address).text)


@pytest.fixture
def refused(connection: Connection, person: Person) -> str:
    """The page of a file that was refused beside one that is in the books."""
    page = give(person, ONE_SIDED, "bad.csv")
    give(person, booking("2026-01-31"), "good.csv")
    run_import(connection, person.company.key)
    assert states(connection, person) == ["refused", "applied"]
    return page


def test_every_file_is_listed_with_what_became_of_it(person: Person, refused: str) -> None:
    shown = listing(person)
    assert "Files of this entity" in shown
    for told in ("bad.csv", "Set aside", "Debit and credit are not equal.", "good.csv", "In the books"):
        assert told in shown, told
    for language in LANGUAGES:
        person.client.get(f"/language/{language}")
        assert text(language, "wizard.state.refused") in listing(person)
        assert text(language, "wizard.files.title") in listing(person)


def test_a_file_beside_a_refused_one_is_told_as_imported(
    connection: Connection, person: Person, refused: str
) -> None:
    good = f"{person.address}/{uploads_of(connection, person.company.key)[1]['id']}"
    assert "Imported. The figures are up to date." in person.outcome(good)
    assert closing_balances(connection, person.company.key) == {"611000": 100, "440000": -100}
    told = person.outcome(refused)
    assert "The file was not imported" in told
    assert "Debit and credit are not equal." in told


def test_a_refused_file_is_discarded_by_a_person_and_stays_in_the_list(
    connection: Connection, person: Person, refused: str
) -> None:
    asked = words(person.client.get(f"{refused}/discard").text)
    assert "Discard bad.csv?" in asked
    assert states(connection, person) == ["refused", "applied"]
    gone = person.send(f"{refused}/discard", "")
    assert (gone.status_code, gone.headers["location"]) == (303, f"{person.address}#files")
    assert states(connection, person) == ["discarded", "applied"]
    assert [row["chunks"] for row in uploads_of(connection, person.company.key)] == [0, 1]
    shown = listing(person)
    assert "bad.csv" in shown
    assert "by An Peeters" in shown
    assert "The file was discarded. Nothing of it was imported." in person.outcome(refused)
    assert person.client.get(f"{refused}/discard").status_code == 303
    page = words(person.client.get(f"/entities/{person.company.key}").text)
    assert "Files and what became of them" in page
    assert run_import(connection, person.company.key).problem is None


def test_a_waiting_file_is_discarded(connection: Connection, person: Person) -> None:
    page = give(person, booking("2026-01-31"))
    assert "Discard…" in person.outcome(page)
    person.send(f"{page}/discard", "")
    problem = run_import(connection, person.company.key).problem
    assert problem is not None
    assert problem.code == "no_ledger_file"
    assert states(connection, person) == ["discarded"]
    assert closing_balances(connection, person.company.key) == {}


def test_a_file_in_the_books_cannot_be_discarded(connection: Connection, person: Person) -> None:
    page = give(person, booking("2026-01-31"))
    form = person.client.get(f"{page}/discard")
    assert form.status_code == 200
    run_import(connection, person.company.key)
    assert person.client.get(f"{page}/discard").status_code == 303
    answer = person.client.post(
        f"{page}/discard", data={"csrf": form.text.partition('name="csrf" value="')[2][:64]}
    )
    assert answer.status_code == 409
    assert "is in the books and cannot be discarded" in words(answer.text)
    assert states(connection, person) == ["applied"]


def test_a_file_that_is_being_imported_cannot_be_discarded(connection: Connection, person: Person) -> None:
    page = give(person, booking("2026-01-31"))
    session = started(connection, person.company.key)
    upload = page.rpartition("/")[2]
    try:
        with session.connection.transaction():
            session.connection.execute("select from app.upload where id = %s for no key update", [upload])
            answer = person.send(f"{page}/discard", "")
    finally:
        session.end()
    assert answer.status_code == 409
    assert "is being imported just now" in words(answer.text)
    assert states(connection, person) == ["waiting"]


def test_files_of_another_organisation_are_out_of_reach(
    connection: Connection, person: Person, new_client: Callable[[], httpx2.Client]
) -> None:
    page = give(person, booking("2026-01-31"))
    other = signed_in(new_client(), make_company(connection, provider="file"))
    assert other.client.get(f"{page}/discard", follow_redirects=False).status_code == 404
    assert other.client.post(f"{page}/discard", data={"csrf": "0" * 64}).status_code in {403, 404}
    assert states(connection, person) == ["waiting"]


def test_what_is_allowed_for_a_file_is_not_for_a_reset_that_its_import_makes(
    connection: Connection, person: Person
) -> None:
    key = person.company.key
    both = HEADER + booking("2026-01-31") + booking("2026-02-28")
    person.send(person.draft(both), "import")
    assert run_import(connection, key).problem is None
    connection.execute(
        "update app.upload_chunk set content = %s where upload_id = %s",
        [(HEADER + booking("2026-01-31")).encode(), uploads_of(connection, key)[0]["id"]],
    )
    entities.reset(connection, key, "An")
    page = person.draft(HEADER + booking("2026-02-28"))
    person.send(page, "answer:allow_shrink:yes")
    person.send(page, "import")
    problem = run_import(connection, key).problem
    assert problem is not None
    assert problem.code == "shrunken"
    assert [each["state"] for each in uploads_of(connection, key)] == ["applied"] * 2
