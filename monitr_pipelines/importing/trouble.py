"""What an error of an import is, whatever library raised it: whether it passes, and its name in records."""

import psycopg

from monitr_pipelines.lifecycle import sorting
from monitr_pipelines.lifecycle.errors import LeaseLost, ProviderDown
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

# A machine without room, software and servers that do not answer, a lease that ran out.
PASSING = (LeaseLost, ProviderDown, ServerNotRunning, OSError)


def passes(error: BaseException) -> bool:
    """Whether an error can pass by itself: a later import may well succeed with the same data."""
    if isinstance(error, psycopg.Error):
        # The library itself raises an error without a state where a connection breaks.
        lost = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return sorting.passes(error.sqlstate) if error.sqlstate else lost
    return isinstance(error, PASSING)


def name_of(error: BaseException) -> str:
    """What an error is called where it is noted: errors of one name are the same error."""
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return error.sqlstate
    return error.code if isinstance(error, LeaseLost | ProviderDown) else type(error).__name__
