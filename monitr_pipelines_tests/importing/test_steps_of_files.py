"""A card tells that a file is being stored, once it is read: it may take as long again."""

from typing import Any

import pytest
from process_kit import wait_for
from source_kit import run
from upload_kit import Give, csv

from monitr_pipelines.importing.session import LOADING
from monitr_pipelines.importing.uploads import load as uploads_load
from monitr_pipelines.warehouse.queue import lease
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import last_import


def test_a_file_that_was_read_is_being_stored(
    connection: Connection, key: str, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is still open then, and nobody else sees what it writes."""
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.02)
    apply = uploads_load.uploads.apply

    def apply_once_seen(*given: Any) -> None:  # noqa: ANN401
        wait_for(lambda: last_import(connection, key)["step"] == LOADING, "the step")
        apply(*given)

    monkeypatch.setattr(uploads_load.uploads, "apply", apply_once_seen)
    give(csv("2026-03-05"))
    assert run(key).problem is None
