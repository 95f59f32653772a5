"""Whatever page a remedy names, the card and the history lead there, and what it asks for is on it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

import httpx2
import pytest

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.errors import InconsistentData, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.lifecycle.texts import TEXTS
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.entities.ways import ANOTHER_FILE, TO_CHOOSE, TO_CONNECT
from monitr_pipelines_tests.web.page_kit import Company, end, long_ago, make_company, run, sign_in, start

TOLD = [code for code, remedy in REMEDIES.items() if remedy.actor is not Actor.ASKER] + ["no_ledger_file"]


@dataclass(frozen=True)
class Named:
    """A page as remedies name it: the words, and what is there to be done by an administrator."""

    words: re.Pattern[str]
    there: re.Pattern[str]


PAGES = (
    Named(re.compile(r"Connect again under .*Integrations"), re.compile(r">Connect again<|Connect Tryton")),
    Named(re.compile(r"Choose it again under .*Integrations|the connected user may see it"),
          re.compile(r"Save choice|>Choose companies<")),
    Named(re.compile(r"Organisations > Billing"), re.compile(r"<h1>Billing</h1>")),
    Named(re.compile(r"the import's findings list, then import again"), re.compile(r'id="findings"')),
    Named(
        re.compile(r"[Ii]mport (the|that) file|import it again|Import a file|[Uu]pload"),
        re.compile(r'type="file"'),
    ),
)  # fmt: skip
# Codes that there are for accounting software alone, and for ledger files alone.
OF_SOFTWARE = TO_CONNECT | TO_CHOOSE
OF_FILES = ANOTHER_FILE
# What keeps an entity from being imported, beside what its last import ended with.
STATES = {
    "reconnect_needed": "update app.integration set state = 'reconnect needed'",
    "connection_removed": "update app.integration set state = 'removed'",
    "subscription_inactive": "update app.organisation set subscription = 'canceled'",
    "subscription_unknown": "update app.organisation set subscription_read_at = now() - interval '4 days'",
    "entity_gone": "update app.entity set status = 'Not found'",
}


def named_by(code: str, *, takes_files: bool) -> list[Named]:
    told = REMEDIES[code].for_finance(takes_files=takes_files)
    return [page for page in PAGES if page.words.search(told)]


def links(html: str) -> list[str]:
    return [unescape(address) for address in re.findall(r'<a [^>]*?href="(/[^"]+)"', html)]


def part(html: str, pattern: str) -> str:
    found = re.search(pattern, html, re.DOTALL)
    assert found, pattern
    return found.group()


def behind(client: httpx2.Client, html: str) -> dict[str, str]:
    """The pages that its links lead to: each is there."""
    answers = {address: client.get(address, follow_redirects=True) for address in dict.fromkeys(links(html))}
    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(answers, 200)
    return {address: answer.text for address, answer in answers.items()}


def leads_to(pages: Mapping[str, str], html: str, page: Named) -> bool:
    """Whether a link leads to a page on which the action is."""
    return any(page.there.search(pages[address]) for address in links(html))


def put_in(connection: Connection, company: Company, code: str) -> None:
    """What is so where an import fails like this."""
    if code in STATES:
        where = "id" if "app.organisation" in STATES[code] else "organisation_id"
        connection.execute(f"{STATES[code]} where {where} = %s", [company.organisation_id])


def connected(connection: Connection) -> Company:
    """A company whose entity is imported through a connection."""
    company = make_company(connection)
    connection.execute(
        "update app.integration set credentials = 'x' where organisation_id = %s", [company.organisation_id]
    )
    connection.execute(
        "update app.entity set administration = 'A1' where organisation_id = %s", [company.organisation_id]
    )
    connection.execute(
        "insert into app.administration "
        "(organisation_id, integration_id, id, name, currency, fiscal_year_start) "
        "select organisation_id, id, 'A1', 'Bakkerij Peeters', 'EUR', 1 "
        "from app.integration where organisation_id = %s",
        [company.organisation_id],
    )
    return company


@pytest.mark.parametrize(
    ("code", "takes_files"),
    [
        *((code, False) for code in TOLD if code not in OF_FILES),
        *((code, True) for code in TOLD if code not in OF_SOFTWARE),
    ],
)
def test_a_remedy_leads_to_the_page_that_it_names(
    connection: Connection, client: httpx2.Client, code: str, *, takes_files: bool
) -> None:
    company = make_company(connection, provider="file") if takes_files else connected(connection)
    pages = named_by(code, takes_files=takes_files)
    sign_in(client, company.token)
    long_ago(connection, run(connection, company.key, InconsistentData("Odd.", code=code)))
    if not takes_files:
        put_in(connection, company, code)
    shown = client.get(f"/entities/{company.key}").text
    message = part(shown, r'data-part="message">.*?class="drawers"')
    row = part(client.get(f"/entities/{company.key}/history").text, r"<tbody>.*?</tr>")
    found = behind(client, message + row)
    for page in pages:
        assert leads_to(found, message, page), (page.words.pattern, message)
        assert leads_to(found, row, page), (page.words.pattern, row)


def test_remedies_name_each_of_these_pages() -> None:
    """The test above would pass if the words of remedies were others than it looks for."""
    named = {page for code in TOLD for files in (False, True) for page in named_by(code, takes_files=files)}
    assert named == set(PAGES)
    unknown = re.compile(r"Organisations >|findings list|[Ii]mport .*file|[Uu]pload")
    for code in TOLD:
        for files in (False, True):
            if unknown.search(REMEDIES[code].for_finance(takes_files=files)):
                assert named_by(code, takes_files=files), code


@pytest.mark.parametrize("kind", [kind for kind, text in TEXTS.items() if "> Integrations" in text])
def test_a_message_that_names_the_integrations_has_the_link_beside_it(
    connection: Connection, client: httpx2.Client, kind: str
) -> None:
    company = connected(connection)
    sign_in(client, company.token)
    run(connection, company.key, ReconnectNeeded(Message(kind, {"title": "Tryton"})))
    shown = client.get(f"/entities/{company.key}").text
    message = part(shown, r'data-part="message">.*?data-part="actions"')
    assert "Integrations" in message
    assert leads_to(behind(client, message), message, PAGES[0])


@pytest.mark.parametrize("are_there", [True, False])
def test_findings_are_where_the_link_leads(
    connection: Connection, client: httpx2.Client, *, are_there: bool
) -> None:
    company = make_company(connection)
    sign_in(client, company.token)
    for nth in range(2):
        claimed = start(connection, company.key)
        if are_there:
            outcome.save_findings(connection, claimed, [Finding("bad_date", f"Odd {nth}.")])
        end(connection, claimed, InconsistentData("Odd.", code="unfit_lines"))
    shown = client.get(f"/entities/{company.key}").text
    assert shown.count(f'href="/entities/{company.key}#findings"') == 2, "on the card, and at the last import"
    assert ("Odd 1." in shown) == are_there
    assert ("It listed no single lines" in shown) != are_there


@pytest.mark.parametrize("state", ["reconnect_needed", "connection_removed", "entity_gone"])
@pytest.mark.parametrize("before", ["succeeded", "failed"])
def test_what_is_needed_is_never_hidden_under_a_status(
    connection: Connection, client: httpx2.Client, state: str, before: str
) -> None:
    """The word of the last import stays, and is not green."""
    company = make_company(connection)
    sign_in(client, company.token)
    problem = InconsistentData("Odd.", code="our_fault") if before == "failed" else None
    run(connection, company.key, problem)
    put_in(connection, company, state)
    for path in ("/entities", f"/entities/{company.key}", f"/entities/{company.key}/card"):
        header = part(client.get(path).text, rf'id="card-{company.key}".*?</header>')
        assert 'class="attention"' in header, path
        assert 'class="status succeeded"' not in header, path
        assert f">{before.title()}<" in header, path
