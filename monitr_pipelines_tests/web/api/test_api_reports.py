"""Reports as programs read them: the figures of the pages, of their organisation alone, read anew at need."""

from datetime import date
from decimal import Decimal

import httpx2
import pytest
from psycopg import OperationalError

from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.reports import drill
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.api import entities, statements, visits
from monitr_pipelines_tests.warehouse.warehouse_kit import booking, load, upsert
from monitr_pipelines_tests.web.api.conftest import Read, bearer
from monitr_pipelines_tests.web.page_kit import Company, make_company
from monitr_pipelines_tests.web.reports.reports_kit import NAMED, make_reported, months, sales_of

PATHS = (
    *(kind.replace("_", "-") for kind in Kind),
    "trial-balance",
    "transactions?account=700000",
)


def code_of(answer: httpx2.Response) -> str:
    """The code of a problem, whose form is checked."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "code"}
    assert told["status"] == answer.status_code
    assert (told["type"], answer.headers["cache-control"]) == ("about:blank", "no-store")
    assert told["title"]
    assert told["detail"]
    return str(told["code"])


def line_of(answer: httpx2.Response, line: str) -> dict[str, object]:
    (found,) = [each for each in answer.json()["lines"] if each["line"] == line]
    return dict(found)


def test_a_profit_and_loss_stands_beside_the_year_before(read: Read, company: Company) -> None:
    answer = read("profit-and-loss", from_="2026-02")
    told = answer.json()
    assert told["entity"] == {"key": company.key, "name": "Bakkerij Peeters", "currency": "EUR"}
    assert told["period"] == {"from": "2026-02", "to": "2026-03"}
    assert told["figures"]["books"] == {"from": "2024-01", "to": "2026-03"}
    assert (told["by"], told["clipped"], told["figures"]["newer_lines"]) == ("month", False, False)
    assert told["columns"][0] == {
        "from": "2026-02", "to": "2026-02", "before": {"from": "2025-02", "to": "2025-02"}, "value": None
    }  # fmt: skip
    turnover = line_of(answer, "70")
    assert turnover["name"] == "Turnover"
    assert turnover["figures"] == [
        {"amount": "12200.00", "year_before": "11200.00"},
        {"amount": "12300.00", "year_before": "11300.00"},
    ]
    assert turnover["total"] == {"amount": "24500.00", "year_before": "22500.00"}
    (result,) = [each for each in told["lines"] if each["role"] == "net_result"]
    sold = sum(sales_of(month) for month in months(date(2026, 2, 1)))
    assert Decimal(result["total"]["amount"]) == sold - 2 * 7_001


def test_a_column_for_each_value_of_an_axis(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Salaries have a cost centre, all else has none: the columns add up to the statement of everything."""
    whole = read("profit-and-loss", from_="2026-02", by="fiscal-year")
    found = read("profit-and-loss", from_="2026-02", axis="cost")
    assert [each["value"] for each in found.json()["columns"]] == [
        {"axis": "cost", "code": "", "name": ""}, {"axis": "cost", "code": "1", "name": "cost 1"}
    ]  # fmt: skip
    assert (found.json()["by"], whole.json()["columns"][0]["value"]) == (None, None)
    assert [each["amount"] for each in line_of(found, "62")["figures"]] == ["0.00", "-6000.00"]
    (total,) = line_of(whole, "9904")["figures"]
    assert line_of(found, "9904")["total"] == total
    monkeypatch.setattr(statements, "MOST_COLUMNS", 2)
    cut = read("profit-and-loss", from_="2026-02", axis="cost")
    assert [each["value"]["code"] for each in cut.json()["columns"]] == ["", None]
    assert line_of(cut, "9904")["total"] == total


