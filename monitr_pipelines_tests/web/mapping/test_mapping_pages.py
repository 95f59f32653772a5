"""The pages of a mapping: what is listed, what a change would do, who may make it, and how it is undone."""

import csv
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from typing import Any

import httpx2
import pytest

from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.mapping import listing
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.warehouse.warehouse_kit import BANK, SALES, booking, load, whole
from monitr_pipelines_tests.web.mapping.places_kit import NAMED, UNMAPPED, books, make_unmapped
from monitr_pipelines_tests.web.page_kit import Company, card_text, form_token, make_company, sign_in


@pytest.fixture(scope="module")
def shared(home: object) -> Iterator[Company]:
    """Of tests that change nothing."""
    with database.connect(autocommit=True) as connection:
        yield make_unmapped(connection)


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_unmapped(connection)


def at(company: Company, *path: str) -> str:
    return "/".join((f"/entities/{company.key}/mapping", *path))


def post(client: httpx2.Client, company: Company, path: str, **fields: Any) -> httpx2.Response:  # noqa: ANN401
    csrf = form_token(client, at(company))
    address = at(company, path) if path else at(company)
    return client.post(address, data={"csrf": csrf, **fields})


def places(**lines: str) -> dict[str, Any]:
    """The fields of accounts and of the lines entered beside them."""
    fields: dict[str, Any] = {}
    for nth, (account, line) in enumerate(lines.items()):
        code, _, value = account.removeprefix("a").partition("_")
        fields |= {
            f"place.{nth}": json.dumps([code, "cost" if value else "", value]),
            f"line.{nth}": line,
        }
    return fields


def save(client: httpx2.Client, company: Company, preview: httpx2.Response) -> httpx2.Response:
    """The form of a preview, sent."""
    assert preview.status_code == 200, preview.text[:500]
    fields = {
        name: unescape(re.findall(rf'name="{name}" value="([^"]*)"', preview.text)[0])
        for name in ("csrf", "seen", "given")
    }
    return client.post(at(company), data=fields)


def codes_of(page: str) -> list[str]:
    return re.findall(r'class="account"><span class="code">(\d+)<', page)


def effect_of(page: str) -> dict[str, list[str]]:
    """The lines that change, with their three amounts."""
    return {
        line: re.findall(r'class="number">([^<]*)<', row)
        for line, row in re.findall(r'<tr data-line="([^"]*)">(.*?)</tr>', page, re.DOTALL)
    }


def chosen(connection: Connection, company: Company) -> dict[str, str]:
    rows = connection.execute(
        "select account_code || axis_value as place, line from app.chosen_line as c "
        "inner join app.entity as e on e.id = c.entity_id where e.key = %s",
        [company.key],
    )
    return {row["place"]: row["line"] for row in rows}


def test_the_unmapped_come_first_the_largest_before_the_others(
    client: httpx2.Client, shared: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, shared.token)
    page = client.get(at(shared)).text
    assert codes_of(page)[: len(UNMAPPED)] == UNMAPPED[::-1]
    assert codes_of(page)[len(UNMAPPED) :] == sorted({*NAMED} - {*UNMAPPED})
    assert "2,200.00" in page
    monkeypatch.setattr(listing, "PAGE_SIZE", 10)
    first = client.get(at(shared) + "?show=unmapped").text
    assert codes_of(first) == UNMAPPED[::-1][:10]
    assert "Page 1 of 3" in first
    last = client.get(at(shared) + "?show=unmapped&page=99").text
    assert codes_of(last) == UNMAPPED[:2][::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=oven+07", ["907000"]),
        ("q=7000&show=unmapped", [UNMAPPED[16], UNMAPPED[6]]),
        ("filter=Turnover", [SALES]),
        ("filter=70/76A", [SALES]),
        ("filter=nowhere&q=sales", [SALES]),
        ("show=chosen", []),
        ("q=nothing&show=x&page=-1", []),
    ],
)
def test_accounts_are_searched_by_code_name_and_line(
    client: httpx2.Client, shared: Company, query: str, found: list[str]
) -> None:
    sign_in(client, shared.token)
    page = client.get(f"{at(shared)}?{query}")
    assert page.status_code == 200
    assert codes_of(page.text) == found


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_effect_is_shown_and_nothing_is_saved(
    connection: Connection, client: httpx2.Client, shared: Company, language: str
) -> None:
    sign_in(client, shared.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, language)
    name = {"en": "Turnover", "nl": "Omzet", "fr": "Chiffre d'affaires"}[language]
    page = post(client, shared, "preview", **places(a922000=name, a921000="41")).text
    told = effect_of(page)
    shown = {line: amounts[2] for line, amounts in told.items()}
    less, more = (i18n.amount(language, each) for each in (Decimal(-2200), Decimal(2100)))
    assert (shown["70"], shown["41"]) == (less, more)
    assert i18n.text(language, "mapping.effect") in page
    assert chosen(connection, shared) == {}


