"""Three whole languages: each has every text, its own words, and no page says a word of another one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from string import Formatter

import httpx2
import pytest
from psycopg.types.json import Jsonb

from monitr_pipelines import providers
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.lifecycle.texts import TEXTS
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.page_kit import (
    card_text,
    end,
    make_company,
    sign_in,
    start,
)

OTHERS = ("nl", "fr")
# The same word in two languages, by language.
SAME = {
    "nl": {
        "card.reset",
        "finding.alone",
        "finding.and_then",
        "finding.alone_with_stop",
        "finding.figures_part",
        "finding.figures_parts_more",
        "duration.minutes",
        "duration.seconds",
        "history.bar",
        "mapping.code",
        "page.dash",
        "reports.credit",
        "wizard.column.credit",
        "wizard.column.document_number",
        "wizard.mark.tab",
        "wizard.told.software",
    },
    "fr": {
        "finding.alone",
        "finding.alone_with_stop",
        "duration.hours",
        "duration.minutes",
        "duration.seconds",
        "entities.pages",
        "entity_status.active",
        "mapping.code",
        "mapping.structure",
        "mapping.structures",
        "page.dash",
        "page.organisations",
        "reports.date",
        "reports.journal",
        "reports.pages",
        "reports.total",
        "wizard.column.date",
        "wizard.column.journal",
        "wizard.mark.apostrophe",
        "wizard.mark.point",
        "wizard.told.dates",
        "wizard.told.format",
    },
}


def texts(language: str) -> Mapping[str, str]:
    return i18n._catalogue(language)


def names_in(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there_with_the_same_values(language: str) -> None:
    asked, told = texts("en"), texts(language)
    assert set(asked) ^ set(told) == set()
    assert {key for key in told if not names_in(told[key]) <= names_in(asked[key])} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_in_its_own_language(language: str) -> None:
    same = {key for key, words in texts(language).items() if texts("en").get(key) == words}
    assert same - SAME[language] == set()
    assert SAME[language] - same == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_remedy_and_every_message_has_its_words(language: str) -> None:
    told = {code for code, remedy in REMEDIES.items() if remedy.actor is not Actor.ASKER}
    assert {code for code in told if f"remedy.{code}" not in texts(language)} == set()
    assert {kind for kind in TEXTS if f"message.{kind}" not in texts(language)} == set()


def test_every_field_of_a_software_has_its_words() -> None:
    """And each of its choices."""
    for name in providers.connectors():
        for field in providers.find(name).fields:
            keys = (f"integrations.field.{name}_{field.name}", f"integrations.field.{field.name}")
            assert any(map(i18n.has_text, keys)), f"{name}: {field.name}"
            for choice in field.choices:
                assert i18n.has_text(f"integrations.choice_of.{name}_{field.name}_{choice}"), choice


@pytest.mark.parametrize(
    ("language", "told"), [("en", "1,234,567"), ("nl", "1.234.567"), ("fr", "1\u202f234\u202f567")]
)
def test_numbers_are_in_the_readers_format(language: str, told: str) -> None:
    assert i18n.number(language, 1_234_567) == told


@pytest.mark.parametrize(
    ("language", "told", "month"),
    [("en", "5 Mar", "March"), ("nl", "5 mrt.", "maart"), ("fr", "5 mars", "mars")],
)
def test_dates_are_in_the_readers_format(language: str, told: str, month: str) -> None:
    assert i18n.moment(language, datetime(2026, 3, 5, 9, 7, tzinfo=UTC)) == f"{told} 2026 10:07"
    assert i18n.month(language, 3) == month


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "account 700 in March 2026: debit 1,234.50, credit 0.00"),
        ("nl", "rekening 700 in maart 2026: debet 1.234,50, credit 0,00"),
        ("fr", "compte 700 en mars 2026 : débit 1\u202f234,50, crédit 0,00"),
    ],
)
def test_findings_have_numbers_and_dates_of_the_reader(
    connection: Connection, client: httpx2.Client, language: str, told: str
) -> None:
    company = make_company(connection)
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, language)
    claimed = start(connection, company.key)
    values = {"debit": Decimal("1234.5"), "credit": Decimal(0), "limit": 10**17}
    found = sentence("sum_out_of_range", account="700", month=Month(2026, 3), **values)
    outcome.save_findings(connection, claimed, [Finding("sum_out_of_range", found)])
    span = {"first": Month(1026, 1), "last": Month(2026, 3)}
    problem = InconsistentData(Message("implausible_dates", span), code="implausible_dates")
    end(connection, claimed, problem)
    assert problem.message.startswith("The ledger would run from 1026-01 to 2026-03.")
    shown = client.get(f"/entities/{company.key}").text
    assert told in shown
    assert i18n.month_of_year(language, Month(2026, 3)) in card_text(shown, company.key)


@pytest.mark.parametrize(
    "recorded",
    [
        {"kind": "of another release", "values": {}},
        {"kind": "more_debit", "values": {}},
        {"kind": "more_debit", "values": {"scope": {"week": "1"}, "amount": {"amount": "x"}}},
    ],
)
def test_findings_of_another_release_are_shown_as_they_are(
    connection: Connection, client: httpx2.Client, recorded: dict[str, object]
) -> None:
    company = make_company(connection)
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, "nl")
    claimed = start(connection, company.key)
    outcome.save_findings(connection, claimed, [Finding("any", "Odd <2026>.")])
    connection.execute(
        "update app.finding set sentence = %s where import_id = %s", [Jsonb(recorded), claimed.import_id]
    )
    end(connection, claimed, InconsistentData("Odd.", code="unfit_lines"))
    shown = client.get(f"/entities/{company.key}").text
    assert '<span lang="en">Odd &lt;2026&gt;.</span>' in shown
