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


def kept(client: httpx2.Client, connection: Connection, company: Company) -> int:
    """The number of a structure of theirs that is read in."""
    assert save(client, company, upload(client, company, NBB)).status_code == 303
    return number_of(connection, "Our own", company)


def delete(client: httpx2.Client, company: Company, number: int) -> httpx2.Response:
    csrf = form_token(client, at(company, number, "delete"))
    return client.post(at(company, number, "delete"), data={"csrf": csrf})


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
    assert 'href="/entities" aria-current="true"' in preview.text, "of what a form leads to"
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


def test_a_structure_is_deleted_with_what_was_placed_on_it(
    client: httpx2.Client, connection: Connection, company: Company
) -> None:
    own = kept(client, connection, company)
    country = number_of(connection, "be_nbb")
    assert choose(client, company, own).status_code == 303
    for line in ("61", "74"):
        choices.save(connection, company.key, [Given(Placing("922000"), Choice(line, ""))], "An Peeters")
    assert choose(client, company, country).status_code == 303
    page = client.get(at(company, own, "delete")).text
    assert "who placed it: 1." in page
    assert f"{at(company, own)}/lines.csv" in page
    answer = delete(client, company, own)
    assert answer.status_code == 303
    listed = client.get(answer.headers["location"]).text
    assert "Deleted." in listed
    assert f"{at(company, own)}" not in listed
    assert "Reporting structure deleted: Our own" in listed
    for table in ("chosen_line", "chosen_line_change", "report_line", "account_mapping"):
        left = connection.execute(f"select 1 from app.{table} where structure_id = %s", [own])  # noqa: S608
        assert left.fetchone() is None, table
    load(connection, company.key, upsert(list(books())))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("have to be put on another structure", "figures of companies", "were removed")),
        ("nl", ("eerst een andere structuur krijgen", "nog mee gemaakt", "werden verwijderd")),
        ("fr", ("recevoir une autre structure", "encore établis avec elle", "ont été retirées")),
    ],
)
def test_a_structure_that_is_used_is_not_deleted(
    client: httpx2.Client, connection: Connection, language: str, told: tuple[str, str, str]
) -> None:
    company = make_unmapped(connection)
    sign_in(client, company.token)
    client.cookies.set("monitr_language", language)
    own = kept(client, connection, company)
    assert "danger" in client.get(at(company, own, "delete")).text
    token = form_token(client, at(company, own, "delete"))
    first, other = company.keys

    def is_refused(why: str) -> None:
        page = client.get(at(company, own, "delete")).text
        sent = client.post(at(company, own, "delete"), data={"csrf": token})
        assert sent.status_code == 200
        for text in (page, sent.text):
            assert why in text
            assert "danger" not in text
            assert [each for each in told if each in text] == [why]
        assert number_of(connection, "Our own", company) == own

    own_structures.assign(connection, first, "Our own")
    is_refused(told[0])
    load(connection, first, upsert(list(books())))
    own_structures.assign(connection, first, None)
    is_refused(told[1])
    load(connection, first, upsert(list(books())))
    own_structures.assign(connection, other, "Our own")
    connection.execute("update app.entity set status = 'Deleted' where key = %s", [other])
    is_refused(told[2])


def test_nobody_deletes_a_template(client: httpx2.Client, connection: Connection, shared: Company) -> None:
    sign_in(client, shared.token)
    template = number_of(connection, "plain")
    csrf = {"csrf": form_token(client, at(shared))}
    assert client.get(at(shared, template, "delete")).status_code == 404
    assert client.post(at(shared, template, "delete"), data=csrf).status_code == 404
    assert "/delete" not in client.get(at(shared)).text


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
    changing = ("Use for this company", 'type="file"', "/delete")
    assert not [each for page in pages for each in changing if each in page]


def test_a_structure_of_another_organisation_is_not_there(
    client: httpx2.Client, connection: Connection, company: Company, shared: Company
) -> None:
    assert save(client, company, upload(client, company, NBB)).status_code == 303
    own = number_of(connection, "Our own", company)
    sign_in(client, shared.token)
    csrf = {"csrf": form_token(client, at(shared))}
    for path in ("", "/lines.csv", "/choose", "/delete"):
        assert client.get(at(shared, own) + path).status_code == 404
    for path in ("choose", "delete"):
        assert client.post(at(shared, own, path), data=csrf).status_code == 404
    assert "Our own" not in client.get(at(shared)).text


@pytest.mark.parametrize(
    "statement",
    [
        "update app.reporting_structure set name = 'ours' where id = %(template)s",
        "delete from app.reporting_structure where id = %(template)s",
        "delete from app.chosen_line_change where structure_id = %(template)s",
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
