"""What is wrong is refused: by a fault with a code, by a functional error with status 200, or by HTTP."""

from datetime import timedelta

import pytest
from twinfield_server_kit import (
    CONTRACTS,
    FIRST,
    NAMESPACE,
    Client,
    Reply,
    cells,
    column,
    twinfield_server,
)

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.options import CLIENT_ID
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.twinfield import KIND
from monitr_pipelines.emulators.twinfield.tokens import SCOPES

LIST = "<list><type>offices</type></list>"
YEAR = column("fin.trs.head.year")


def code_of(reply: Reply) -> str | None:
    return reply.root.findtext(f".//{{{NAMESPACE}}}Code")


@pytest.mark.parametrize(
    ("scope", "status", "code"), [("twf.user", 401, "351"), ("twf.organisation", 403, "352")]
)
def test_each_scope_is_needed(client: Client, scope: str, status: int, code: str) -> None:
    client.access = client.emulator.tokens.grant_pair(CLIENT_ID, SCOPES - {scope}).access
    assert client.process(LIST).fault == (status, "s:Client", code)


def test_an_office_that_is_out_of_reach(client: Client) -> None:
    assert client.process(LIST, office="OFF009").fault == (500, "s:Client", "109")
    Bookkeeper(client.books).change_company(1, reachable=False)
    assert client.process(LIST).fault == (500, "s:Client", "109")
    Bookkeeper(client.books).change_company(1, reachable=True)
    client.emulator.rights.reasons[FIRST] = 102
    assert client.process(LIST).fault == (403, "s:Client", "102")
    assert client.deleted(CompanyCode=FIRST).fault == (403, "s:Client", "AccessDenied")
    assert client.process(LIST, office="OFF002").status == 200


def test_without_an_office_the_first_one_is_meant(unchanging: Client) -> None:
    asked = f'<columns code="030_3">{column("fin.trs.head.office")}</columns>'
    assert {row["head.office"] for row in cells(unchanging.process(asked, office=""))} == {FIRST}
    assert {row["head.office"] for row in cells(unchanging.process(asked, office="OFF002"))} == {"OFF002"}


@pytest.mark.parametrize(
    ("service", "header", "headers"),
    [
        ("processxml.asmx", "", {}),
        ("processxml.asmx", "own", {"Content-Type": "application/json"}),
        ("processxml.asmx", "own", {"SOAPAction": '"http://www.twinfield.com/Search"'}),
        ("finder.asmx", "own", {}),
    ],
)
def test_envelopes_are_checked(
    unchanging: Client, service: str, header: str, headers: dict[str, str]
) -> None:
    body = f'<ProcessXmlString xmlns="{NAMESPACE}"><xmlRequest/></ProcessXmlString>'
    identity = unchanging.header(FIRST) if header else ""
    status, whose, code = unchanging.soap(service, body, "ProcessXmlString", identity, **headers).fault
    assert (status, whose, code) == (500, "s:Client", "" if header else "101")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (f'<columns code="030">{YEAR}</columns>', "columns: Browse code 030 "),
        (
            f'<columns code="030_3">{column("fin.trs.head.colour")}</columns>',
            "column: Column fin.trs.head.colour",
        ),
        ('<columns code="030_3"/>', "columns: At least one column"),
        (f'<columns code="030_3"><sort/>{YEAR}</columns>', "sort: The element"),
        (
            f'<columns code="030_3">{column("fin.trs.head.yearperiod", "2024-01", "", "between")}</columns>',
            "column: The value 2024-01",
        ),
        (
            f'<columns code="030_3">{column("fin.trs.head.modified", "2024-01-01", "", "between")}</columns>',
            "column: The value 2024-01-01",
        ),
        (
            f'<columns code="030_3">{column("fin.trs.head.yearperiod", "2024/01", "", "equal")}</columns>',
            "column: Operator equal",
        ),
        (
            f'<columns code="030_3">{column("fin.trs.head.status", "posted", "", "equal")}</columns>',
            "column: The value posted",
        ),
        ("<list><type>planets</type></list>", "list: The type"),
        ("<list><type>dimensions</type><dimtype>XYZ</dimtype></list>", "list: Dimension type XYZ"),
        ("<read><type>office</type><code>OFF009</code></read>", "read: Office OFF009"),
        ("<transaction/>", "transaction: The element"),
    ],
)
def test_functional_errors_are_told_where_they_are_with_status_200(
    unchanging: Client, document: str, told: str
) -> None:
    assert unchanging.process(document).error.startswith(told)


