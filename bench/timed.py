"""A connection that keeps the time of every statement, by the file it comes from."""

import re
import time
from collections import defaultdict
from functools import cache
from typing import Any

import psycopg
from psycopg.abc import Params, QueryNoTemplate
from psycopg.rows import DictRow, dict_row

from monitr_pipelines import shipped
from monitr_pipelines.warehouse.server import database

REFRESHED = re.compile(r"^insert into (\S+) \(", re.MULTILINE)


@cache
def _names() -> dict[str, str]:
    files = shipped.SQL.rglob("*.sql")
    return {file.read_text(): str(file.relative_to(shipped.SQL)) for file in files}


def _name(query: QueryNoTemplate) -> str:
    """The file of a statement, or the table that a composed one refreshes, or how it begins."""
    if not isinstance(query, psycopg.sql.Composed):
        return _names().get(str(query)) or " ".join(str(query).split()[:4])
    text = query.as_string()
    target = REFRESHED.search(text)
    return f"refresh {target[1].replace(chr(34), '')}" if target else " ".join(text.split()[:4])


class TimedConnection(psycopg.Connection[DictRow]):
    """Sums the seconds that each statement took until its answer was there."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - psycopg's own signature
        super().__init__(*args, **options)
        self.spent: defaultdict[str, float] = defaultdict(float)

    def execute(  # type: ignore[override]  # no templates here
        self,
        query: QueryNoTemplate,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool = False,
    ) -> psycopg.Cursor[DictRow]:
        """Execute, and add the time to the statement's."""
        started = time.perf_counter()
        try:
            return super().execute(query, params, prepare=prepare, binary=binary)
        finally:
            self.spent[_name(query)] += time.perf_counter() - started


def connect() -> TimedConnection:
    """As `database.connect(autocommit=True)`, timed."""
    options = " ".join(f"-c {name}={value}" for name, value in database.SESSION_OPTIONS.items())
    return TimedConnection.connect(database.url(), autocommit=True, row_factory=dict_row, options=options)
