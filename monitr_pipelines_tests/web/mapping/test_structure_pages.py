"""The pages of structures: the tree, files in and out, what would be lost, who may, and who did."""

import re
from collections.abc import Iterator

import httpx2
import pytest

from monitr_pipelines.ledger.mapping.placing import Choice, Given, Placing
from monitr_pipelines.ledger.structures import reading
from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.mapping import choices
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import SALES, id_of, load, upsert
from monitr_pipelines_tests.web.mapping.places_kit import books, make_unmapped
from monitr_pipelines_tests.web.mapping.structures_kit import FEWER, NBB, at, choose, number_of, save, upload
from monitr_pipelines_tests.web.page_kit import Company, form_token, sign_in


@pytest.fixture(scope="module")
def shared(home: object) -> Iterator[Company]:
    """Of tests that change nothing."""
    with database.connect(autocommit=True) as connection:
        yield make_unmapped(connection)


@pytest.fixture
def company(connection: Connection, client: httpx2.Client) -> Company:
    made = make_unmapped(connection)
    sign_in(client, made.token)
    return made


def lost(page: str) -> dict[str, list[str]]:
    """What loses its line, with its amount and its lines before and after."""
    rows = re.findall(r'<tr data-lost="([^"]*)">(.*?)</tr>', page, re.DOTALL)
    return {
        what: [
            " ".join(re.sub("<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        for what, row in rows
    }


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Belgium: full model for companies", "Turnover")),
        ("nl", ("België: volledig model voor vennootschappen", "Omzet")),
        ("fr", ("Belgique : modèle complet pour sociétés", "Chiffre d&#39;affaires")),
    ],
)
def test_the_tree_is_in_the_readers_language(
    client: httpx2.Client, connection: Connection, shared: Company, language: str, words: tuple[str, str]
) -> None:
    title, line = words
    sign_in(client, shared.token)
    headers = {"accept-language": language}
    listed = client.get(at(shared), headers=headers).text
    used = re.findall(r'<tr class="used">.*?</tr>', listed, re.DOTALL)
    assert len(used) == 1
    assert title in used[0]
    assert used[0].count('class="mark"') == 2, "in use, and the default of the country"
    tree = client.get(at(shared, number_of(connection, "be_nbb")), headers=headers).text
    row = re.findall(r'<tr data-line="70".*?</tr>', tree, re.DOTALL)[0]
    assert line in row
    assert re.search(r'class="beginnings">\s*<span>70</span>', row)


def test_a_file_goes_out_and_in_again(
    client: httpx2.Client, connection: Connection, company: Company
) -> None:
    number = number_of(connection, "be_nbb")
    got = client.get(at(company, number, "lines.csv"))
    assert got.headers["content-disposition"] == 'attachment; filename="be-nbb-structure.csv"'
    preview = upload(client, company, got.text)
    assert "No company is on it until it is chosen" in preview.text
    assert "Our own" not in client.get(at(company)).text
    saved = save(client, company, preview)
    assert saved.status_code == 303
    assert "follow at the next import" in client.get(saved.headers["location"]).text
    own = number_of(connection, "Our own", company)
    assert own_structures.export(connection, own) == own_structures.export(connection, number)
    assert choose(client, company, own).status_code == 303
    load(connection, company.key, upsert(list(books())))
    page = client.get(at(company)).text
    assert re.search(r'<tr class="used">\s*<th[^>]*><a [^>]*>Our own</a>', page)
    told = re.findall(r'class="account">(Reporting structure[^<]*)<', page)
    assert told == [
        "Reporting structure of a company chosen: Bakkerij Peeters: Our own",
        "Reporting structure imported: Our own",
    ]
    # The one of the country is followed again, not chosen.
    assert choose(client, company, number).status_code == 303
    row = connection.execute("select structure_id from app.entity where key = %s", [company.key]).fetchone()
    assert row == {"structure_id": None}
    assert "figures are by this one until the next import" in client.get(at(company)).text


def test_what_would_be_lost_is_told_before_a_structure_is_replaced(
    client: httpx2.Client, connection: Connection, company: Company
) -> None:
    assert save(client, company, upload(client, company, NBB)).status_code == 303
    own = number_of(connection, "Our own", company)
    assert choose(client, company, own).status_code == 303
    placed = [
        Given(Placing("922000"), Choice("61", "")),
        Given(Placing(SALES, "cost", "1"), Choice("74", "")),
    ]
    choices.save(connection, company.key, placed, "An Peeters")
    load(connection, company.key, upsert(list(books())))
    connection.execute(
        "insert into app.adjusting_entry (entity_id, month, line, amount, reason, added_by) "
        "values (%(id)s, '2026-02-01', '70', -50, 'accrual', 'An'), "
        "(%(id)s, '2026-02-01', '74', 50, 'accrual', 'An')",
        {"id": id_of(connection, company.key)},
    )
    preview = upload(client, company, FEWER)
    assert lost(preview.text) == {
        SALES: ["-13,000.00", "70 Turnover", "Unmapped"],
        "922000": ["2,200.00", "61 Services and other goods", "Unmapped"],
        "70": ["-50.00", "70 Turnover", "Unmapped"],
    }
    assert "Companies on it: 1." in preview.text
    assert "Lines that go" in preview.text
    before = own_structures.state_of(connection, own)
    assert before == own_structures.state_of(connection, number_of(connection, "Our own", company))
    # Somebody else is faster: what was seen is not what would be replaced.
    own_structures.keep(
        connection, company.organisation_id, "Our own", reading.read(FEWER.encode()), replace=True
    )
    late = save(client, company, preview)
    assert "Somebody changed this structure meanwhile" in late.text
    assert lost(late.text) == {}
    assert save(client, company, late).status_code == 303


def test_what_would_be_lost_is_told_before_another_is_chosen(
    client: httpx2.Client, connection: Connection, company: Company
) -> None:
    page = client.get(at(company, number_of(connection, "nl_rgs"), "choose")).text
    assert lost(page)[SALES] == ["-13,000.00", "70 Turnover", "Unmapped"]
    row = connection.execute("select structure_id from app.entity where key = %s", [company.key]).fetchone()
    assert row == {"structure_id": None}, "looked at, not chosen"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Line 2 (x): &#39;y&#39; is not a statement."),
        ("nl", "Regel 2 (x): &#39;y&#39; is geen overzicht."),
        ("fr", "Ligne 2 (x) : &#39;y&#39; n&#39;est pas un état."),
    ],
)
def test_everything_that_is_wrong_with_a_file_is_told(
    client: httpx2.Client, shared: Company, language: str, told: str
) -> None:
    sign_in(client, shared.token)
    client.cookies.set("monitr_language", language)
    page = upload(client, shared, "line,statement,parent,position\nx,y,z,first\n", "be_nbb").text
    assert told in page
    assert len(re.findall("<li>", page.partition('role="alert"')[2].partition("</ul>")[0])) == 7