def test_a_balance_sheet_balances_and_has_no_total(read: Read) -> None:
    told = read("balance-sheet", from_="2024-01", by="fiscal-year").json()
    assert [column["to"] for column in told["columns"]] == ["2024-12", "2025-12", "2026-03"]
    tops = [each["figures"] for each in told["lines"] if each["level"] == 0]
    assert [sum(Decimal(top[nth]["amount"]) for top in tops) for nth in range(3)] == [0, 0, 0]
    assert {each["total"] for each in told["lines"]} == {None}
    assert told["lines"][0]["figures"][0]["year_before"] is None


def test_a_trial_balance_adds_up(read: Read) -> None:
    told = read("trial-balance", from_="2026-01", language="nl").json()
    names = ("opening", "debit", "credit", "closing", "after_closing")
    for name in names:
        assert sum(Decimal(each[name]) for each in told["accounts"]) == Decimal(told["totals"][name])
    assert told["totals"]["debit"] == told["totals"]["credit"] != "0.00"
    by_code = {each["account"]: each for each in told["accounts"]}
    assert by_code["(result)"]["name"] == "Overgedragen resultaat"
    assert by_code["640000"]["debit"] == "3.00"


@pytest.mark.parametrize(("language", "name"), [("nl", "Omzet"), ("fr", "Chiffre d'affaires")])
def test_names_are_in_the_language(read: Read, language: str, name: str) -> None:
    assert line_of(read("profit-and-loss", language=language), "70")["name"] == name


def test_lines_are_paged_to_their_end(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "PAGE_SIZE", 4)
    told = read("transactions", account="700000", from_="2025-01", to="2025-10").json()
    pages = [told]
    while pages[-1]["next"]:
        pages.append(read(pages[-1]["next"]).json())
    lines = [line for page in pages for line in page["transactions"]]
    assert [len(page["transactions"]) for page in pages] == [4, 4, 2]
    assert [line["date"] for line in lines] == [f"2025-{month:02d}-05" for month in range(1, 11)]
    assert sum(Decimal(line["amount"]) for line in lines) == -sum(
        Decimal(told["account"][name]) for name in ("credit",)
    )
    assert (told["account"]["name"], told["account"]["lines"]) == ("Sales", 10)
    assert lines[0] == {
        "id": "V202501.2", "date": "2025-01-05", "amount": "-10600.00", "booking": "V202501",
        "line_number": "2", "journal": None, "document_number": None, "relation": None,
        "description": "Invoice", "foreign_amount": None, "foreign_currency": None, "axes": None,
        "role": None, "reported": True,
    }  # fmt: skip


