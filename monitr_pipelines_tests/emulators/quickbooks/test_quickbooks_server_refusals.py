"""How the gateway and the service behind it refuse, how often one may ask, and what options there are."""

from datetime import timedelta

import pytest
from quickbooks_server_kit import EVER, FIRST, GL, SECOND, TB, Client, quickbooks_server

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.messages import Request
from monitr_pipelines.emulators.quickbooks import build
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper


def test_the_gateway_refuses_in_small_letters(reader: Client) -> None:
    reader.server.faults.inject(faults.refused(401))
    reply = reader.get("preferences")
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (
        401,
        'Bearer realm="Intuit", error="invalid_token"',
    )
    (error,) = reply.document["fault"]["error"]
    assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    assert (error["code"], reply.document["fault"]["type"]) == ("3200", "AUTHENTICATION")
    stranger = reader.get("preferences", realm=SECOND)
    (error,) = stranger.document["fault"]["error"]
    assert error["message"] == "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
    assert (stranger.status, error["code"]) == (403, "3100")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "10000", "SystemFault"),
        (409, "5010", "ValidationFault"),
        (429, "3001", "SERVICE"),
        (500, "10000", "SystemFault"),
        (503, "10000", "SystemFault"),
    ],
)
def test_the_service_refuses_with_a_fault(reader: Client, status: int, code: str, kind: str) -> None:
    reader.server.faults.inject(faults.refused(status))
    reply = reader.get("preferences")
    assert (reply.status, reply.error["code"], reply.document["Fault"]["type"]) == (status, code, kind)
    assert "Retry-After" not in reply.headers


def test_a_company_that_is_out_of_reach_is_refused(client: Client) -> None:
    Bookkeeper(client.books).change_company(1, reachable=False)
    assert client.get("preferences").status == 403
    assert client.emulator.administrations() == []


def test_requests_of_a_minute_are_counted(client: Client) -> None:
    with quickbooks_server(client.books, requests_a_minute="3") as limited:
        assert [limited.get("preferences").status for _ in range(5)] == [200, 200, 200, 429, 429]
        client.books.clock.advance(timedelta(minutes=1))
        reply = limited.get("preferences")
    assert (reply.status, bool(reply.headers["intuit_tid"])) == (200, True)


@pytest.mark.parametrize(
    ("path", "query", "detail"),
    [
        (GL, EVER | {"colour": "red"}, "no parameter colour"),
        (GL, EVER | {"columns": "tx_date,colour"}, "no column colour"),
        (GL, EVER | {"accounting_method": "accrual"}, "accounting_method accrual"),
        (GL, EVER | {"start_date": "20250101"}, "start_date '20250101'"),
        (GL, {"end_date": "2025-12-31"}, "start_date ''"),
        (GL, EVER | {"sort_by": "memo"}, "sort_by memo"),
        (TB, EVER | {"start_date": "2027-01-01"}, "is after end_date"),
        (TB, EVER | {"columns": "tx_date"}, "no parameter columns"),
        ("reports/BalanceSheet", EVER, "Operation BalanceSheet is not supported."),
        ("preferences", {"colour": "red"}, "no parameter colour"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    reader: Client, path: str, query: dict[str, str], detail: str
) -> None:
    reply = reader.get(path, query)
    assert reply.status == 400
    assert detail in reply.error["Detail"]


def test_who_does_not_ask_for_json_gets_xml(reader: Client) -> None:
    address = f"{reader.server.address}/v3/company/{FIRST}/preferences"
    reply = reader.ask("GET", address, headers={"Authorization": f"Bearer {reader.access}"})
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/xml;charset=UTF-8")


def test_there_is_nothing_else(reader: Client) -> None:
    assert reader.get("taxcode/1").status == 404
    sent = {"Accept": "application/json", "Authorization": f"Bearer {reader.access}"}
    address = f"{reader.server.address}/v3/company/{FIRST}/account"
    assert reader.ask("POST", address, headers=sent, json={"Name": "Mine"}).status == 404
    assert reader.ask("GET", f"{reader.server.address}/elsewhere").status == 404


def test_a_page_is_repeated_among_requests_for_the_same(reader: Client) -> None:
    def subject(target: str) -> str:
        return reader.emulator.subject(Request(1, "GET", f"/v3/company/{FIRST}/{target}", {}))

    assert subject(f"{GL}?start_date=2025-01-01&columns=memo") == subject(
        f"{GL}?start_date=2025-02-01&columns=memo"
    )
    assert subject(f"{GL}?columns=memo") != subject(f"{GL}?columns=tx_date")
    first, second = (f"query?query=SELECT+*+FROM+Account+STARTPOSITION+{start}" for start in (1, 101))
    assert subject(first) == subject(second)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("consent", "never"),
        ("refresh_tokens", "weekly"),
        ("requests_a_minute", "0"),
        ("cells", "many"),
        ("currencies", "two"),
        ("tracking", "yes"),
        ("basis", "accrual"),
    ],
)
def test_options_have_the_values_that_there_are(reader: Client, option: str, value: str) -> None:
    with pytest.raises(ValueError, match=option):
        build(reader.books, {option: value})