def test_a_form_that_no_preview_wrote_keeps_nothing(client: httpx2.Client, shared: Company) -> None:
    sign_in(client, shared.token)
    csrf = {"csrf": form_token(client, at(shared))}
    for fields in ({"name": "x", "content": "line"}, {"name": "plain", "content": NBB}, {"name": "x"}):
        assert client.post(at(shared), data=csrf | fields).status_code == 400
    assert client.post(at(shared, "preview"), data=csrf | {"name": "x"}).status_code == 400


def test_a_reader_sees_and_changes_nothing(
    client: httpx2.Client, connection: Connection, shared: Company
) -> None:
    _, token = access_tokens.create(connection, shared.name, "Jo", access_tokens.TOKEN, Role.READER)
    sign_in(client, token)
    pages = [client.get(at(shared)).text, client.get(at(shared, number_of(connection, "plain"))).text]
    assert not [page for page in pages if "Use for this company" in page or 'type="file"' in page]


def test_a_structure_of_another_organisation_is_not_there(
    client: httpx2.Client, connection: Connection, company: Company, shared: Company
) -> None:
    assert save(client, company, upload(client, company, NBB)).status_code == 303
    own = number_of(connection, "Our own", company)
    sign_in(client, shared.token)
    csrf = {"csrf": form_token(client, at(shared))}
    for path in ("", "/lines.csv", "/choose"):
        assert client.get(at(shared, own) + path).status_code == 404
    assert client.post(at(shared, own, "choose"), data=csrf).status_code == 404
    assert "Our own" not in client.get(at(shared)).text


@pytest.mark.parametrize(
    "statement",
    [
        "update app.reporting_structure set name = 'ours' where id = %(template)s",
        "delete from app.report_line where structure_id = %(template)s",
        "delete from app.account_mapping where structure_id = %(template)s",
        "delete from app.report_line_ancestry where structure_id = %(template)s",
    ],
)
def test_the_web_process_cannot_change_a_template(
    connection: Connection, shared: Company, statement: str
) -> None:
    with tenancy.as_tenant(shared.organisation_id) as tenant:
        done = tenant.execute(statement, {"template": number_of(connection, "plain")})
        assert done.rowcount == 0


def test_the_web_process_adds_to_no_template(connection: Connection, shared: Company) -> None:
    insert = (
        "insert into app.account_mapping (structure_id, statement, prefix, line) values (%s, 'x', 'x', 'x')"
    )
    with (
        pytest.raises(Exception, match="row-level security"),
        tenancy.as_tenant(shared.organisation_id) as tenant,
    ):
        tenant.execute(insert, [number_of(connection, "plain")])
