"""What PostgreSQL refuses of a source's lines, as a problem that says who acts."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle import sorting
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message

MESSAGES = {
    "text_too_long": Message("text_too_long"),
    "sum_too_large": Message("sum_too_large"),
    "unfit_lines": Message("unfit_lines"),
}


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
        raise InconsistentData(MESSAGES[code], code=code, findings=[finding]) from None


def _code(error: psycopg.Error) -> str | None:
    if error.sqlstate is not None:
        return sorting.unstorable(error.sqlstate)
    # The library's own, before anything is sent: text with NUL characters, which PostgreSQL does not store.
    return "unfit_lines" if isinstance(error, psycopg.DataError) else None
