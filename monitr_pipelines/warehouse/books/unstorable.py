"""What PostgreSQL refuses of a source's lines, as a problem that says who acts."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle import sorting
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message


@contextmanager
def storable() -> Iterator[None]:
    """Raise InconsistentData where the block fails because of what the source gave; other errors as they are.

    Around the whole transaction: after an error of the server nothing else can be done in it.
    """
    try:
        yield
    except psycopg.Error as error:
        code = _code(error)
        if code is None:
            raise
        finding = Finding("unfit_line", str(error).partition("\n")[0])
        raise _problem(code, finding) from None


def _code(error: psycopg.Error) -> str | None:
    if error.sqlstate is not None:
        return sorting.unstorable(error.sqlstate)
    # The library's own, before anything is sent: text with NUL characters, which PostgreSQL does not store.
    return "unfit_lines" if isinstance(error, psycopg.DataError) else None


def _problem(code: str, finding: Finding) -> InconsistentData:
    if code == "text_too_long":
        return InconsistentData(Message("text_too_long"), code="text_too_long", findings=[finding])
    if code == "sum_too_large":
        return InconsistentData(Message("sum_too_large"), code="sum_too_large", findings=[finding])
    return InconsistentData(Message("unfit_lines"), code="unfit_lines", findings=[finding])
