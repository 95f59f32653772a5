"""Variables: empty is the default, and what cannot be is told by the variable's name."""

import os
import subprocess
import sys

import pytest
from process_kit import LONGEST_WAIT

from monitr_pipelines import settings
from monitr_pipelines.settings import BadSetting

SECRETS = {
    "MONITR_DATABASE_URL": "mysql://me:canary@host/books",
    "MONITR_OWNER_DATABASE_URL": "canary",
    "MONITR_WEB_DATABASE_URL": "canary",
    "MONITR_BACKUP_DATABASE_URL": "canary",
    "MONITR_DAGSTER_DATABASE_URL": "canary",
    "MONITR_SECRET_KEYS": "canary",
    "MONITR_POOLED_DATABASE_URL": "mysql://me:canary@host/books",
    "MONITR_POOLED_DAGSTER_DATABASE_URL": "mysql://me:canary@host/dagster",
    "MONITR_BROKER_URL": "amqp://me:canary@host",
    "MONITR_SMTP_URL": "smtp://me:canary/@host",
    "MONITR_OPERATOR_TOKENS": "canary",
    "MONITR_OAUTH_APPLICATIONS": '{"exact": {"id": "monitr", "secrte": "canary"}}',
}
OTHERS = {
    "MONITR_SPOOL_LIMIT_MB": "much",
    "MONITR_DAGSTER_PORT": "65536",
    "MONITR_DAGSTER_URL": "127.0.0.1:3000",
    "MONITR_DAGSTER_BIND": "localhost",
    "MONITR_DAGSTER_ORIGINS": "https://dagster.example/ui",
    "MONITR_HOOK_PORT": "-1",
    "MONITR_HOOK_BIND": "everywhere",
    "MONITR_CLUSTER_BIND": "anywhere",
    "MONITR_BROKER_PORT": "0",
    "MONITR_POOLER_PORT": "65537",
    "MONITR_PUBLIC_URL": "monitr.example",
    "MONITR_HOOK_REQUESTS_PER_MINUTE": "0",
    "MONITR_UPLOAD_LIMIT_MB": "1.5",
    "MONITR_IMPORT_MEMORY_MB": "0",
    "MONITR_CONNECTION_IMPORTS": "0",
    "MONITR_PROVIDER_IMPORTS": "all",
    "MONITR_RUN_DAYS": "0",
    "MONITR_HISTORY_DAYS": "a year",
    "MONITR_BILLING": "paper",
    "MONITR_BILLING_SECONDS": "1000001",
    "MONITR_BILLING_PORTAL_URL": "portal.example",
    "MONITR_STRIPE_ADDRESS": "ftp://stripe.example",
    "MONITR_ALERT_FROM": "alerts",
    "MONITR_OPERATIONS_EMAIL": "a@b@c",
    "MONITR_ALERT_ALLOW_LOOPBACK": "here",
    "MONITR_PREVIEW_CONNECTORS": "octopus;yuki",
    "MONITR_PROVIDER_NETWORKS": "10.0.0.1/8",
}
ANYTHING = {"MONITR_HOME", "MONITR_SPOOL_DIR", "MONITR_HOOK_KEY", "MONITR_STRIPE_KEY"}


@pytest.fixture(autouse=True)
def _without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MONITR_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(("value", "number"), [("", 30), ("7", 7), (" 7 ", 7)])
def test_a_number_or_the_default(monkeypatch: pytest.MonkeyPatch, value: str, number: int) -> None:
    monkeypatch.setenv("MONITR_BILLING_SECONDS", value)
    assert settings.billing_seconds() == number


@pytest.mark.parametrize("value", ["abc", "0", "-5", "1.5", "65536", " "])
def test_what_is_no_port_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MONITR_HOOK_PORT", value)
    with pytest.raises(BadSetting, match="MONITR_HOOK_PORT must be a number from 1 to 65535"):
        settings.hook_port()


def test_an_empty_port_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_HOOK_PORT", "")
    monkeypatch.setenv("MONITR_DAGSTER_PORT", "")
    assert (settings.hook_port(), settings.dagster_port()) == (8000, 3000)


def test_a_file_on_the_page_may_have_200_mb() -> None:
    assert settings.upload_limit() == 200 * 1024 * 1024


def test_pages_are_spooled_in_the_home_folder_or_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_HOME", "/srv/monitr")
    assert str(settings.spool_folder()) == "/srv/monitr/spool"
    assert settings.spool_limit() == 10_000 * 1024 * 1024
    monkeypatch.setenv("MONITR_SPOOL_DIR", "/fast")
    monkeypatch.setenv("MONITR_SPOOL_LIMIT_MB", "3")
    assert (str(settings.spool_folder()), settings.spool_limit()) == ("/fast", 3 * 1024 * 1024)


