"""What pages say of recorded messages and of remedies: what a reader can do, the same as in every letter."""

from datetime import UTC, datetime
from html import unescape

import httpx2
import pytest
from psycopg.types.json import Jsonb

from monitr_pipelines.alerts.letters import document, letter
from monitr_pipelines.alerts.outbox import Batch, Told
from monitr_pipelines.lifecycle.codes import LOOKED_INTO, REMEDIES, Actor
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option, Setting
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.entities.cards import Trouble
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.page_kit import card_text, end, make_company, sign_in, start

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RECORDED = Message(
    "years_would_shrink",
    {"first": "2026-01", "last": "2026-06", "years": "2026-01..2026-12"},
    (
        Answer(Setting.FISCAL_YEAR_START, (7,)),
        Answer(Setting.FISCAL_YEARS, ("2026-01..2026-06",)),
        Answer(Option.ALLOW_SHRINK),
    ),
)


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ("file", "import again with “Accept that months lose their lines”"),
        ("tryton", "for you to accept that"),
    ],
)
def test_no_page_tells_a_command(
    connection: Connection, client: httpx2.Client, provider: str, told: str
) -> None:
    company = make_company(connection, provider=provider)
    sign_in(client, company.token)
    claimed = start(connection, company.key)
    end(connection, claimed, InconsistentData(RECORDED, code="shrunken"))
    for path in ("", "/card", "/history"):
        shown = client.get(f"/entities/{company.key}{path}").text
        said = shown.partition("<textarea")[0] + shown.partition("</textarea>")[2]
        assert told in said, path
        assert "--" not in said.replace("<!--", ""), path
        assert "monitr entity" not in said, path
        assert "starts in another month, ask whoever manages Monitr for you to set that." in said, path


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_what_was_recorded_is_told_in_the_language_of_the_reader(
    connection: Connection, client: httpx2.Client, language: str
) -> None:
    company = make_company(connection, provider="file")
    sign_in(client, company.token)
    end(connection, start(connection, company.key), InconsistentData(RECORDED, code="shrunken"))
    client.get(f"/language/{language}")
    told = [i18n.text(language, "message.years_would_shrink", **RECORDED.values)]
    told += [i18n.text(language, f"advice.{name}") for name in Setting]
    told += [i18n.text(language, "advice_files.allow_shrink")]
    for path in ("", "/card", "/history"):
        shown = unescape(client.get(f"/entities/{company.key}{path}").text)
        assert " ".join(told) in shown, path
        assert RECORDED.text not in shown.partition("<textarea")[0] + shown.partition("</textarea>")[2]


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [{"kind": "of another release", "values": {}, "answers": []}],
        [{"kind": "implausible_dates", "values": {"since": "2026"}, "answers": []}],
        [{"kind": "shrunken", "values": {}, "answers": [{"name": "of another release", "candidates": []}]}],
        [{"kind": "shrunken"}],
        [],
    ],
)
def test_what_another_release_recorded_is_shown_as_its_text(
    connection: Connection, client: httpx2.Client, fields: list[object] | None
) -> None:
    company = make_company(connection)
    sign_in(client, company.token)
    claimed = start(connection, company.key)
    end(connection, claimed, InconsistentData("It was so in <2026>.", code="shrunken"))
    connection.execute(
        "update app.import set error_fields = %s where id = %s",
        [Jsonb(fields) if fields is not None else None, claimed.import_id],
    )
    for language in i18n.LANGUAGES:
        client.get(f"/language/{language}")
        for path in ("", "/card", "/history"):
            assert "It was so in &lt;2026&gt;." in client.get(f"/entities/{company.key}{path}").text


def test_letters_and_pages_call_a_field_by_its_label() -> None:
    for language in i18n.LANGUAGES:
        for option in (Option.ALLOW_SHRINK, Option.ALLOW_UNBALANCED):
            label = i18n.text(language, f"wizard.field.{option}")
            assert label in i18n.text(language, f"advice_files.{option}")


TOLD = [code for code, remedy in REMEDIES.items() if remedy.actor is not Actor.ASKER]


@pytest.mark.parametrize("takes_files", [True, False])
@pytest.mark.parametrize("code", TOLD)
def test_page_and_letters_tell_one_remedy(code: str, *, takes_files: bool) -> None:
    remedy = REMEDIES[code]
    key = Trouble(code, (), {}).remedy(takes_files=takes_files)
    assert key is not None
    expected = remedy.for_finance(takes_files=takes_files)
    assert i18n.text("en", key) == f"{remedy.title}. {expected}"
    one = Told("1", "A", "B", (), takes_files=takes_files, opened_at=NOON, closed_at=None)
    batch = Batch((1,), "email", "opened", "a@b.example", code, 1, False, None, (one,))  # noqa: FBT003
    assert f"What to do: {expected}" in letter(batch, "/entities").text
    assert document(batch, "/entities")["data"]["what_to_do"] == expected


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("code", TOLD)
def test_translations_have_the_variants_of_the_catalogue(code: str, language: str) -> None:
    """What the finance user need not do anything about says so in the same words everywhere."""
    texts = i18n._catalogue(language)
    assert (f"remedy_files.{code}" in texts) == (REMEDIES[code].files is not None)
    nothing_to_do = i18n.text(language, "remedy.our_fault").partition(". ")[2]
    assert texts[f"remedy.{code}"].endswith(nothing_to_do) == (REMEDIES[code].finance == LOOKED_INTO)


def test_entities_of_both_kinds_in_one_letter_have_each_their_remedy() -> None:
    kinds = [Told("1", "A", "B", (), files, NOON, None) for files in (True, False)]
    batch = Batch((1,), "email", "opened", "a@b.example", "shrunken", 1, False, None, tuple(kinds))  # noqa: FBT003
    remedy = REMEDIES["shrunken"]
    assert f"What to do: {remedy.finance} For ledger files: {remedy.files}" in letter(batch, "/").text


@pytest.mark.parametrize("provider", ["file", "tryton"])
def test_a_card_tells_the_remedy_of_its_kind(
    connection: Connection, client: httpx2.Client, provider: str
) -> None:
    company = make_company(connection, provider=provider)
    sign_in(client, company.token)
    end(connection, start(connection, company.key), InconsistentData("Odd.", code="shrunken"))
    told = REMEDIES["shrunken"].for_finance(takes_files=provider == "file")
    assert told in card_text(client.get(f"/entities/{company.key}").text, company.key)
