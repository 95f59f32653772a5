"""Errors sorted by kind: what passes by itself, what the source must correct, what comes again."""

import psycopg
import pytest

from monitr_pipelines.importing.trouble import name_of, passes
from monitr_pipelines.lifecycle import sorting
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.errors import InconsistentData, LeaseLost, OurFault, ProviderDown
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

ERRORS = [error for error in vars(psycopg.errors).values() if isinstance(error, type)]
STATES = sorted({error.sqlstate for error in ERRORS if isinstance(getattr(error, "sqlstate", None), str)})


@pytest.mark.parametrize("state", STATES)
def test_every_error_of_the_server_is_of_one_kind(state: str) -> None:
    by_itself = state[:2] in {"08", "40", "53", "57"} or state in {"55P03", "25P03"}
    assert sorting.passes(state) is by_itself
    assert not (by_itself and sorting.unstorable(state))


def test_what_cannot_be_stored_says_who_acts() -> None:
    assert set(sorting.UNSTORABLE) <= set(STATES)
    for code in sorting.UNSTORABLE.values():
        assert REMEDIES[code].actor is Actor.CUSTOMER


@pytest.mark.parametrize(
    ("error", "by_itself", "name"),
    [
        (psycopg.errors.DiskFull(), True, "53100"),
        (psycopg.errors.SerializationFailure(), True, "40001"),
        (psycopg.errors.AdminShutdown(), True, "57P01"),
        (psycopg.OperationalError("the connection is closed"), True, "OperationalError"),
        (psycopg.errors.ProgramLimitExceeded(), False, "54000"),
        (psycopg.errors.UniqueViolation(), False, "23505"),
        (psycopg.errors.UndefinedColumn(), False, "42703"),
        (psycopg.DataError("NUL"), False, "DataError"),
        (LeaseLost("ended", code="session_ended"), True, "session_ended"),
        (ProviderDown("no answer"), True, "provider_down"),
        (ServerNotRunning("stopped"), True, "ServerNotRunning"),
        (OSError("no room"), True, "OSError"),
        (MemoryError(), False, "MemoryError"),
        (InconsistentData("odd"), False, "InconsistentData"),
        (OurFault("ours"), False, "OurFault"),
        (ZeroDivisionError(), False, "ZeroDivisionError"),
    ],
)
def test_errors_of_every_library_are_sorted(error: Exception, name: str, *, by_itself: bool) -> None:
    assert passes(error) is by_itself
    assert name_of(error) == name
