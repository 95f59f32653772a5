"""What the import of a file would do is shown before it is confirmed, and one button answers what it asks."""

import re

import pytest

from monitr_pipelines.warehouse.server.database import Connection
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

OPENED = """date,account_code,account_name,amount,opening
2025-04-01,550000,Bank,50.00,yes
2025-04-01,100000,Capital,-50.00,yes
2025-06-01,550000,Bank,5.00,no
2025-06-01,700000,Sales,-5.00,no
"""


@pytest.fixture
def january(connection: Connection, person: Person) -> Person:
    """Someone whose books hold a cost of 100 in January."""
    person.send(person.draft(HEADER + booking("2026-01-31")), "import")
    assert run_import(connection, person.company.key).problem is None
    return person


def buttons(person: Person, page: str) -> list[str]:
    return re.findall(r'name="action" value="([^"]+)"', person.client.get(page).text)


def test_what_would_change_is_shown_beside_what_is_stored(january: Person) -> None:
    page = january.draft(HEADER + booking("2026-01-31", "1234.50") + booking("2026-02-28", "1.00"))
    shown = words(january.client.get(page).text)
    assert "What the import would do" in shown
    assert "2 stored lines, January 2026 - January 2026" in shown
    assert "Equal: 1,235.50" in shown
    assert "January 2026 - December 2026 -100.00 -1,235.50" in shown
    january.client.get("/language/nl")
    assert "januari 2026 - december 2026 -100,00 -1.235,50" in words(january.client.get(page).text)


def test_a_booking_that_breaks_the_balance_is_named(person: Person) -> None:
    page = person.draft(HEADER + booking("2026-01-31") + "2026-02-05,BANK,Bank,x,7.00,\n")
    shown = words(person.client.get(page).text)
    assert "Differ by 7.00 2026-02-05: 7.00" in shown
    assert "counted on the balance sheet BANK" in shown


@pytest.mark.parametrize("mode", ["months", "append"])
def test_a_month_comes_to_those_before_with_a_button(
    connection: Connection, january: Person, mode: str
) -> None:
    page = january.draft(HEADER + booking("2026-02-28"))
    offered = ["answer:mode:months", "answer:mode:append", "answer:allow_shrink:yes"]
    assert buttons(january, page)[:3] == offered
    january.send(page, f"answer:mode:{mode}")
    assert uploads_of(connection, january.company.key)[-1]["mode"] == mode
    january.send(page, "import", mode=mode)
    assert run_import(connection, january.company.key).problem is None
    assert "New lines 2" in january.outcome(page)


def test_a_corrected_month_takes_the_place_of_the_one_before(connection: Connection, january: Person) -> None:
    key = january.company.key
    january.send(january.draft(HEADER + booking("2026-02-28")), "import", mode="append")
    assert run_import(connection, key).problem is None
    page = january.draft(HEADER + booking("2026-02-27", "40.00"))
    january.send(page, "answer:mode:append")
    assert "Adds to stored lines of February 2026" in words(january.client.get(page).text)
    january.send(page, "show", mode="months")
    assert "Adds to stored lines" not in words(january.client.get(page).text)
    assert "2 stored lines, February 2026 - February 2026" in words(january.client.get(page).text)
    january.send(page, "import", mode="months")
    assert run_import(connection, key).problem is None
    assert closing_balances(connection, key)["440000"] == -140


def test_the_fiscal_year_of_the_file_is_set_with_one_button(connection: Connection, person: Person) -> None:
    key = person.company.key
    page = person.draft(OPENED)
    shown = words(person.client.get(page).text)
    assert "a fiscal year runs from April 2025" in shown
    offered = buttons(person, page)
    assert offered[0] == "answer:fiscal_year_start:4"
    assert offered[-2] == "answer:keep_calendar:yes"
    assert "Fiscal years start in April" in shown
    assert person.send(page, "import").status_code == 422
    assert imports_of(connection, key) == []
    person.send(page, "answer:fiscal_year_start:4")
    row = connection.execute("select fiscal_year_start from app.entity where key = %s", [key]).fetchone()
    assert row["fiscal_year_start"] == 4
    person.send(page, "import")
    assert run_import(connection, key).problem is None


def test_an_answer_that_is_not_offered_changes_nothing(connection: Connection, person: Person) -> None:
    page = person.draft(OPENED)
    person.send(page, "answer:fiscal_year_start:9")
    row = connection.execute(
        "select fiscal_year_start from app.entity where key = %s", [person.company.key]
    ).fetchone()
    assert row["fiscal_year_start"] == 1


