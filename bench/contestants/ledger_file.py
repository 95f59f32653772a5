"""Imports of a ledger file, as a worker makes them: `python ledger_file.py FILE ENTITY...`.

It runs in any checkout of this project, the one on PYTHONPATH, also one from before its rooms were
rearranged; so that two builds can be measured beside one another. The database is MONITR_DATABASE_URL.
Each entity is added, and its first import timed; prints a list of seconds, and the resident memory in
megabytes before the first import and at its peak.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType


def _either(*names: str) -> ModuleType:
    for name in names:
        try:
            return import_module(f"monitr_pipelines.{name}")
        except ModuleNotFoundError:
            continue
    raise SystemExit(f"this checkout has none of {names}")


memory = import_module("bench.contestants.memory")
database = _either("warehouse.server.database", "warehouse.database")
uploads = _either("warehouse.queue.uploads", "warehouse.uploads")
organisations = _either("warehouse.registry.organisations", "warehouse.organisations")
entities = _either("warehouse.registry.entities", "warehouse.entities")
session = _either("importing.session")


def first_import(file: Path, name: str) -> float:
    """Add an entity, give it the file, and import it; returns the seconds of the import."""
    with database.connect(autocommit=True) as connection:
        organisations.add(connection, name, "active")
        values = {"name": name, "country": "FR", "fiscal_year_start": 1}
        key = entities.add_entity(connection, name, "file", values)
        with file.open("rb") as content:
            entity_id = entities.find(connection, key).id
            uploads.store(connection, entity_id, content, file_name=file.name, mode="years", settings={})
    started = time.perf_counter()
    running = session.begin(key, run_id=f"bench {name}", import_id=None, trigger="cli")
    try:
        running.fetch()
        running.publish()
    finally:
        running.end()
    return time.perf_counter() - started


if __name__ == "__main__":
    idle = memory.resident_mb()
    seconds = [first_import(Path(sys.argv[1]), name) for name in sys.argv[2:]]
    answer = {"seconds": seconds, "idle_mb": idle, "peak_mb": memory.peak_mb()}
    sys.stdout.write(json.dumps(answer) + "\n")
