"""Imports through the command line, with or without Dagster in between."""

from uuid import uuid4

import pytest

from monitr_pipelines.cli import dagster_run
from monitr_pipelines.importing.session import begin


@pytest.fixture
def without_dagster(monkeypatch: pytest.MonkeyPatch) -> None:
    """`monitr import` runs the steps of an import itself: a second less for tests of many imports."""

    def run_import(entity_key: str, import_id: int) -> None:
        session = begin(entity_key, run_id=f"test-{uuid4()}", import_id=import_id, trigger="cli")
        try:
            session.fetch()
            session.publish()
        except Exception as error:  # noqa: BLE001 - as a step of the run does
            session.failed(error)
        finally:
            session.end()

    monkeypatch.setattr(dagster_run, "run_import", run_import)
