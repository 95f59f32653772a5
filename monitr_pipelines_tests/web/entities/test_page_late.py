"""Figures that should be younger: the card, which a late alert links to, tells of it."""

import httpx2
import pytest

from monitr_pipelines import alerts
from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.page_kit import Company, card_text, long_ago, make_company, run, sign_in

NEVER = "update app.entity set figures_at = null where id = %(entity)s"
YOUNGER = "update app.entity set figures_at = now() - interval '25 hours' where id = %(entity)s"
GONE = "update app.entity set status = 'Not found' where id = %(entity)s"
LAPSED = "update app.organisation set subscription = 'canceled' where id = %(organisation)s"
DISCONNECTED = (
    "update app.integration set state = 'reconnect needed' where organisation_id = %(organisation)s"
)
ASKED = (
    "insert into app.import (entity_id, trigger, requested_at)"
    " select %(entity)s, 'scheduled', now() - {} * interval '1 minute'"
)


def with_old_figures(connection: Connection, client: httpx2.Client, provider: str = "tryton") -> Company:
    company = make_company(connection, provider=provider)
    sign_in(client, company.token)
    long_ago(connection, run(connection, company.key), 27)
    connection.execute(
        "update app.entity set figures_at = now() - interval '27 hours' where key = %s", [company.key]
    )
    return company


def told(client: httpx2.Client, company: Company, language: str = "en") -> bool:
    shown = client.get(f"/entities/{company.key}/card", headers={"accept-language": language})
    return i18n.text(language, "remedy.late") in card_text(shown.text, company.key)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_old_figures_are_told(connection: Connection, client: httpx2.Client, language: str) -> None:
    assert told(client, with_old_figures(connection, client), language)


@pytest.mark.parametrize(
    ("change", "late"),
    [
        (NEVER, False),
        (YOUNGER, False),
        (GONE, False),
        (LAPSED, False),
        (DISCONNECTED, False),
        (ASKED.format(50), False),
        (ASKED.format(70), True),
    ],
)
def test_they_are_told_where_imports_should_have_brought_younger_ones(
    connection: Connection, client: httpx2.Client, change: str, *, late: bool
) -> None:
    company = with_old_figures(connection, client)
    found = connection.execute("select id from app.entity where key = %s", [company.key]).fetchone()
    assert found is not None
    connection.execute(change, {"entity": found["id"], "organisation": company.organisation_id})
    assert told(client, company) == late
    if change != NEVER:
        alerts.watch(connection)
        opened = "select cause from app.alert where entity_id = %s and closed_at is null"
        causes = [row["cause"] for row in connection.execute(opened, [found["id"]])]
        assert causes == (["late"] if late else []), "the alert follows the same rule"


def test_files_come_when_someone_sends_them(connection: Connection, client: httpx2.Client) -> None:
    assert not told(client, with_old_figures(connection, client, "file"))


def test_a_failure_tells_more_than_the_age_of_the_figures(
    connection: Connection, client: httpx2.Client
) -> None:
    company = with_old_figures(connection, client)
    run(connection, company.key, ProviderDown("Down."))
    assert not told(client, company)
