"""Several files at once: each its own draft and questions, one import of all, and none stops the others."""

import re
from typing import Any

import httpx2
import pytest

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.wizard import drafts, seeing
from monitr_pipelines_tests.web.page_kit import form_token
from monitr_pipelines_tests.web.wizard_kit import (
    HEADER,
    Person,
    booking,
    closing_balances,
    imports_of,
    run_import,
    uploads_of,
    words,
)

CHART = "account_code,account_name,account_type\n611000,Power,profit_and_loss\n"
UNSURE = "Date;Account number;Amount\n03/04/2027;611000;5,00\n03/04/2027;440000;-5,00\n"
BROKEN = HEADER + "2028-01-31,611000,Electricity,x,abc,\n"
YEARS = {f"{year}.csv": HEADER + booking(f"{year}-01-31") for year in (2026, 2025)}


def section(page: str, name: str) -> str:
    """The form of the file of this name, its markup."""
    return next(
        form
        for form in re.findall(r'<form method="post".*?</form>', page, re.DOTALL)
        if f". {name}</h3>" in form
    )


def number_of(page: str, name: str) -> str:
    found = re.search(r'value="remove:(\d+)"', section(page, name))
    assert found is not None
    return found[1]


def names(page: str) -> list[str]:
    return re.findall(r"<h3[^>]*>\d+\. ([^<]+)</h3>", page)


def test_files_stand_in_the_order_of_their_import_and_are_imported_at_once(
    connection: Connection, person: Person
) -> None:
    page = person.drafts({**YEARS, "chart.csv": CHART})
    shown = person.client.get(page).text
    assert names(shown) == ["chart.csv", "2025.csv", "2026.csv"]
    assert "A chart of 1 accounts" in words(shown)
    assert "New accounts" not in words(section(shown, "2026.csv"))
    assert person.send(page, "import").headers["location"] == page
    assert [each["state"] for each in uploads_of(connection, person.company.key)] == ["waiting"] * 3
    assert len(imports_of(connection, person.company.key)) == 1
    assert "Its import starts as soon as it is its turn" in words(person.client.get(page).text)
    assert run_import(connection, person.company.key).problem is None
    assert words(person.client.get(page).text).count("Imported. The figures are up to date.") == 3
    order = connection.execute(
        "select file_name from app.upload where applied_number is not null and organisation_id = %s "
        "order by applied_number",
        [person.company.organisation_id],
    )
    assert [row["file_name"] for row in order] == ["chart.csv", "2025.csv", "2026.csv"]


def test_what_a_file_would_do_counts_those_before_it(connection: Connection, person: Person) -> None:
    early = HEADER + booking("2026-01-31", "7.00") + booking("2026-02-28", "1.00")
    page = person.drafts({"b.csv": HEADER + booking("2026-02-15", "9.00"), "a.csv": early})
    shown = person.client.get(page).text
    second = words(section(shown, "b.csv"))
    assert "4 stored lines, January 2026 - February 2026" in second
    assert "Nothing that is stored" in words(section(shown, "a.csv"))
    number = number_of(shown, "b.csv")
    assert '<button name="action" value="import" disabled' in shown
    assert person.send(page, "import").status_code == 422
    assert imports_of(connection, person.company.key) == []
    person.send(page, f"answer:{number}:mode:append")
    shown = person.client.get(page).text
    assert "January 2026 - December 2026 -8.00 -17.00" in words(section(shown, "b.csv"))
    person.send(page, "import")
    assert run_import(connection, person.company.key).problem is None
    assert closing_balances(connection, person.company.key)["440000"] == -17


def test_one_answer_for_all_files_that_ask_the_same(connection: Connection, person: Person) -> None:
    months = {f"{month}.csv": HEADER + booking(f"2026-{month:02d}-15", "3.00") for month in range(1, 5)}
    page = person.drafts({**months, "us.csv": UNSURE})
    assert 'value="every:mode:append"' in person.client.get(page).text
    assert "all 3 files that ask this" in words(person.client.get(page).text)
    person.send(page, "every:mode:append")
    shown = person.client.get(page).text
    assert "every:" not in shown
    assert "can be read in two ways" in words(section(shown, "us.csv"))
    others = person.send(page, f"remove:{number_of(shown, 'us.csv')}").headers["location"]
    person.send(others, "import")
    assert run_import(connection, person.company.key).problem is None
    assert [each["mode"] for each in uploads_of(connection, person.company.key)][:4] == [
        "years",
        *["append"] * 3,
    ]
    assert closing_balances(connection, person.company.key)["440000"] == -12