def test_lines_beside_accounts_and_one_for_many_are_saved_with_who_did_it(
    connection: Connection, client: httpx2.Client
) -> None:
    company = make_unmapped(connection, provider="tryton")
    sign_in(client, company.token)
    fields = places(a901000="Turnover", a902000="", a903000="", a700000_1="74")
    preview = post(client, company, "preview", **fields, line="61 · x", comment="ovens", selected=["0", "1"])
    saved = save(client, company, preview)
    assert saved.status_code == 303
    assert chosen(connection, company) == {"901000": "70", "902000": "61", "7000001": "74"}
    page = client.get(saved.headers["location"]).text
    assert "follow at the next import" in page
    assert f'action="/entities/{company.key}/sync"' in page
    history = client.get(at(company, "history")).text
    assert "An Peeters" in history
    assert history.count("ovens") == 3
    again = save(client, company, post(client, company, "preview", **fields, line="61", selected="1"))
    assert again.status_code == 303


def test_all_that_a_search_finds_are_placed_at_once_and_left_again(
    connection: Connection, client: httpx2.Client, company: Company
) -> None:
    sign_in(client, company.token)
    preview = post(client, company, "preview", show="unmapped", q="oven", filter="", all="1", line="61")
    assert effect_of(preview.text)["61"] == ["0.00", "-25,300.00", "-25,300.00"]
    save(client, company, preview)
    assert chosen(connection, company) == dict.fromkeys(UNMAPPED, "61")
    cleared = post(client, company, "preview", show="chosen", q="oven 2", filter="", all="1", do="clear")
    save(client, company, cleared)
    assert sorted(chosen(connection, company)) == UNMAPPED[:19]


def test_what_is_wrong_is_told_beside_what_was_entered(
    connection: Connection, client: httpx2.Client, shared: Company
) -> None:
    sign_in(client, shared.token)
    page = post(client, shared, "preview", **places(a901000="no such", a922000="61", a902000="60/66A")).text
    assert "“no such” is no line of the statements" in unescape(page)
    assert "accounts stand on the lines beneath it" in page
    assert 'value="no such"' in page
    assert 'value="61"' in page
    assert "No line was entered" in post(client, shared, "preview", **places(a901000="")).text
    assert chosen(connection, shared) == {}


def test_a_preview_that_is_older_than_a_change_is_made_anew(
    connection: Connection, client: httpx2.Client, company: Company
) -> None:
    sign_in(client, company.token)
    first = post(client, company, "preview", **places(a901000="61"))
    save(client, company, post(client, company, "preview", **places(a902000="61")))
    late = save(client, company, first)
    assert late.status_code == 200
    assert "changed the mapping meanwhile" in late.text
    assert chosen(connection, company) == {"902000": "61"}
    assert save(client, company, late).status_code == 303
    assert chosen(connection, company) == {"901000": "61", "902000": "61"}


def test_a_change_is_undone_unless_it_was_changed_since(
    connection: Connection, client: httpx2.Client, company: Company
) -> None:
    sign_in(client, company.token)
    save(client, company, post(client, company, "preview", **places(a901000="61")))
    save(client, company, post(client, company, "preview", **places(a901000="41")))
    latest, first = re.findall(r'name="change" value="([^"]*)"', client.get(at(company, "history")).text)
    refused = post(client, company, "undo", change=first)
    assert "901000 was changed since" in refused.text
    assert post(client, company, "undo", change=latest).status_code == 303
    assert chosen(connection, company) == {"901000": "61"}
    assert post(client, company, "undo", change="x").status_code == 404


