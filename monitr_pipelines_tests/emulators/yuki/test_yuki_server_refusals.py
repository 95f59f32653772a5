"""What the services refuse: keys, sessions that ended, domains, calls a day, and what they cannot read."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from yuki_server_kit import NAMESPACE, TEXT_XML, Client, envelope, yuki_server

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.emulators.yuki import build

DAILY_LIMIT = ("soap:Client", "Daily limit exceeded", "Every domain has 3 free webservice calls a day.")
NOT_READ = "Server was unable to read request. ---> "
GIVEN = {
    "GLAccountCode": "",
    "StartDate": "2024-01-01",
    "EndDate": "2024-01-31",
    "financialMode": "1",
}
PATH = "/ws/AccountingInfo.asmx"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with yuki_server(invented_books()) as client:
        yield client


def scheme(client: Client, company: int = 1) -> str:
    """Nothing where the scheme of accounts is answered, else the reason of the fault."""
    reply = client.ask("GetGLAccountScheme", company)
    return "" if reply.status == 200 else reply.fault[1]


def test_a_wrong_key_opens_nothing(client: Client) -> None:
    assert client.call("Authenticate", accessKey="other").fault[1] == "Invalid access key"
    with yuki_server(invented_books(), wrong_key="empty") as lenient:
        reply = lenient.call("Authenticate", accessKey="other")
        assert reply.rows("AuthenticateResponse") == [{}]


def test_a_session_lasts_a_day_or_until_it_is_closed() -> None:
    books = invented_books()
    with yuki_server(books) as client:
        books.clock.advance(timedelta(hours=24) - timedelta(seconds=1))
        assert scheme(client) == ""
        books.clock.advance(timedelta(seconds=1))
        assert scheme(client) == "Invalid session ID"
        client.sign_in()
        assert scheme(client) == ""
        client.emulator.access.end_sessions()
        assert scheme(client) == "Invalid session ID"


def test_a_domain_has_its_calls_a_day_of_the_wall_clock() -> None:
    books = invented_books()
    with yuki_server(books, calls_a_day="3") as client:
        assert [scheme(client) for _ in range(2)] == ["", ""]
        assert client.ask("GetGLAccountScheme").fault == DAILY_LIMIT
        assert client.call("Authenticate", accessKey=client.emulator.access.key).fault == DAILY_LIMIT
        # It is nine in the morning in Brussels.
        books.clock.advance(timedelta(hours=15) - timedelta(seconds=1))
        assert scheme(client) == DAILY_LIMIT[1]
        books.clock.advance(timedelta(seconds=1))
        assert scheme(client) == ""


def test_domains_of_a_portal_are_entered_one_by_one() -> None:
    with yuki_server(invented_books(), key="portal", calls_a_day="5") as client:
        domains = client.call("Domains", sessionID=client.session).rows("Domain")
        administrations = client.call("Administrations", sessionID=client.session).rows("Administration")
        assert [each["DomainID"] for each in administrations] == [each["ID"] for each in domains]
        assert scheme(client, 2) == "The administration is not in the current domain of the session"
        entered = client.call("SetCurrentDomain", sessionID=client.session, domainID=domains[1]["ID"])
        assert entered.status == 200
        assert (scheme(client, 2), scheme(client, 1)) == (
            "",
            "The administration is not in the current domain of the session",
        )
        # The calls of the first domain are at an end, those of the second are not.
        unknown = client.call("SetCurrentDomain", sessionID=client.session, domainID=client.administration())
        assert unknown.fault[1] == "Invalid domain ID"
        client.call("SetCurrentDomain", sessionID=client.session, domainID=domains[0]["ID"])
        assert scheme(client, 1) == "Daily limit exceeded"


def test_an_administration_that_the_key_does_not_open() -> None:
    books = invented_books()
    with yuki_server(books) as client:
        Bookkeeper(books).change_company(2, reachable=False)
        assert scheme(client, 2) == scheme(client, 3) == "The access key has no rights to this administration"
        listed = client.call("Administrations", sessionID=client.session).rows("Administration")
        assert [each["ID"] for each in listed] == [client.administration(1)]
        assert [each.id for each in client.emulator.administrations()] == [client.administration(1)]


def test_a_service_may_be_refused() -> None:
    with yuki_server(invented_books()) as client:
        client.emulator.access.refused["ChangeDigest"] = "This functionality is not in your bundle"
        refused = client.ask("GetTransactionDetail", transactionID="")
        assert refused.fault[1] == "This functionality is not in your bundle"
        assert scheme(client) == ""


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"StartDate": "01/02/2024"}, "The string '01/02/2024' is not a valid AllXsd value."),
        ({"StartDate": "2024-02-30"}, "There is an error in XML document."),
        ({"EndDate": ""}, "The string '' is not a valid AllXsd value."),
        ({"financialMode": ""}, "Input string was not in a correct format."),
        ({"financialMode": "2"}, "There is no financial mode 2."),
        ({"startDate": "2024-01-01"}, "startDate is missing or was not expected."),
    ],
)
def test_what_cannot_be_read(client: Client, given: dict[str, str], reason: str) -> None:
    code, told, _ = client.ask("GetTransactionDetails", **GIVEN | given).fault
    assert code == "soap:Client"
    assert told.startswith(NOT_READ)
    assert reason in told


@pytest.mark.parametrize("name", GIVEN)
def test_nothing_may_be_missing(client: Client, name: str) -> None:
    given = {each: text for each, text in GIVEN.items() if each != name}
    reply = client.ask("GetTransactionDetails", **given)
    assert reply.fault[1] == f"{NOT_READ}{name} is missing or was not expected."


def test_a_search_has_one_of_its_options(client: Client) -> None:
    reply = client.ask("GetProjectsAndID", searchOption="", searchValue="")
    assert "'' is not a valid value" in reply.fault[1]


@pytest.mark.parametrize("moment", ["2024-01-31T23:59:59.00Z", "2024-01-31T23:59:59+01:00", "2024-01-31"])
def test_moments_are_read_in_each_form(client: Client, moment: str) -> None:
    rows = client.details("2024-01-01", moment)
    assert rows == client.details("2024-01-01T00:00:00", "2024-01-31T00:00:00")
    assert max(row["transactionDate"] for row in rows) == "2024-01-31T00:00:00"


SESSION = {"sessionID": "a", "administrationID": "b"}
GOOD = envelope("GetGLAccountScheme", SESSION)
ACTION = f"{NAMESPACE}GetGLAccountScheme"


@pytest.mark.parametrize(
    ("action", "body", "reason"),
    [
        ("", GOOD, "did not recognize the value of HTTP Header SOAPAction"),
        ("GetGLAccountScheme", GOOD, "did not recognize"),
        (f"{NAMESPACE}GLAccountBalance", envelope("GLAccountBalance", SESSION), "did not recognize"),
        (f"{NAMESPACE}GetProjects", GOOD, "GetGLAccountScheme was not expected"),
        (ACTION, "no XML", "There is an error in XML document"),
        (ACTION, GOOD.replace(NAMESPACE, "http://other.example/"), "was not expected"),
        (
            ACTION,
            GOOD.replace("<they:sessionID>", '<sessionID xmlns="">').replace("</they:s", "</s"),
            "session",
        ),
        (ACTION, GOOD.replace("soap/envelope", "soap12/envelope"), "SOAP version mismatch"),
        (ACTION, f"<!DOCTYPE x [<!ENTITY e 'x'>]>{GOOD}", "DTD is prohibited"),
        (ACTION, GOOD, "Invalid session ID"),
        (f'"{ACTION}"', GOOD, "Invalid session ID"),
    ],
)
def test_what_is_no_call(client: Client, action: str, body: str, reason: str) -> None:
    assert reason in client.send(PATH, action, body).fault[1]


@pytest.mark.parametrize(
    ("path", "method", "kind", "status"),
    [
        ("/AccountingInfo.asmx", "POST", TEXT_XML, 404),
        ("/ws/Other.asmx", "POST", TEXT_XML, 404),
        (PATH, "GET", TEXT_XML, 405),
        (PATH, "POST", "application/soap+xml", 415),
    ],
)
def test_what_the_server_refuses_before_the_service(
    client: Client, path: str, method: str, kind: str, status: int
) -> None:
    reply = client.send(path, ACTION, GOOD, kind, method)
    assert reply.status == status
    assert reply.text.startswith("<!DOCTYPE html>")


def test_windows_of_lines_are_pages_of_one_answer(client: Client) -> None:
    january = client.details("2024-01-01", "2024-01-31")
    assert scheme(client) == ""
    client.server.faults.inject(faults.repeated_page())
    assert client.details("2024-02-01", "2024-02-29") == january


def test_the_service_refuses_with_a_fault_and_the_server_before_it_with_a_page(client: Client) -> None:
    client.server.faults.inject(faults.refused(500))
    assert client.ask("GetGLAccountScheme").fault[0] == "soap:Server"
    client.server.faults.inject(faults.refused(429))
    reply = client.ask("GetGLAccountScheme")
    assert (reply.status, "Too many requests" in reply.text) == (429, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key", "master"),
        ("wrong_key", "ignored"),
        ("digest", "none"),
        ("fiscal", "all"),
        ("calls_a_day", "0"),
    ],
)
def test_options_that_there_are_not(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        build(invented_books(), {name: value})