def test_an_answer_about_one_file_is_not_one_about_another(connection: Connection, person: Person) -> None:
    page = person.drafts({"us.csv": UNSURE.replace("2027", "2026"), "eu.csv": UNSURE})
    shown = person.client.get(page).text
    number = number_of(shown, "eu.csv")
    assert f'id="date_format-{number}"' in section(shown, "eu.csv")
    person.send(page, f"read:{number}", date_format="DD/MM/YYYY")
    shown = person.client.get(page).text
    assert "April 2027" in words(section(shown, "eu.csv"))
    assert "03/04/2026 in line 2 can be read in two ways" in words(section(shown, "us.csv"))
    person.send(page, f"read:{number_of(shown, 'us.csv')}", date_format="MM/DD/YYYY")
    person.send(page, "import")
    assert run_import(connection, person.company.key).problem is None
    rows = connection.execute(
        "select distinct booking_date::text as day from raw.gl_transaction "
        "where entity_id = (select id from app.entity where key = %s)",
        [person.company.key],
    )
    assert {row["day"] for row in rows} == {"2026-03-04", "2027-04-03"}


def test_a_file_that_cannot_be_read_stays_behind_or_is_removed(
    connection: Connection, person: Person
) -> None:
    page = person.drafts({**YEARS, "broken.csv": BROKEN})
    shown = person.client.get(page).text
    assert names(shown)[-1] == "broken.csv"
    assert "stay behind: 1" in words(shown)
    assert "abc" in words(section(shown, "broken.csv"))
    removed = person.send(page, f"remove:{number_of(shown, 'broken.csv')}").headers["location"]
    assert names(person.client.get(removed).text) == ["2025.csv", "2026.csv"]
    assert names(person.client.get(page).text) == ["2025.csv", "2026.csv"]
    again = person.drafts({**YEARS, "broken.csv": BROKEN})
    person.send(again, "import")
    states = [each["state"] for each in uploads_of(connection, person.company.key)]
    assert states == ["draft", "draft", "discarded", "waiting", "waiting", "draft"]


def test_a_refusal_of_one_leaves_the_others(connection: Connection, person: Person) -> None:
    one_sided = HEADER + "2025-06-30,611000,Electricity,x,7.00,\n"
    page = person.drafts({"a.csv": one_sided, "b.csv": YEARS["2026.csv"]})
    person.send(page, "import")
    assert run_import(connection, person.company.key).problem is not None
    shown = words(person.client.get(page).text)
    assert "a.csv The file was not imported" in shown
    assert "b.csv Imported." in shown
    assert closing_balances(connection, person.company.key)["440000"] == -100


def test_the_page_of_a_file_leads_back_to_the_others(connection: Connection, person: Person) -> None:
    page = person.drafts({**YEARS, "own.csv": "Dag;Rek;Bedrag\n2024-01-31;1;5,00\n2024-01-31;2;-5,00\n"})
    shown = person.client.get(page).text
    link = re.search(r'<a class="button" href="([^"]+)"[^>]*>Choose the columns', section(shown, "own.csv"))
    assert link is not None
    columns = {"column.date": "Dag", "column.account_code": "Rek", "column.amount": "Bedrag"}
    assert 'value="import"' not in person.client.get(link[1]).text
    assert person.send(link[1], "back", mode="years", **columns).headers["location"] == page
    person.send(page, "import")
    assert run_import(connection, person.company.key).problem is None
    assert {each["state"] for each in uploads_of(connection, person.company.key)} == {"applied"}


def test_what_is_allowed_for_one_file_is_not_for_all(connection: Connection, person: Person) -> None:
    page = person.drafts({"a.csv": HEADER + booking("2026-01-31"), "b.csv": HEADER + booking("2062-01-31")})
    shown = person.client.get(page).text
    person.send(page, f"answer:{number_of(shown, 'b.csv')}:allow_dates:yes")
    person.send(page, "import")
    (asked,) = imports_of(connection, person.company.key)
    assert not any(asked["options"].values())
    said = [each["settings"]["allow_dates"] for each in uploads_of(connection, person.company.key)]
    assert said == [False, True]


def test_empty_files_are_told_and_too_many_are_refused(connection: Connection, person: Person) -> None:
    page = person.drafts({"a.csv": YEARS["2025.csv"], "empty.csv": b""})
    shown = person.client.get(page).text
    assert names(shown) == ["a.csv"]
    assert "Empty files that were left out: 1" in words(shown)
    parts = [("file", (f"{each}.csv", b"x")) for each in range(drafts.MOST_FILES + 1)]
    answer = person.client.post(
        person.address, data={"csrf": form_token(person.client, person.address)}, files=parts
    )
    assert answer.status_code == 413
    assert f"At most {drafts.MOST_FILES} files" in words(answer.text)
    assert len(uploads_of(connection, person.company.key)) == 1


def test_as_many_files_as_are_taken_stay(connection: Connection, person: Person) -> None:
    books = {f"{each}.csv": HEADER + booking(f"{2000 + each}-01-31") for each in range(drafts.MOST_FILES)}
    assert len(names(person.client.get(person.drafts(books)).text)) == drafts.MOST_FILES


def test_files_of_others_are_not_there(person: Person, client: httpx2.Client, connection: Connection) -> None:
    draft = person.draft(YEARS["2025.csv"]).rpartition("/")[2]
    assert person.client.get(f"{person.address}/together?files={draft}").status_code == 200
    for none in ("", "999999999", "x", f"{2**70}", f"-{draft}"):
        assert person.client.get(f"{person.address}/together?files={none}").status_code == 404


