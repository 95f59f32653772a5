"""What takes more memory than an import may use is refused by name, and stops nothing that comes after it."""

import io
import resource
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from source_kit import Played, run

from monitr_pipelines.files import LedgerFile, ReadSettings, open_ledger_file
from monitr_pipelines.importing.memory import STATM, limited
from monitr_pipelines.importing.uploads import load as uploads_load
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.lifecycle.codes import Actor
from monitr_pipelines.providers.contract import Item
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import id_of

MEGABYTE = 1024 * 1024
GOOD = b"date,account_code,amount\n2026-01-31,611000,5\n2026-01-31,440000,-5\n"

pytestmark = pytest.mark.skipif(not STATM.exists(), reason="memory is limited as Linux does")


def hoard() -> list[bytes]:
    """All the memory that there is, as a reader would that believes what a file claims."""
    held: list[bytes] = []
    for number in count():
        held.append(bytes([number % 256]) * MEGABYTE)
        if number > 4_000:
            pytest.fail("nothing limits the memory")
    return held


def keep(connection: Connection, entity: str, name: str, content: bytes) -> None:
    entity_id = entities.find(connection, entity).id
    uploads.store(connection, entity_id, io.BytesIO(content), file_name=name, mode="years", settings={})


def states(connection: Connection, entity: str) -> list[str]:
    rows = connection.execute(
        "select state from app.upload where entity_id = %s order by id", [id_of(connection, entity)]
    )
    return [row["state"] for row in rows]


def test_a_block_has_so_much_memory_and_no_more() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with limited(200 * MEGABYTE):
        assert len(bytes(100 * MEGABYTE)) == 100 * MEGABYTE
        with pytest.raises(MemoryError):
            hoard()
        assert len(bytes(100 * MEGABYTE)) == 100 * MEGABYTE, "what was let go of can be used again"
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_a_file_that_takes_too_much_is_put_aside_and_the_next_one_is_imported(
    connection: Connection, make_entity: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(stream: io.BufferedIOBase, settings: ReadSettings) -> LedgerFile:
        if stream.read(4) == b"hoar":
            hoard()
        return open_ledger_file(stream, settings)

    monkeypatch.setattr(uploads_load, "open_ledger_file", opened)
    monkeypatch.setenv("MONITR_IMPORT_MEMORY_MB", "300")
    entity = make_entity()
    keep(connection, entity, "poison.csv", b"hoard")
    keep(connection, entity, "good.csv", GOOD)

    problem = run(entity).problem
    assert problem is not None
    assert (problem.code, problem.who_acts) == ("file_too_big", Actor.CUSTOMER)
    assert "Reading poison.csv takes more than the 300 MB" in problem.message
    assert states(connection, entity) == ["refused", "applied"]


def test_a_connector_that_takes_too_much_is_a_matter_of_operations(
    entity: str, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stream(_: Cursor | None) -> Iterator[Item]:
        hoard()
        yield from ()

    played.stream = stream
    monkeypatch.setenv("MONITR_IMPORT_MEMORY_MB", "300")
    problem = run(entity).problem
    assert problem is not None
    assert (problem.code, problem.who_acts) == ("memory_limit", Actor.OPERATIONS)
    played.stream = None
    assert run(entity).problem is None