def test_entities_are_paged(
    connection: Connection, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(connection, ("C", "A", "B"))
    monkeypatch.setattr(entities, "PAGE_SIZE", 2)
    first = client.get("/api/reports", headers=bearer(company.token)).json()
    second = client.get(first["next"], headers=bearer(company.token)).json()
    assert [each["name"] for each in first["entities"] + second["entities"]] == ["A", "B", "C"]
    assert (first["entities"][0]["books"], second["next"]) == (None, None)


@pytest.mark.parametrize("path", PATHS)
def test_what_a_program_has_is_not_read_again(read: Read, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = read(path)
    tag = answer.headers["etag"]
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    assert answer.headers["vary"] == "authorization"
    monkeypatch.delattr(statements, "read_statement")
    monkeypatch.delattr(statements, "read_trial_balance")
    monkeypatch.setattr("monitr_pipelines.web.api.lines.transactions_of", None)
    for given in (tag, f'"other", W/{tag}', "*"):
        again = read(path, {"if-none-match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_an_answer_that_differs_has_another_etag(read: Read) -> None:
    asked = [
        ("profit-and-loss", {}),
        ("profit-and-loss", {"language": "fr"}),
        ("profit-and-loss", {"by": "quarter"}),
        ("profit-and-loss", {"from_": "2026-02"}),
        ("profit-and-loss", {"from_": "2024-01"}),
        ("profit-and-loss", {"from_": "2023-01"}),
        ("balance-sheet", {}),
        ("trial-balance", {}),
        ("transactions", {"account": "700000"}),
        ("transactions", {"account": "703000"}),
        ("transactions", {"account": "700000", "after": "2026-01-05/V202601.2"}),
    ]
    tags = [read(path, **query).headers["etag"] for path, query in asked]
    assert len(set(tags)) == len(asked)
    spelled_out = read("profit-and-loss", from_="2026-01", to="2026-03", by="month", language="en")
    assert spelled_out.headers["etag"] == tags[0]


def test_an_import_makes_another_etag(connection: Connection, client: httpx2.Client) -> None:
    company = make_reported(connection)

    def tags() -> dict[str, str]:
        return {
            path: client.get(f"/api/reports/{company.key}/{path}", headers=bearer(company.token)).headers[
                "etag"
            ]
            for path in PATHS
        }

    before = tags()
    assert tags() == before
    more = upsert(booking("N1", "2026-03-20", ("550000", 5), ("700000", -5)), accounts=NAMED)
    load(connection, company.key, more, with_marts=False)
    newer = tags()
    assert not set(newer.values()) & set(before.values())
    lines = client.get(
        f"/api/reports/{company.key}/transactions",
        params={"account": "700000", "from": "2026-03"},
        headers=bearer(company.token),
    ).json()
    assert [line["reported"] for line in lines["transactions"]] == [True, False]
    assert lines["figures"]["newer_lines"] is True
    load(connection, company.key, more)
    assert not set(tags().values()) & {*before.values(), *newer.values()}
    connection.execute("update app.entity set name = 'Other' where key = %s", [company.key])
    renamed = tags()
    connection.execute("update app.entity set name = 'Bakkerij Peeters' where key = %s", [company.key])
    assert not set(tags().values()) & set(renamed.values())


def test_figures_are_of_one_organisation(
    connection: Connection, client: httpx2.Client, company: Company
) -> None:
    stranger = make_company(connection)
    for path in PATHS:
        answer = client.get(f"/api/reports/{company.key}/{path}", headers=bearer(stranger.token))
        assert (answer.status_code, code_of(answer)) == (404, "unknown_entity")
    listed = client.get("/api/reports", headers=bearer(stranger.token)).json()
    assert [each["key"] for each in listed["entities"]] == list(stranger.keys)


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_every_report(
    connection: Connection, client: httpx2.Client, company: Company, role: Role
) -> None:
    token_id, token = access_tokens.create(connection, company.name, "Jo", access_tokens.TOKEN, role)
    addresses = ["/api/reports", *(f"/api/reports/{company.key}/{path}" for path in PATHS)]
    assert {client.get(address, headers=bearer(token)).status_code for address in addresses} == {200}
    access_tokens.revoke(connection, token_id)
    refused = [client.get(address, headers=bearer(token)) for address in addresses]
    assert {(answer.status_code, code_of(answer)) for answer in refused} == {(401, "token_wrong")}


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"authorization": "Basic bW9uaXRyOng="}, "token_missing"),
        ({"authorization": "Bearer"}, "token_missing"),
        ({"authorization": "Bearer monitr_nothing"}, "token_wrong"),
        ({"cookie": "monitr_session=x"}, "token_missing"),
    ],
)
def test_whoever_has_no_token_is_told_so(
    client: httpx2.Client, company: Company, headers: dict[str, str], code: str
) -> None:
    for path in ("", *(f"/{company.key}/{path}" for path in PATHS)):
        answer = client.get(f"/api/reports{path}", headers=headers)
        assert (answer.status_code, code_of(answer)) == (401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_link_lets_no_program_in_and_is_not_spent(
    connection: Connection, client: httpx2.Client, company: Company
) -> None:
    link_id, link = access_tokens.create(connection, company.name, "Jo", access_tokens.LINK)
    assert client.get("/api/reports", headers=bearer(link)).status_code == 401
    row = connection.execute("select used_at from app.access_token where id = %s", [link_id]).fetchone()
    assert row == {"used_at": None}


def test_when_a_token_was_used_is_written_once_an_hour(
    connection: Connection, client: httpx2.Client, company: Company
) -> None:
    token_id, token = access_tokens.create(connection, company.name, "Jo", access_tokens.TOKEN)

    def used() -> object:
        client.get("/api/reports", headers=bearer(token))
        row = connection.execute("select used_at from app.access_token where id = %s", [token_id]).fetchone()
        return row and row["used_at"]

    first = used()
    assert first is not None
    assert used() == first
    connection.execute(
        "update app.access_token set used_at = used_at - interval '2 hours' where id = %s", [token_id]
    )
    assert used() > first


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("profit-and-loss", {"from_": "2026-13"}, 422, "invalid"),
        ("profit-and-loss", {"from_": "x"}, 422, "invalid"),
        ("profit-and-loss", {"to": "0000-01"}, 422, "invalid"),
        ("profit-and-loss", {"by": "week"}, 422, "invalid"),
        ("profit-and-loss", {"language": "de"}, 422, "invalid"),
        ("profit-and-loss", {"axis": "nope"}, 404, "unknown_axis"),
        ("profit-and-loss", {"axis": ""}, 422, "invalid"),
        ("balance-sheet", {"from_": "2026-02", "to": "2026-01"}, 422, "wrong_period"),
        ("trial-balance", {"from_": "2026-04"}, 404, "outside_books"),
        ("trial-balance", {"to": "2023-12"}, 404, "outside_books"),
        ("transactions", {}, 422, "invalid"),
        ("transactions", {"account": "nope"}, 404, "unknown_account"),
        ("transactions", {"account": "\0"}, 404, "not_found"),
        ("transactions", {"account": "700000", "after": "x"}, 422, "invalid"),
        ("transactions", {"account": "700000", "after": "2026-02-30/x"}, 422, "invalid"),
        ("transactions", {"account": "700000", "after": "2026-01-05/\0"}, 404, "not_found"),
        ("weather", {}, 404, "not_found"),
        ("/api/reports/nope/trial-balance", {}, 404, "unknown_entity"),
        ("/api/reports/n%C3%A9/trial-balance", {}, 422, "invalid"),
        ("/api/nothing", {}, 404, "not_found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    read: Read, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = read(path, {"accept": "text/html"}, **query)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_problem_names_the_parameter(read: Read) -> None:
    assert read("profit-and-loss", by="week").json()["detail"].startswith("by: Input should be 'month'")


def test_without_figures_there_is_no_report(read: Read, company: Company) -> None:
    for path in PATHS:
        answer = read(f"/api/reports/{company.keys[1]}/{path}")
        assert (answer.status_code, code_of(answer)) == (404, "no_figures")


def test_months_that_the_books_do_not_have_are_left_out_and_told(read: Read) -> None:
    told = read("trial-balance", from_="2020-01", to="2030-01").json()
    assert (told["period"], told["clipped"]) == ({"from": "2024-01", "to": "2026-03"}, True)


def test_too_many_columns_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_COLUMNS", 9)
    answer = read("profit-and-loss", from_="2024-01")
    assert (answer.status_code, code_of(answer)) == (422, "too_many_columns")
    assert len(read("profit-and-loss", from_="2024-01", by="quarter").json()["columns"]) == 9


def test_other_methods_and_faults_are_problems_too(
    client: httpx2.Client, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = client.post("/api/reports")
    assert (refused.status_code, code_of(refused)) == (405, "method_not_allowed")
    assert refused.headers["allow"] == "GET"

    def fails(problem: Exception) -> object:
        def fail(*_facts: object) -> None:
            raise problem

        return fail

    monkeypatch.setattr(visits, "months_of", fails(OperationalError("gone")))
    answer = read("trial-balance")
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")
    assert answer.headers["retry-after"]
    monkeypatch.setattr(visits, "months_of", fails(ZeroDivisionError()))
    assert code_of(read("trial-balance")) == "our_fault"