@pytest.mark.usefixtures("connection")
def test_a_file_is_read_anew_only_where_its_reading_changed(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = person.drafts({"us.csv": UNSURE, **YEARS})
    shown = person.client.get(page).text
    read = []
    look = seeing.look_at
    monkeypatch.setattr(seeing, "look_at", lambda visit: read.append(visit.file.file_name) or look(visit))
    person.send(page, f"read:{number_of(shown, 'us.csv')}", date_format="DD/MM/YYYY")
    person.client.get(page)
    assert read == ["us.csv"]


def test_a_page_that_has_no_time_left_says_so(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeing, "MOST_SECONDS", 0)
    page = person.drafts(YEARS)
    assert "cannot be looked at just now" in words(person.client.get(page).text)
    assert "cannot be looked at just now" not in words(person.client.get(page).text)


def test_files_that_are_gone_are_told_and_nothing_is_imported_until_someone_goes_on(
    connection: Connection, person: Person
) -> None:
    page = person.drafts({**YEARS, "c.csv": HEADER + booking("2024-01-31"), "d.csv": BROKEN})
    numbers = {name: number_of(person.client.get(page).text, name) for name in ("2025.csv", "d.csv")}
    person.send(page, f"remove:{numbers['d.csv']}")
    connection.execute("delete from app.upload where id = %s", [numbers["2025.csv"]])
    shown = person.client.get(page).text
    told = "not here any more: 2. Nothing more is imported before you choose how to go on. d.csv Go on"
    assert told in words(shown)
    assert 'value="import" disabled' in shown
    assert person.send(page, "import").status_code == 409
    assert imports_of(connection, person.company.key) == []
    others = re.search(r'<a class="button" href="([^"]+)">Go on with the others', shown)
    assert others is not None
    assert names(person.client.get(others[1]).text) == ["c.csv", "2026.csv"]
    person.send(others[1], "import")
    assert run_import(connection, person.company.key).problem is None
    assert closing_balances(connection, person.company.key)["440000"] == -200
    all_gone = person.drafts(YEARS)
    connection.execute("delete from app.upload where state = 'draft'")
    answer = person.client.get(all_gone)
    assert (answer.status_code, "not here any more: 2" in words(answer.text)) == (404, True)


def test_a_file_that_goes_while_its_page_is_made_is_told(
    connection: Connection, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = person.drafts(YEARS)
    csrf = form_token(person.client, page)
    confirm = drafts.confirm

    def meanwhile(tenant: Connection, *given: Any, **how: Any) -> None:  # noqa: ANN401
        connection.execute("delete from app.upload where id = %s", [given[1].id])
        confirm(tenant, *given, **how)

    monkeypatch.setattr(drafts, "confirm", meanwhile)
    answer = person.client.post(page, data={"csrf": csrf, "action": "import"})
    assert answer.headers["location"] == page
    assert imports_of(connection, person.company.key) == []
    assert "not here any more: 1" in words(person.client.get(page).text)


def test_files_larger_than_what_is_kept_are_imported_all_the_same(
    connection: Connection, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the page has time for one file more, and none takes the place of another of the set."""
    monkeypatch.setattr(seeing, "MOST_SECONDS", 0)
    monkeypatch.setattr(seeing, "KEPT", seeing.Kept(most=1))
    books = {f"{year}.csv": HEADER + booking(f"{year}-01-31") for year in (2023, 2024, 2025)}
    page = person.drafts(books)
    for _ in books:
        shown = person.client.get(page).text
    assert "cannot be looked at just now" not in words(shown)
    assert person.send(page, "import").status_code == 303
    assert run_import(connection, person.company.key).problem is None
    assert closing_balances(connection, person.company.key)["440000"] == -300
    kept = seeing.KEPT._seen
    person.client.get(person.drafts({"a.csv": BROKEN, "b.csv": BROKEN}))
    assert len(kept) <= 2, "they make room for the next page"


def test_large_drafts_make_room_but_for_a_few(connection: Connection, person: Person) -> None:
    for _ in range(7):
        person.draft(HEADER + booking("2026-01-31"))
    connection.execute(
        "update app.upload set size_bytes = %s where organisation_id = %s",
        [10**12, person.company.organisation_id],
    )
    person.draft(HEADER + booking("2026-01-31"))
    assert len(uploads_of(connection, person.company.key)) == drafts.FEW_DRAFTS + 1


def test_old_drafts_make_room(
    connection: Connection, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_FILES", 5)
    pages = [person.draft(HEADER + booking("2026-01-31")) for _ in range(7)]
    kept = uploads_of(connection, person.company.key)
    assert len(kept) == 6
    assert person.client.get(pages[0]).status_code == 404
    connection.execute(
        "update app.upload set received_at = now() - interval '25 hours' where id = %s", [kept[-1]["id"]]
    )
    person.send(pages[1], "import")
    person.draft(HEADER + booking("2026-01-31"))
    assert person.client.get(pages[-1]).status_code == 404
    assert uploads_of(connection, person.company.key)[0]["state"] == "waiting"
