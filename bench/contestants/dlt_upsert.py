"""dlt, merge/upsert on the primary key from a source of dicts: `python dlt_upsert.py PAGES FOLDER`.

Run with the peers' Python, without this project; the address of the database comes on stdin.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from memory import peak_mb, resident_mb  # type: ignore[import-not-found]  # beside this file when run

MONEY = {"data_type": "decimal", "precision": 19, "scale": 4}  # dlt writes into hints: one each
COLUMNS = {
    "amount": dict(MONEY),
    "foreign_amount": dict(MONEY),
    "booking_date": {"data_type": "date"},
    "relation": {"data_type": "text"},
    "foreign_currency": {"data_type": "text"},
}


def read(pages: Path) -> Iterator[list[dict[str, Any]]]:
    """The dicts of each page, read as fast as ours are."""
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    with pages.open("rb") as file:
        for page in file:
            yield decode(page)["lines"]


def main(pages: str, folder: str) -> None:
    """Load the pages through a fresh pipeline, and print what that took."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    dlt = import_module("dlt")
    postgres = import_module("dlt.destinations").postgres
    resource = dlt.resource(
        lambda: read(Path(pages)),
        name="gl_transaction",
        primary_key="external_id",
        write_disposition={"disposition": "merge", "strategy": "upsert"},
        columns=COLUMNS,
    )
    pipeline = dlt.pipeline(
        "bench",
        destination=postgres(credentials=sys.stdin.read().strip()),
        dataset_name="books",
        pipelines_dir=folder,
    )
    idle = resident_mb()
    started = time.perf_counter()
    pipeline.run(resource)
    seconds = time.perf_counter() - started
    answer = {"seconds": seconds, "idle_mb": idle, "peak_mb": peak_mb()}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
