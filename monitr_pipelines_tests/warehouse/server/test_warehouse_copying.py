"""COPY: what its rows raise reaches the caller as it is, and never the server as a long text."""

from collections.abc import Iterator

import psycopg
import pytest

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.books import stage
from monitr_pipelines.warehouse.server.copying import copy_text
from monitr_pipelines.warehouse.server.database import Connection

COPY = "books/copy_stage.sql"


def row(key: str, amount: str = "1") -> bytes:
    return "\t".join(["l", key, "2025-01-01", "4", amount, *[r"\N"] * 9, "f", "0", "0\n"]).encode()


def failing(error: BaseException) -> Iterator[bytes]:
    yield row("a")
    raise error


@pytest.fixture
def staged(connection: Connection) -> Iterator[Connection]:
    with connection.transaction(force_rollback=True):
        stage.prepare(connection)
        yield connection


def test_rows_are_counted(staged: Connection) -> None:
    assert copy_text(staged, COPY, map(row, "abc")) == 3


@pytest.mark.parametrize(
    "error",
    [
        InconsistentData("Odd.", findings=[Finding("odd", "x" * 900) for _ in range(100)]),
        ValueError("x" * 1_000_000),
        KeyboardInterrupt("x" * 1_000_000),
    ],
    ids=["findings", "an error", "a stop"],
)
def test_what_rows_raise_is_raised_and_the_session_goes_on(staged: Connection, error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, staged.transaction():
        copy_text(staged, COPY, failing(error))
    assert raised.value is error
    assert staged.execute("select 1 as one").fetchone() == {"one": 1}


def test_what_the_server_refuses_is_its_own_error(staged: Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation), staged.transaction():
        copy_text(staged, COPY, [row("a", "no amount")])
    assert staged.execute("select 1 as one").fetchone() == {"one": 1}