def test_a_column_that_is_not_asked_does_not_filter(unchanging: Client) -> None:
    asked = column("fin.trs.head.yearperiod", "2030/00", "2030/55", "between")
    rows = cells(unchanging.process(f'<columns code="030_3">{YEAR}{asked}</columns>'))
    assert rows == []
    silent = asked.replace("<ask>true", "<ask>false")
    assert cells(unchanging.process(f'<columns code="030_3">{YEAR}{silent}</columns>')) != []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"colour": "red"}, "OptionNotAllowed"),
        ({"dimtype": "XYZ"}, "InvalidEnumerationOptionValue"),
        ({"office": "OFF009"}, "NoAccessToOffice"),
        ({"modifiedsince": "2024"}, "InvalidDateTimeOptionValue"),
        ({"kind": "XYZ"}, "InvalidFinderType"),
    ],
)
def test_the_finder_has_messages_of_its_own(unchanging: Client, options: dict[str, str], code: str) -> None:
    assert code_of(unchanging.search(**options)) == code  # type: ignore[arg-type]
    assert code_of(unchanging.search(first=0)) == "ParameterTooSmall"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"CompanyCode": "OFF009"}, "InvalidCompanyCode"),
        ({"CompanyCode": FIRST, "Daybook": "XYZ"}, "InvalidDaybook"),
        ({"CompanyCode": FIRST, "DateFrom": "2024-02-30"}, "InvalidDates"),
        ({"CompanyCode": FIRST, "DateFrom": "2025-01-01", "DateTo": "2024-01-01"}, "InvalidDates"),
        ({"CompanyCode": FIRST, "Colour": "red"}, ""),
        ({"kind": "GetColours", "CompanyCode": FIRST}, ""),
    ],
)
def test_the_service_of_deletions_names_what_is_invalid(
    unchanging: Client, parts: dict[str, str], code: str
) -> None:
    reply = unchanging.deleted(**parts)
    assert reply.fault == (500, "s:Client", code)
    if code:
        assert f"{CONTRACTS}.DeletedTransactionsService".encode() in reply.body


def test_questions_cost_a_credit_and_anything_else_three(client: Client) -> None:
    client.books.clock.advance(timedelta(seconds=15))
    with twinfield_server(client.books, credits_a_minute="5") as other:
        assert [other.process("<transaction/>").status, other.process(LIST).status] == [200, 200]
        assert other.process("<transaction/>").status == 429
        assert other.process(LIST).status == 200
        refused = other.process(LIST)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "45")
        client.books.clock.advance(timedelta(seconds=45))
        assert other.process(LIST).status == 200


def test_an_answer_that_is_too_large_is_a_fault_and_a_smaller_one_is_not(unchanging: Client) -> None:
    with twinfield_server(unchanging.books, largest="200") as other:
        assert other.browse().fault == (500, "s:Server", "")
        assert 0 < len(other.rows(yearperiod="2024/02..2024/02")) <= 200


def test_statuses_that_faults_ask_for(client: Client) -> None:
    for status in (401, 403, 404, 409, 429, 500, 502, 503):
        client.server.faults.inject(faults.refused(status))
        assert client.process(LIST).status == status
    assert client.ask("GET", "/webservices/processxml.asmx").status_code == 405
    assert client.ask("POST", "/webservices/other.asmx").status_code == 404


def test_a_question_is_the_same_whoever_asks(client: Client) -> None:
    client.process(LIST)
    client.access = client.emulator.tokens.grant_pair(CLIENT_ID).access
    client.process(LIST)
    client.process("<transaction/>")
    asked = [client.emulator.subject(each.request) for each in client.server.exchanges.of("processxml")]
    assert asked[0] == asked[1] != asked[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [("consent", "perhaps"), ("encoding", "latin"), ("renumbering", "no"), ("credits_a_minute", "many")],
)
def test_options_with_a_value_that_there_is_not_are_a_sentence(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*not '{value}'"):
        KIND.build(invented_books(Size(lines=2, companies=1)), {name: value})
