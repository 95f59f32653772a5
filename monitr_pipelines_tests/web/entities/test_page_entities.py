"""The Entities page as it is served: cards, search, filters, pages, history, diagnostics."""

import re
from datetime import timedelta

import httpx2
import pytest

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    InconsistentData,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.warehouse.queue import outcome, requests
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n, static_files
from monitr_pipelines_tests.web.hook_kit import Web
from monitr_pipelines_tests.web.page_kit import (
    Company,
    card_text,
    end,
    long_ago,
    make_company,
    run,
    sign_in,
    start,
)


@pytest.fixture
def company(connection: Connection, client: httpx2.Client) -> Company:
    made = make_company(connection, ("Bakkerij Peeters", "Garage Wouters"))
    sign_in(client, made.token)
    return made


def card(client: httpx2.Client, company: Company) -> str:
    return card_text(client.get(f"/entities/{company.key}/card").text, company.key)


def test_never_imported_is_not_healthy(client: httpx2.Client, company: Company) -> None:
    shown = card(client, company)
    assert "Never imported" in shown
    assert "No figures yet" in shown
    assert "Sync now" in shown


def test_figures_are_kept_apart_from_the_last_attempt(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    run(connection, company.key)
    connection.execute(
        "update app.entity set figures_at = now() - interval '3 days' where key = %s", [company.key]
    )
    run(connection, company.key, ProviderDown("Down."))
    shown = card(client, company)
    assert "Latest current figures 3 days ago" in shown
    assert "second" in shown.partition("Last attempt")[2]
    assert "The figures of the import before stay visible." in shown


def test_a_running_import_hides_the_old_failure(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    run(connection, company.key, ProviderDown("Down."))
    claimed = start(connection, company.key)
    shown = card(client, company)
    assert "In progress" in shown
    assert "Down." not in shown
    assert "Sync now" not in shown
    end(connection, claimed)
    assert "Succeeded" in card(client, company)


def test_a_dead_worker_is_failed_before_anyone_wrote_so(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    claimed = start(connection, company.key)
    connection.execute("update app.import set lease_until = now() where id = %s", [claimed.import_id])
    shown = card(client, company)
    assert "Failed" in shown
    assert "stopped unexpectedly" in shown


def test_an_import_that_waits_is_shown_with_who_asked(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    requests.request(connection, company.key, trigger="hook", requested_by="payroll")
    shown = card(client, company)
    assert "Waiting…" in shown
    assert "A program : payroll" in shown or "A program: payroll" in shown
    assert "Sync now" not in shown


@pytest.mark.parametrize(
    ("trigger", "by"), [("scheduled", "schedule"), ("first", "first import"), ("reactivated", "billing")]
)
def test_the_system_has_no_name_beside_what_it_does(
    client: httpx2.Client, company: Company, connection: Connection, trigger: str, by: str
) -> None:
    client.get("/language/nl")
    requests.request(connection, company.key, trigger=trigger, requested_by=by)
    told = i18n.text("nl", f"trigger.{trigger}")
    history = client.get(f"/entities/{company.key}/history").text
    for shown in (card(client, company).partition("Diagnos")[0], history):
        assert told in shown
        assert by not in shown


def test_a_scheduled_import_that_waits_can_be_moved_to_the_front(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    requests.request(connection, company.key, trigger="scheduled", requested_by=None)
    assert "Sync now" in card(client, company)


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (ProviderDown("Down."), "The accounting software does not answer."),
        (ReconnectNeeded("Refused."), "Connect again under Organisations"),
        (EntityGone("Gone."), "that the administration exists"),
        (InconsistentData("Odd.", code="never_heard_of"), "Odd."),
    ],
)
def test_a_failure_tells_what_to_do_and_what_was_recorded(
    client: httpx2.Client, company: Company, connection: Connection, problem: InconsistentData, told: str
) -> None:
    run(connection, company.key, problem)
    shown = card(client, company)
    assert told in shown
    assert problem.message in shown


def test_sync_now_waits_for_the_hour_by_the_servers_clock(
    client: httpx2.Client, company: Company, connection: Connection, web: Web
) -> None:
    run(connection, company.key, ProviderDown("Down."))
    assert "Sync now is possible again from" in card(client, company)
    web.clock.ahead = timedelta(minutes=61)
    shown = card(client, company)
    assert "possible again" not in shown
    assert "Sync now" in shown


def test_the_hour_of_sync_now_is_told_so_that_nobody_comes_too_early(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    failed = run(connection, company.key, ProviderDown("Down."))
    connection.execute(
        "update app.import set finished_at = date_trunc('hour', now()) + interval '30.5 s' where id = %s",
        [failed.import_id],
    )
    assert re.search(r"possible again from \d\d:01\.", card(client, company))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update app.organisation set subscription = 'canceled' where id = %s", "subscription is not active"),
        (
            "update app.organisation set subscription_read_at = now() - interval '4 days' where id = %s",
            "could not be verified",
        ),
        (
            "update app.integration set state = 'reconnect needed' where organisation_id = %s",
            "Connect again under",
        ),
        ("update app.entity set status = 'Not found' where organisation_id = %s", "is not found"),
    ],
)
def test_what_stops_every_import_is_told_instead_of_sync_now(
    client: httpx2.Client, company: Company, connection: Connection, change: str, told: str
) -> None:
    run(connection, company.key)
    connection.execute(change, [company.organisation_id])
    shown = card(client, company)
    assert told in shown
    assert "Sync now" not in shown
    assert "Succeeded" in shown


def test_a_file_entity_takes_files(client: httpx2.Client, connection: Connection) -> None:
    files = make_company(connection, ("Files alone",), provider="file")
    sign_in(client, files.token)
    shown = client.get("/entities").text
    assert f'href="/entities/{files.key}/import"' in shown
    assert "Sync now" not in card_text(shown, files.key)


def test_a_deleted_entity_has_no_card(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    connection.execute("update app.entity set status = 'Deleted' where key = %s", [company.key])
    assert f'id="card-{company.key}"' not in client.get("/entities").text
    assert client.get(f"/entities/{company.key}").status_code == 404


def test_history_tells_rows_duration_trigger_and_who(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    done = run(connection, company.key)
    connection.execute(
        """
        update app.import set counts = '{"new": 1234, "changed": 5, "unchanged": 6, "deleted": 7}',
            requested_by = 'An', started_at = finished_at - interval '95 seconds' where id = %s
        """,
        [done.import_id],
    )
    run(connection, company.key, ProviderDown("Down."))
    for path in (f"/entities/{company.key}", f"/entities/{company.key}/history"):
        page = client.get(path).text
        for told in ("1,234", "1 min 35 s", "Command line", "An", "provider_down", "Down.", "<desc"):
            assert told in page, (path, told)
        assert page.count("<rect") == 2


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_history_tells_which_imports_were_full(
    client: httpx2.Client, company: Company, connection: Connection, language: str
) -> None:
    for mode in ("incremental", "full"):
        claimed = run(connection, company.key)
        connection.execute("update app.import set mode = %s where id = %s", [mode, claimed.import_id])
    page = client.get(f"/entities/{company.key}/history", headers={"accept-language": language}).text
    trigger, full = i18n.text(language, "trigger.cli"), i18n.text(language, "history.full")
    assert re.findall(rf"<td>{trigger}[^<]*", page) == [f"<td>{trigger} · {full}", f"<td>{trigger}"]


def test_history_is_of_thirty_imports(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    for _ in range(32):
        run(connection, company.key)
    page = client.get(f"/entities/{company.key}/history").text
    assert page.count("<rect") == 30
    assert page.count("<tr>") == 31


def test_findings_are_listed_with_line_and_column(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    claimed = start(connection, company.key)
    found = Finding(
        severity="error", code="bad_date", message="<b>31/02</b> is no date", line=17, column="Date"
    )
    outcome.save_findings(connection, claimed, [found])
    end(connection, claimed, InconsistentData("One line cannot be read.", code="unfit_lines"))
    page = client.get(f"/entities/{company.key}").text
    assert "&lt;b&gt;31/02&lt;/b&gt; is no date" in page
    assert ">17<" in page
    assert ">Date<" in page


def test_diagnostics_hold_ids_and_codes_and_no_secret(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    connection.execute(
        "update app.integration set credentials = 'hidden-credentials' where organisation_id = %s",
        [company.organisation_id],
    )
    failed = run(connection, company.key, ProviderDown("Down.", detail="hidden-detail"))
    page = client.get("/entities").text
    for told in (company.key, str(failed.import_id), failed.run_id, "provider_down", "next import refused"):
        assert told in card_text(page, company.key)
    assert "hidden-" not in page
    assert company.token not in page


def test_diagnostics_say_so_where_dagster_keeps_a_run_no_longer(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    ended = run(connection, company.key, ProviderDown("Down."))
    assert "no longer keeps" not in client.get("/entities").text
    connection.execute(
        "update app.import set finished_at = finished_at - interval '31 days' where id = %s",
        [ended.import_id],
    )
    told = card_text(client.get("/entities").text, company.key)
    assert f"last Dagster run: {ended.run_id}, which Dagster no longer keeps" in told


def test_names_and_messages_cannot_carry_markup(client: httpx2.Client, connection: Connection) -> None:
    evil = make_company(connection, ("<script>alert(1)</script>\"'",))
    sign_in(client, evil.token)
    run(connection, evil.key, InconsistentData("<img src=x onerror=alert(1)>", code="<i>"))
    for path in ("/entities", f"/entities/{evil.key}", "/entities?q=%22%3E%3Cscript%3E"):
        page = client.get(path).text
        assert "<script>" not in page
        assert "<img src=x" not in page


def test_search_and_filters_of_many(client: httpx2.Client, connection: Connection) -> None:
    many = make_company(connection, tuple(f"Company {nth:03}" for nth in range(120)))
    sign_in(client, many.token)
    for key in many.keys[:3]:
        run(connection, key, ProviderDown("Down."))
    first = client.get("/entities").text
    assert first.count('<article class="card"') == 50
    failed = client.get("/entities?status=failed").text
    assert failed.count('<article class="card"') == 3
    assert 'rel="next"' not in failed
    assert client.get("/entities?q=COMPANY+11").text.count('<article class="card"') == 11
    assert client.get("/entities?q=company+002&status=failed").text.count('<article class="card"') == 1
    none = client.get("/entities?q=nowhere").text
    assert "No entity matches" in none
    counts = first.partition('class="filters"')[2].partition("</ul>")[0]
    assert ">120<" in counts
    assert ">117<" in counts
    assert client.get("/entities?status=nonsense").text.count('<article class="card"') == 50


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_page_speaks_the_readers_language(
    client: httpx2.Client, company: Company, connection: Connection, language: str
) -> None:
    long_ago(connection, run(connection, company.key))
    run(connection, company.keys[1], ProviderDown("Down."))
    client.get(f"/language/{language}")
    for path in ("/entities", f"/entities/{company.key}", f"/entities/{company.key}/reset"):
        page = client.get(path)
        assert page.headers["content-language"] == language
        assert f'<html lang="{language}">' in page.text
    assert i18n.text(language, "status.succeeded") in card(client, company)
    assert i18n.text(language, "remedy.provider_down")[:25] in client.get("/entities").text


# What is for support, and has no words in other languages.
IN_ENGLISH_ALONE = {
    "finding.bad_amount": {"how"},
    "finding.bad_date": {"how"},
    "finding.control_character": {"what"},
    "finding.xml_not_well_formed": {"why"},
    "finding.workbook_damaged": {"why"},
}


def test_the_catalogues_have_the_same_texts_with_the_same_values() -> None:
    english = i18n._catalogue("en")
    for language in i18n.LANGUAGES:
        texts = i18n._catalogue(language)
        assert texts.keys() == english.keys()
        for key, text in texts.items():
            assert values_in(text) | IN_ENGLISH_ALONE.get(key, set()) == values_in(english[key]), (
                language,
                key,
            )


def test_our_scripts_are_small_modules() -> None:
    scripts = sorted(static_files.WEB.glob("*/static/*.js"))
    assert [script.name for script in scripts] == ["away.js", "live.js", "mapping.js", "reports.js"]
    assert max(len(script.read_text().splitlines()) for script in scripts) < 150


def values_in(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_two_organisations_never_see_each_other(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    other = make_company(connection, ("Somebody else",))
    run(connection, other.key)
    assert "Somebody else" not in client.get("/entities").text
    assert "Somebody else" not in client.get("/entities?q=somebody").text
    for path in ("", "/card", "/history", "/detail", "/reset"):
        answer = client.get(f"/entities/{other.key}{path}")
        assert answer.status_code == 404
        assert "Somebody else" not in answer.text
        assert answer.text == client.get(f"/entities/no-such-key{path}").text.replace(
            "no-such-key", other.key
        )
