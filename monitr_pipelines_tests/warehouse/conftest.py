"""Thousands of small commits: the server of the test run need not wait for the disk at each of them."""

from pathlib import Path

import pytest

from monitr_pipelines.warehouse import database


@pytest.fixture(scope="session", autouse=True)
def _commits_without_waiting(home: Path) -> None:
    with database.connect(autocommit=True) as connection:
        connection.execute(f"alter database {database.BOOKS} set synchronous_commit = off")
