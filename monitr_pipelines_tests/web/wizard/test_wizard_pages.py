"""The wizard page by page, over HTTP: a file comes in, is looked at, corrected and imported."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell.i18n import LANGUAGES, text
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines_tests.web.hook_kit import Web
from monitr_pipelines_tests.web.page_kit import make_company
from monitr_pipelines_tests.web.wizard_kit import (
    HEADER,
    Person,
    booking,
    closing_balances,
    imports_of,
    run_import,
    signed_in,
    started,
    uploads_of,
    words,
)


def states(connection: Connection, person: Person) -> list[object]:
    return [upload["state"] for upload in uploads_of(connection, person.company.key)]


def test_a_file_is_looked_at_confirmed_and_imported(connection: Connection, person: Person) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    seen = words(person.client.get(page).text)
    assert "comma (detected" in seen
    assert "All 2 lines were looked at: debit 100.00, credit 100.00." in seen
    confirmed = person.send(page, "import", mode="years")
    assert confirmed.status_code == 303
    assert confirmed.headers["location"] == f"{page}/progress"
    assert "starts as soon as it is its turn" in person.outcome(page)
    assert run_import(connection, person.company.key).problem is None
    told = person.outcome(page)
    assert "Imported. The figures are up to date." in told
    assert "New lines 2" in told
    assert closing_balances(connection, person.company.key) == {"611000": 100, "440000": -100}
    (asked,) = imports_of(connection, person.company.key)
    assert (asked["trigger"], asked["requested_by"]) == ("file", "An Peeters")
    assert states(connection, person) == ["applied"]


def test_the_template_downloads_and_imports(connection: Connection, person: Person) -> None:
    template = person.client.get("/import-template.csv")
    assert template.status_code == 200
    assert template.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in template.headers["content-disposition"]
    header = "date,account_code,account_name,description,debit,credit,dimension1,dimension2"
    assert template.text.splitlines()[0] == header
    page = person.draft(template.content)
    assert person.send(page, "import").status_code == 303
    assert run_import(connection, person.company.key).problem is None
    assert "Imported." in person.outcome(page)


def test_dates_that_can_be_read_in_two_ways_are_asked(connection: Connection, person: Person) -> None:
    page = person.draft(HEADER + booking("03/04/2026"))
    asked = words(person.client.get(page).text)
    assert "03/04/2026 in line 2 can be read in two ways" in asked
    assert "Choose DD/MM/YYYY or MM/DD/YYYY as the date format." in asked
    assert "--date-format" not in asked
    refused = person.send(page, "import")
    assert refused.status_code == 422
    assert "can be read in two ways" in words(refused.text)
    assert imports_of(connection, person.company.key) == []
    assert person.send(page, "show", date_format="DD/MM/YYYY").status_code == 303
    answered = person.client.get(page).text
    assert "2026-04-03" in words(answered)
    assert '<option value="DD/MM/YYYY" selected>' in answered
    assert person.send(page, "import", date_format="MM/DD/YYYY").status_code == 303
    assert run_import(connection, person.company.key).problem is None
    (day,) = connection.execute(
        "select distinct booking_date from raw.gl_transaction as l inner join app.entity as e"
        " on l.entity_id = e.id where e.key = %s",
        [person.company.key],
    ).fetchall()
    assert day["booking_date"].isoformat() == "2026-03-04"


def test_unknown_columns_are_asked_and_kept_for_the_next_file(connection: Connection, person: Person) -> None:
    file = (
        "Boekdatum;Rekening;Bedrag;Afdeling\n"
        "15-01-2026;611000;1.234,56;Winkel\n"
        "15-01-2026;440000;-1.234,56;\n"
    )
    page = person.draft(file)
    asked = person.client.get(page).text
    assert "date = Boekdatum (15-01-2026, 15-01-2026); account_code = Rekening (611000, 440000)" in words(
        asked
    )
    assert asked.count('<option value="Boekdatum" selected>') == 1
    assert "{" not in words(asked)
    answers = {
        "column.date": "Boekdatum",
        "column.account_code": "Rekening",
        "column.amount": "Bedrag",
        "axis.1.name": "department",
        "axis.1.header": "Afdeling",
    }
    assert person.send(page, "show", **answers).status_code == 303
    seen = words(person.client.get(page).text)
    assert "1234.56" in seen
    assert "Winkel" in seen
    assert person.send(page, "import", **answers).status_code == 303
    assert run_import(connection, person.company.key).problem is None
    assert closing_balances(connection, person.company.key)["440000"] == Decimal("-1234.56")
    again = person.draft(file.replace("2026", "2025"))
    assert "columns as given" in words(person.client.get(again).text)
    assert person.send(again, "show", delimiter="semicolon").status_code == 303
    assert "columns as given" in words(person.client.get(again).text)


def test_a_wrong_file_lists_its_problems_with_line_and_column(connection: Connection, person: Person) -> None:
    page = person.draft(
        HEADER + booking("2026-01-31") + "2026-02-30,611000,x,y,12.00,\n2026-02-01,,x,y,abc,\n"
    )
    wrong = person.client.get(page).text
    assert '<td class="number">4</td><td>date</td>' in wrong
    assert '<td class="number">5</td>' in wrong
    assert "This file cannot be imported as it is" in words(wrong)
    assert person.send(page, "import").status_code == 422
    assert imports_of(connection, person.company.key) == []


@pytest.mark.parametrize("fields", [{}, {"csrf": "0" * 64}, {"csrf": "é"}], ids=["none", "wrong", "odd"])
def test_without_the_token_of_the_form_nothing_happens(
    connection: Connection, person: Person, fields: dict[str, str]
) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    upload = person.client.post(person.address, data=fields, files={"file": ("a.csv", b"x")})
    assert upload.status_code == 403
    for path in (page, f"{page}/reopen"):
        assert person.client.post(path, data={**fields, "action": "import"}).status_code == 403
    assert states(connection, person) == ["draft"]
    assert imports_of(connection, person.company.key) == []


def test_confirming_twice_is_one_import(connection: Connection, person: Person) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    with ThreadPoolExecutor(8) as clicks:
        answers = list(clicks.map(lambda _: person.send(page, "import"), range(8)))
    assert {answer.headers["location"] for answer in answers} == {f"{page}/progress"}
    assert len(imports_of(connection, person.company.key)) == 1
    assert run_import(connection, person.company.key).problem is None
    assert person.send(f"{page}/progress", "import").status_code == 405
    assert person.client.get(page).headers["location"] == f"{page}/progress"
    assert len(imports_of(connection, person.company.key)) == 1


@pytest.mark.parametrize(("credit", "state"), [("10.00", "applied"), ("9.00", "refused")])
def test_a_click_that_comes_after_the_import_is_none(
    connection: Connection, person: Person, credit: str, state: str
) -> None:
    key = person.company.key
    lines = f"2026-01-31,611000,Electricity,x,10.00,\n2026-01-31,440000,Suppliers,x,,{credit}\n"
    page = person.draft(HEADER + lines)
    with tenancy.as_tenant(person.company.organisation_id) as opened:
        entity = entities.find(opened, key)
        late = drafts.find(opened, entity, int(page.rpartition("/")[2]))
    assert late is not None
    person.send(page, "import")
    run_import(connection, key)
    with tenancy.as_tenant(person.company.organisation_id) as opened:
        drafts.confirm(opened, entity, late, person="An", allowances={}, now=datetime.now(UTC))
    assert states(connection, person) == [state]
    assert len(imports_of(connection, key)) == 1


def test_nobody_sees_the_files_of_another_organisation(
    connection: Connection, person: Person, web: Web
) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    other = make_company(connection, provider="file")
    with httpx2.Client(base_url=web.url) as client:
        stranger = signed_in(client, other)
        csrf = {"csrf": stranger.client.get(stranger.address).text.split('name="csrf" value="')[1][:64]}
        number = page.rpartition("/")[2]
        for path in (page, f"{stranger.address}/{number}"):
            for name in ("", "/progress", "/outcome"):
                assert client.get(f"{path}{name}").status_code == 404
            assert client.post(path, data={**csrf, "action": "import"}).status_code == 404
            assert client.post(f"{path}/reopen", data=csrf).status_code == 404
        assert client.get(person.address).status_code == 404
        assert client.post(person.address, data=csrf, files={"file": ("a.csv", b"x")}).status_code == 404
    assert states(connection, person) == ["draft"]
    assert uploads_of(connection, other.key) == []


def test_only_entities_of_files_and_addresses_that_exist(
    connection: Connection, client: httpx2.Client
) -> None:
    person = signed_in(client, make_company(connection, provider="exact"))
    assert client.get(person.address).status_code == 404
    assert client.get("/entities/no-such/import").status_code == 404
    assert client.get("/entities/%00/import").status_code == 404
    mine = signed_in(client, make_company(connection, provider="file"))
    for number in ("0", "1e3", "99999999999999999999", "9223372036854775807"):
        assert client.get(f"{mine.address}/{number}").status_code == 404


def test_whoever_is_not_signed_in_is_sent_to_sign_in(person: Person, web: Web) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    with httpx2.Client(base_url=web.url) as nobody:
        for path in (person.address, page, f"{page}/progress", f"{page}/outcome"):
            assert nobody.get(path).headers["location"] == "/sign-in"
        assert nobody.post(person.address, files={"file": ("a.csv", b"x")}).status_code == 303


def test_a_loss_of_lines_is_asked_before_and_accepted_with_the_last_button(
    connection: Connection, person: Person
) -> None:
    key = person.company.key
    whole = HEADER + booking("2026-01-31") + booking("2026-02-28")
    person.send(person.draft(whole), "import")
    assert run_import(connection, key).problem is None
    page = person.draft(HEADER + booking("2026-01-31"))
    buttons = re.findall(r'name="action" value="([^"]+)"', person.client.get(page).text)
    assert buttons[:3] == ["answer:mode:months", "answer:mode:append", "answer:allow_shrink:yes"]
    assert "import" not in buttons
    refused = person.send(page, "import", allow_shrink="yes")
    assert refused.status_code == 422
    assert len(imports_of(connection, key)) == 1
    person.send(page, "answer:allow_shrink:yes")
    person.send(page, "import")
    assert uploads_of(connection, key)[-1]["settings"]["allow_shrink"] is True
    assert imports_of(connection, key)[-1]["options"] == {}, "it is for this file alone"
    assert run_import(connection, key).problem is None
    assert "Removed lines 2" in person.outcome(page)


def test_a_loss_of_lines_that_only_the_guard_sees_is_accepted_afterwards(
    connection: Connection, person: Person
) -> None:
    key = person.company.key
    page = person.draft(HEADER + booking("2026-01-31"))
    person.send(page, "import")
    whole = HEADER + booking("2026-01-31") + booking("2026-02-28")
    person.send(person.draft(whole), "import")
    assert run_import(connection, key).problem is None
    person.send(person.draft(HEADER + booking("2026-01-31")), "import", allow_shrink="yes")
    assert len(imports_of(connection, key)) == 1


def reopened(person: Person, page: str) -> httpx2.Response:
    csrf = person.client.get(f"{page}/progress").text.split('name="csrf" value="')[1][:64]
    return person.client.post(f"{page}/reopen", data={"csrf": csrf})


def test_an_imbalance_is_accepted_only_after_the_guard_asked(connection: Connection, person: Person) -> None:
    key = person.company.key
    page = person.draft(HEADER + "2026-01-31,611000,Electricity,x,10.00,\n")
    person.send(page, "import")
    assert run_import(connection, key).problem is not None
    reopened(person, page)
    assert 'name="allow_unbalanced"' in person.client.get(page).text
    person.send(page, "import", allow_unbalanced="yes")
    assert run_import(connection, key).problem is None
    assert "Imported." in person.outcome(page)


@pytest.mark.parametrize("change", ["subscription", "running"])
def test_the_gate_refuses_and_the_draft_stays(connection: Connection, person: Person, change: str) -> None:
    key = person.company.key
    page = person.draft(HEADER + booking("2026-01-31"))
    session = started(connection, key) if change == "running" else None
    if session is None:
        connection.execute(
            "update app.organisation set subscription = 'canceled' where id = %s",
            [person.company.organisation_id],
        )
    refused = {}
    for language in LANGUAGES:
        person.client.headers["accept-language"] = language
        refused[language] = person.send(page, "import")
    if session:
        session.end()
    remedy = f"remedy.{'already_running' if session else 'subscription_inactive'}"
    for language, answer in refused.items():
        assert answer.status_code == 409
        assert text(language, remedy) in words(answer.text)
    assert ("Er loopt een import" if session else "Het abonnement is niet actief") in refused["nl"].text
    assert states(connection, person) == ["draft"]


def test_a_file_whose_import_ended_early_is_kept_for_the_next(connection: Connection, person: Person) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    person.send(page, "import")
    session = started(connection, person.company.key)
    assert "is being imported" in person.outcome(page)
    session.failed(RuntimeError("lost"))
    session.end()
    assert "The file is kept, and the next import reads it." in person.outcome(page)
    assert run_import(connection, person.company.key).problem is None
    assert "Imported." in person.outcome(page)


def test_files_are_replayed_in_the_order_in_which_they_were_confirmed(
    connection: Connection, person: Person
) -> None:
    key = person.company.key
    first, second = (
        person.draft(HEADER + booking("2026-01-31", "1.00")),
        person.draft(HEADER + booking("2026-01-31", "2.00")),
    )
    for page in (second, first):
        person.send(page, "import")
        assert run_import(connection, key).problem is None
    assert closing_balances(connection, key)["611000"] == 1
    connection.execute("update app.entity set reset_at = clock_timestamp() where key = %s", [key])
    assert run_import(connection, key).problem is None
    assert closing_balances(connection, key)["611000"] == 1


def test_the_counts_of_an_import_are_shown_where_they_are_those_of_the_file_alone(
    connection: Connection, person: Person
) -> None:
    def told(page: str) -> str:
        return words(person.client.get(f"{page}/outcome").text)

    key = person.company.key
    first, second, third, fourth, fifth = (
        person.draft(HEADER + booking(f"{year}-01-31")) for year in range(2022, 2027)
    )
    person.send(first, "import")
    assert run_import(connection, key).claimed.mode == "full"
    assert "New lines 2" in told(first)
    for page in (second, third):
        person.send(page, "import")
    assert run_import(connection, key).problem is None
    connection.execute("update app.entity set reset_at = clock_timestamp() where key = %s", [key])
    for page in (fourth, fifth):
        person.send(page, "import")
        assert run_import(connection, key).problem is None
    for page in (second, third, fourth):
        assert "Imported." in told(page)
        assert "New lines" not in told(page)
    assert "New lines 2" in told(first)
    assert "New lines 2" in told(fifth)


def test_the_nightly_import_of_a_file_entity_fetches_nothing_and_makes_its_reports_again(
    connection: Connection, person: Person
) -> None:
    key = person.company.key
    person.draft(HEADER + booking("2026-03-31"))  # a draft is nobody's books
    problem = run_import(connection, key).problem
    assert problem is not None
    assert problem.code == "no_ledger_file"
    assert closing_balances(connection, key) == {}
    person.send(person.draft(HEADER + booking("2026-01-31")), "import")
    assert run_import(connection, key).problem is None
    connection.execute(
        "update marts.trial_balance set debit = debit + 1 where entity_id ="
        " (select id from app.entity where key = %s)",
        [key],
    )
    night = run_import(connection, key)
    assert night.problem is None
    assert night.result is not None
    assert set(night.result.counts.values()) == {0}
    assert closing_balances(connection, key) == {"611000": 100, "440000": -100}
    assert states(connection, person) == ["draft", "applied"]


def test_every_text_is_there_in_every_language() -> None:
    folder = Path(text.__code__.co_filename).parents[1] / "wizard" / "texts"
    keys = {language: keys_of((folder / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES}
    assert keys["nl"] == keys["en"]
    assert keys["fr"] == keys["en"]


def keys_of(toml: str) -> list[str]:
    return [line.partition(" =")[0] for line in toml.splitlines() if line]