def test_choices_come_and_go_as_a_table(
    connection: Connection, client: httpx2.Client, company: Company
) -> None:
    sign_in(client, company.token)

    def send(content: str, **fields: str) -> httpx2.Response:
        data = {"csrf": form_token(client, at(company)), **fields}
        files = {"file": ("places.csv", content.encode(), "text/csv")}
        return client.post(at(company, "file"), data=data, files=files)

    bad = send("Account,Line\n901000,61\n902000,nowhere\n,61\n").text
    assert "line 3: “nowhere” is no line" in unescape(bad)
    assert "line 4: no account is named" in bad
    save(client, company, send("Account;Axis value;Line;Comment\n640000;;61;=x\n700000;1;74;\n"))
    file = client.get(at(company, "choices.csv"))
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    hostile = '\'=HYPERLINK("http://example.invalid")'
    assert rows[1:] == [["640000", hostile, "", "61", "'=x"], ["700000", "Sales", "1", "74", ""]]
    assert "nothing would change" in send(file.text).text
    save(client, company, send("Account,Line\n901000,61\n", append="1"))
    assert len(chosen(connection, company)) == 3
    save(client, company, send("Account,Line\n901000,61\n"))
    assert chosen(connection, company) == {"901000": "61"}
    assert send("x" * (1024 * 1024 + 1)).status_code == 413


def test_values_of_the_primary_axis_open_beneath_their_account(
    client: httpx2.Client, shared: Company
) -> None:
    sign_in(client, shared.token)
    assert '"cost", "1"' not in unescape(client.get(at(shared)).text)
    page = unescape(client.get(f"{at(shared)}?open={SALES}").text)
    assert '["700000", "cost", "1"]' in page
    assert "-9,000.00" in page
    assert "No lines of this account" in client.get(f"{at(shared)}?open=640000").text


def test_a_reader_sees_and_a_stranger_sees_nothing(
    connection: Connection, client: httpx2.Client, shared: Company
) -> None:
    _, token = access_tokens.create(connection, shared.name, "Jo", access_tokens.TOKEN, Role.READER)
    sign_in(client, token)
    page = client.get(at(shared))
    assert page.status_code == 200
    for control in ("checkbox", "line.0", "Show the effect", 'type="file"'):
        assert control not in page.text, control
    sign_in(client, make_company(connection).token)
    for path in ("", "/history", "/choices.csv"):
        assert client.get(at(shared) + path).status_code == 404, path


def test_an_entity_without_figures_has_a_page(client: httpx2.Client, shared: Company) -> None:
    sign_in(client, shared.token)
    page = client.get(f"/entities/{shared.keys[1]}/mapping")
    assert page.status_code == 200
    assert "No account is like this." in page.text


def test_five_thousand_accounts_are_a_bounded_page(connection: Connection, client: httpx2.Client) -> None:
    company = make_unmapped(connection)
    connection.execute(
        "insert into raw.account (entity_id, code, name) "
        "select id, 'X' || nth, 'Name ' || nth from app.entity "
        "cross join generate_series(1, 5000) as nth where key = %s",
        [company.key],
    )
    sign_in(client, company.token)
    page = client.get(at(company)).text
    assert len(page) < 150_000
    assert "(5,029)" in page
    preview = post(client, company, "preview", show="all", q="Name", filter="", all="1", line="41")
    assert len(preview.text) < 1_000_000
    assert save(client, company, preview).status_code == 303
    assert len(chosen(connection, company)) == 5_000
    assert len(client.get(at(company, "history")).text) < 50_000


def test_card_and_reports_lead_to_what_is_unmapped(connection: Connection, client: httpx2.Client) -> None:
    company = make_unmapped(connection)
    sign_in(client, company.token)
    card = card_text(client.get("/entities").text, company.key)
    assert "22 accounts stand on no line of the statements. Place them" in card
    report = client.get(f"/reports/{company.key}/balance-sheet").text
    assert f'<a href="/entities/{company.key}/mapping?show=unmapped">Unmapped</a>' in report
    more = [*books(), *booking("N1", "2026-02", ("950000", 1), (BANK, -1))]
    load(connection, company.key, whole(more, accounts=NAMED))
    card = card_text(client.get("/entities").text, company.key)
    assert "23 accounts stand on no line of the statements. New since the import before: 1." in card
    assert '<span class="mark">new</span>' in client.get(at(company) + "?q=950000").text