def test_without_a_checkout_the_home_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CHECKOUT", None)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert str(settings.home()) == "/data/monitr"
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("HOME", "/people/ann")
    assert str(settings.home()) == "/people/ann/.local/share/monitr"


@pytest.mark.parametrize(
    "value",
    ["dagster.example", "https://a.example,", "https://me@a.example", "ftp://a.example", "https://a/?b"],
)
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MONITR_DAGSTER_ORIGINS", value)
    with pytest.raises(BadSetting, match="MONITR_DAGSTER_ORIGINS must be addresses such as https://host"):
        settings.dagster_origins()


@pytest.mark.parametrize("value", ["a" * 31, "a" * 40 + ",", "é" * 32, "a b" * 20, ","])
def test_what_is_no_token_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MONITR_OPERATOR_TOKENS", value)
    with pytest.raises(BadSetting, match="MONITR_OPERATOR_TOKENS must be tokens of 32 letters"):
        settings.operator_tokens()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MONITR_DAGSTER_BIND", "0.0.0.0"),  # noqa: S104 - as someone may set it
        ("MONITR_DAGSTER_BIND", "::"),
        ("MONITR_DAGSTER_BIND", "10.0.0.5"),
        ("MONITR_DAGSTER_ORIGINS", "https://dagster.example"),
    ],
)
def test_who_comes_from_another_machine_signs_in(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSetting, match=f"{variable} .*set MONITR_OPERATOR_TOKENS"):
        settings.check()
    monkeypatch.setenv("MONITR_OPERATOR_TOKENS", "t" * 32)
    settings.check()


@pytest.mark.parametrize(
    ("bound", "url"),
    [
        ("", "http://127.0.0.1:3000"),
        ("127.0.0.2", "http://127.0.0.2:3000"),
        ("0.0.0.0", "http://127.0.0.1:3000"),  # noqa: S104 - as someone may set it
        ("::", "http://[::1]:3000"),
        ("10.0.0.5", "http://10.0.0.5:3000"),
        ("fd00::5", "http://[fd00::5]:3000"),
    ],
)
def test_the_reconciler_goes_where_dagster_listens(
    monkeypatch: pytest.MonkeyPatch, bound: str, url: str
) -> None:
    monkeypatch.setenv("MONITR_DAGSTER_BIND", bound)
    assert settings.dagster_url() == url


def test_every_wrong_variable_is_named_and_no_secret_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (SECRETS | OTHERS).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refused:
        settings.check()
    for name in SECRETS:
        assert f"{name} must be " in str(refused.value)
    for name, value in OTHERS.items():
        assert f"{name} must be " in str(refused.value)
        assert f"not {value!r}." in str(refused.value)
    assert "canary" not in str(refused.value)
    assert {name for name, *_ in settings.described()} == {*SECRETS, *OTHERS, *ANYTHING}


def test_a_wrong_variable_stops_nothing_that_does_not_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (SECRETS | OTHERS).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MONITR_HOOK_KEY", "whsec_x")
    assert settings.hook_key() == "whsec_x"


def test_secrets_are_not_in_what_is_printed_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MONITR_DATABASE_URL": "postgresql://me:canary@host/books",
        "MONITR_HOOK_KEY": "canary",
        "MONITR_STRIPE_KEY": "canary",
        "MONITR_SMTP_URL": "smtp://me:canary@host",
        "MONITR_OAUTH_APPLICATIONS": '{"exact": {"id": "monitr", "secret": "canary"}}',
    }.items():
        monkeypatch.setenv(name, value)
    assert settings.database_url() == "postgresql://me:canary@host/books"
    assert settings.oauth_application("exact") == ("monitr", "canary")
    assert "canary" not in repr(settings.Settings())


def test_the_reconciler_tells_at_its_start_what_cannot_be() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "monitr_pipelines.reconciler"],
        env={**os.environ, "MONITR_BILLING_SECONDS": "soon"},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_WAIT,
    )
    rest = "CRITICAL monitr_pipelines.reconciler - MONITR_BILLING_SECONDS must be a number from 1 to 1000000"
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, line.partition(" ")[2]) == (1, f"{rest}, not 'soon'.")


@pytest.mark.parametrize(
    "value",
    [
        "exact",
        "[]",
        '{"exact": "monitr"}',
        '{"exact": {"id": "monitr"}}',
        '{"exact": {"id": "monitr", "secret": ""}}',
        '{"exact": {"id": 7, "secret": "s"}}',
    ],
)
def test_what_is_no_application_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", value)
    with pytest.raises(BadSetting, match="MONITR_OAUTH_APPLICATIONS must be a JSON object such as"):
        settings.oauth_application("exact")


def test_an_application_is_found_by_its_connector(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.oauth_application("exact") is None
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", '{"exact": {"id": "monitr", "secret": "s"}}')
    assert settings.oauth_application("exact") == ("monitr", "s")
    assert settings.oauth_application("xero") is None
