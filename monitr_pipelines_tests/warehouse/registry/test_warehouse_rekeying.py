"""Keys that encrypt secrets can be changed and thrown away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.warehouse.registry import vault
from monitr_pipelines.warehouse.registry.rekeying import SECRETS, rekey
from monitr_pipelines.warehouse.server.database import Connection

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
# Bytes that nobody encrypted: contents of files, and hashes. And what a person began a quarter of an hour
# ago at most: where no key opens it any more, it is begun anew.
NO_SECRETS = {("upload_chunk", "content"), ("pending_connection", "content")}


@pytest.fixture
def secret(connection: Connection, make_entity: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> int:
    """An organisation with secrets that the old key encrypted; nobody else has any."""
    connection.execute("update app.organisation set alert_secret = null")
    connection.execute("update app.integration set credentials = null")
    connection.execute("delete from app.hook_request")
    connection.execute("delete from app.hook_key")
    monkeypatch.setenv("MONITR_SECRET_KEYS", OLD)
    row = connection.execute(
        "select organisation_id, integration_id from app.entity where key = %s", [make_entity()]
    ).fetchone()
    assert row is not None
    connection.execute(
        "update app.organisation set alert_secret = %s where id = %s",
        [vault.encrypt("whsec_a"), row["organisation_id"]],
    )
    connection.execute(
        "update app.integration set credentials = %s where id = %s",
        [vault.encrypt("password"), row["integration_id"]],
    )
    return int(row["organisation_id"])


def alert_secret(connection: Connection, organisation_id: int) -> str:
    row = connection.execute(
        "select alert_secret from app.organisation where id = %s", [organisation_id]
    ).fetchone()
    assert row is not None
    return vault.decrypt(row["alert_secret"])


def test_after_it_the_old_key_is_not_needed(
    connection: Connection, secret: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_SECRET_KEYS", f"{NEW},{OLD}")
    assert rekey(connection) == 2
    monkeypatch.setenv("MONITR_SECRET_KEYS", NEW)
    assert alert_secret(connection, secret) == "whsec_a"


def test_a_key_in_a_file_is_rotated_by_a_line_in_front(
    connection: Connection, secret: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MONITR_SECRET_KEYS")
    file = tmp_path / vault.KEY_FILE
    monkeypatch.setattr(settings, "home", lambda: tmp_path)
    file.write_text(f"{NEW}\n{OLD}\n")
    assert rekey(connection) == 2
    file.write_text(f"{NEW}\n")
    assert alert_secret(connection, secret) == "whsec_a"
    file.write_text(f"{OLD}\n")
    with pytest.raises(OurFault):
        alert_secret(connection, secret)


def test_a_secret_that_no_key_opens_stops_it_before_anything_changes(
    connection: Connection, secret: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.execute("update app.integration set credentials = 'broken' where credentials is not null")
    monkeypatch.setenv("MONITR_SECRET_KEYS", f"{NEW},{OLD}")
    with pytest.raises(OurFault) as refused:
        rekey(connection)
    assert refused.value.code == "vault"
    monkeypatch.setenv("MONITR_SECRET_KEYS", OLD)
    assert alert_secret(connection, secret) == "whsec_a"


def test_no_column_with_secrets_is_forgotten(connection: Connection) -> None:
    rows = connection.execute(
        """
        select table_name, column_name from information_schema.columns
        where table_schema = 'app' and data_type = 'bytea' and column_name not like '%hash'
        """
    ).fetchall()
    found = {(row["table_name"], row["column_name"]) for row in rows}
    assert found - NO_SECRETS == set(SECRETS)