def test_dates_in_the_far_future_are_accepted_last(connection: Connection, january: Person) -> None:
    content = HEADER + booking("2026-01-31") + booking("2062-02-28")
    page = january.draft(content)
    shown = january.client.get(page).text
    assert "ine 4: 28 Feb 2062, account 611000, 100.00 Invoice" in words(shown)
    panel = shown.partition('id="asked"')[2].partition("</form>")[0]
    assert panel.index("Choose another file") < panel.index("answer:allow_dates:yes")
    january.send(page, "answer:allow_dates:yes")
    january.send(page, "import")
    assert run_import(connection, january.company.key).problem is None


def test_what_is_found_about_the_figures_stands_with_the_outcome(
    connection: Connection, january: Person
) -> None:
    header = "date,account_code,account_name,amount,opening\n"
    lines = "2027-01-01,440000,Suppliers,-90.00,yes\n2027-01-01,100000,Capital,90.00,yes\n"
    page = january.draft(header + lines)
    january.send(page, "import")
    assert run_import(connection, january.company.key).problem is None
    january.client.get("/language/nl")
    shown = january.outcome(page)
    assert "Wat over de cijfers werd gevonden" in shown
    assert "rekening 440000 opent het jaar vanaf 1 jan. 2027 met -90,00" in shown


KNOWN = "date,account_code,account_name,amount\n2025-02-05,0400,Clients,5.00\n2025-02-05,700000,Sales,-5.00\n"
NEXT = KNOWN.replace("2025", "2026")


@pytest.mark.parametrize(
    ("code", "answers", "codes"),
    [("400", ["4", "0"], {"0400"}), ("400", ["0", "4"], {"0400", "400"}), ("400.0", ["4"], {"0400"})],
    ids=["zeros lost", "other accounts", "numbers"],
)
def test_codes_that_a_spreadsheet_spoiled_are_answered_with_one_button(
    connection: Connection, person: Person, code: str, answers: list[str], codes: set[str]
) -> None:
    person.send(person.draft(KNOWN), "import")
    assert run_import(connection, person.company.key).problem is None
    page = person.draft(NEXT.replace("0400", code))
    shown = buttons(person, page)[: len(answers)]
    assert shown == [f"answer:code_digits:{digits}" for digits in sorted(answers, reverse=True)]
    assert person.send(page, "import").status_code == 422
    person.send(page, f"answer:code_digits:{answers[0]}")
    person.send(page, "import", code_digits=answers[0])
    assert run_import(connection, person.company.key).problem is None
    rows = connection.execute(
        "select distinct account_code from raw.gl_transaction as lines "
        "inner join app.entity as entities on lines.entity_id = entities.id where entities.key = %s",
        [person.company.key],
    )
    assert {row["account_code"] for row in rows} == codes | {"700000"}


@pytest.mark.parametrize("said", ["profit_and_loss", "balance_sheet"])
def test_accounts_that_nothing_types_are_answered_with_one_button(
    connection: Connection, person: Person, said: str
) -> None:
    page = person.draft(KNOWN.replace("0400", "CLIENTS").replace("700000", "SALES"))
    assert buttons(person, page)[:2] == [
        "answer:account_type:profit_and_loss",
        "answer:account_type:balance_sheet",
    ]
    assert person.send(page, "import").status_code == 422
    person.send(page, f"answer:account_type:{said}")
    assert f'<option value="{said}" selected>' in person.client.get(page).text
    person.send(page, "import")
    assert run_import(connection, person.company.key).problem is None
    rows = connection.execute(
        "select distinct type from raw.account as accounts "
        "inner join app.entity as entities on accounts.entity_id = entities.id where entities.key = %s",
        [person.company.key],
    )
    assert [row["type"] for row in rows] == [said]


def test_an_opening_that_stands_twice_is_told_before(connection: Connection, person: Person) -> None:
    rows = [("400000", "50.00"), ("550000", "7.00"), ("100000", "-57.00")]
    lines = [
        f"2026-01-01,{account},{amount},{opening}\n" for opening in ("yes", "no") for account, amount in rows
    ]
    page = person.draft("date,account_code,amount,opening\n" + "".join(lines))
    told = "3 lines of 1 Jan 2026 state the opening balance of their year once more; it is counted once"
    assert told in words(person.client.get(page).text)
    person.send(page, "import")
    assert run_import(connection, person.company.key).problem is None
    assert told in words(person.outcome(page))
