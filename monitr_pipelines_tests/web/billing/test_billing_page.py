"""The Billing page: every state in words, and the way to the portal for who may go there."""

import re
from datetime import timedelta

import httpx2
import pytest

from monitr_pipelines.lifecycle.eligibility import PAYING
from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.page_kit import make_company, sign_in

PORTAL = "https://billing.example/portal"


def states(connection: Connection) -> list[str]:
    """All that the database lets a subscription be."""
    row = connection.execute(
        "select pg_get_constraintdef(oid) as rule from pg_constraint "
        "where conname = 'organisation_subscription_check'"
    ).fetchone()
    assert row is not None
    return re.findall(r"'([^']+)'::text", row["rule"])


def test_every_state_is_told_in_words(connection: Connection, client: httpx2.Client) -> None:
    for state in states(connection):
        company = make_company(connection, subscription=state)
        sign_in(client, company.token)
        page = client.get("/billing").text
        assert i18n.text("en", f"billing.state.{state}") in page
        assert ("Imports run:" in page) == (state in PAYING), state
        assert ("Nothing is imported now." in page) == (state not in PAYING), state


@pytest.mark.parametrize(("role", "shown"), [(Role.ADMINISTRATOR, True), (Role.EDITOR, False)])
def test_the_portal_is_shown_to_administrators(
    connection: Connection,
    client: httpx2.Client,
    monkeypatch: pytest.MonkeyPatch,
    *,
    role: Role,
    shown: bool,
) -> None:
    monkeypatch.setenv("MONITR_BILLING_PORTAL_URL", PORTAL)
    sign_in(client, make_company(connection, role=role).token)
    page = client.get("/billing").text
    assert (f'href="{PORTAL}"' in page) == shown
    assert ("An administrator of your organisation" in page) != shown


def test_without_a_portal_the_page_tells_whom_to_ask(connection: Connection, client: httpx2.Client) -> None:
    sign_in(client, make_company(connection).token)
    assert "Ask whoever manages Monitr for you" in client.get("/billing").text


def test_a_state_that_nobody_verified_for_days_is_told(connection: Connection, client: httpx2.Client) -> None:
    company = make_company(connection)
    connection.execute(
        "update app.organisation set subscription_read_at = now() - %s where id = %s",
        [timedelta(hours=73), company.organisation_id],
    )
    sign_in(client, company.token)
    assert "could not be verified for three days" in client.get("/billing").text
