"""pandas, to_sql with many rows a statement: `python -m bench.contestants.pandas_to_sql PAGES`.

It can only append. Every column's type is named: pandas would make amounts VARCHAR.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd
from sqlalchemy import Boolean, Date, Integer, Numeric, Text, create_engine
from sqlalchemy.engine import make_url

from bench.contestants.memory import peak_mb, resident_mb
from bench.pages import read_pages
from monitr_pipelines.warehouse.server import database

NOT_TEXT = {
    "amount": Numeric(19, 4),
    "foreign_amount": Numeric(19, 4),
    "booking_date": Date(),
    "line_number": Integer(),
    "opening": Boolean(),
    "version": Integer(),
}
STATEMENT_ROWS = 1_000


def main(pages: str) -> None:
    """Load the pages, a statement for each of them, and print what that took."""
    engine = create_engine(make_url(database.url()).set(drivername="postgresql+psycopg"))
    idle = resident_mb()
    started = time.perf_counter()
    with engine.begin() as connection:
        for page in read_pages(Path(pages)):
            frame = pd.DataFrame(page["lines"])
            types = {name: NOT_TEXT.get(name, Text()) for name in frame.columns}
            frame.to_sql(
                "gl_transaction",
                connection,
                if_exists="append",
                index=False,
                method="multi",
                chunksize=STATEMENT_ROWS,
                dtype=types,
            )
    seconds = time.perf_counter() - started
    answer = {"seconds": seconds, "idle_mb": idle, "peak_mb": peak_mb()}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
