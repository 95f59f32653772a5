"""Imports of a division of Exact Online into the books, with tokens that are stored and rotate."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
from exact_kit import APPLICATION, DIVISION, Exact, Number, in_json

from monitr_pipelines.importing import connecting
from monitr_pipelines.importing.ports import UnstoredTokens, ports_to_try
from monitr_pipelines.importing.session import ImportSession, begin
from monitr_pipelines.lifecycle.errors import ImportProblem, ReconnectNeeded, Refused
from monitr_pipelines.providers.exact import PROVIDER
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.registry.tokens import StoredTokens
from monitr_pipelines.warehouse.server.database import Connection

LINES = "sync/Financial/TransactionLines"
APPLICATIONS = f'{{"exact": {{"id": "{APPLICATION.id}", "secret": "{APPLICATION.secret}"}}}}'
_numbers = itertools.count(1)
Lines = list[tuple[str, Decimal]]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", APPLICATIONS)


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str], exact: Exact) -> Iterator[str]:
    key = make_entity(provider="exact")
    connection.execute("update app.entity set administration = %s where key = %s", [str(DIVISION), key])
    connections.store(connection, integration(connection, key), dict(exact.held().credentials))
    yield key
    connection.execute(
        "update app.integration set credentials = null where id = %s", [integration(connection, key)]
    )


def integration(connection: Connection, key: str) -> int:
    row = connection.execute("select integration_id from app.entity where key = %s", [key]).fetchone()
    assert row is not None
    return int(row["integration_id"])


def run(key: str, mode: str | None = None) -> ImportSession:
    running = begin(key, run_id=f"exact-{os.getpid()}-{next(_numbers)}", import_id=None, trigger="cli")
    try:
        running.fetch()
        running.publish()
    except Exception as error:  # noqa: BLE001 - as a step of the run does
        running.failed(error)
    finally:
        running.end()
    return running


def problem(key: str) -> ImportProblem:
    found = run(key).problem
    assert found is not None
    return found


def stored(connection: Connection, key: str) -> Lines:
    rows = connection.execute(
        """
        select external_id, amount from raw.gl_transaction
        where entity_id = (select id from app.entity where key = %s) order by external_id
        """,
        [key],
    )
    return [(row["external_id"], row["amount"]) for row in rows]


def booked(exact: Exact) -> Lines:
    return sorted((key, Decimal(line["AmountDC"])) for key, line in exact.lines.items())


def test_a_first_import_and_increments_are_the_books(
    connection: Connection, entity: str, exact: Exact
) -> None:
    start = {"FinYear": 2026, "FinPeriod": 1, "StartDate": in_json(date(2026, 1, 1))}
    exact.tables["financial/FinancialPeriods"] = [start | {"EndDate": in_json(date(2026, 1, 31))}]
    exact.tables["financial/ReportingBalance"] = []
    entries = [exact.book(f"{number}.05", CostCenter="001") for number in range(1, 6)]
    assert run(entity).problem is None
    assert stored(connection, entity) == booked(exact)
    exact.delete(entries[0])
    exact.replace_lines(entries[1], "99.99")
    exact.edit(entries[2], CostCenter=None)
    exact.book("7")
    assert run(entity).problem is None
    assert stored(connection, entity) == booked(exact)
    before = len(exact.asked)
    assert run(entity).problem is None
    assert len(exact.asked) - before == 9, "lines, deletions, division, accounts, three axes, balances"


def test_a_division_that_was_moved_is_fetched_anew(connection: Connection, entity: str, exact: Exact) -> None:
    exact.book("1")
    entry = exact.book("2")
    assert run(entity).problem is None
    exact.delete(entry)
    exact.log.clear()
    exact.division["DivisionMoveDate"] = "/Date(1767225600000)/"
    exact.book("2")
    assert run(entity).problem is None
    assert stored(connection, entity) == booked(exact)


def test_tokens_that_end_between_pages_are_renewed_and_stored(
    connection: Connection, entity: str, exact: Exact
) -> None:
    exact.page = 2
    for number in range(5):
        exact.book(str(number + 1))

    def end_token(path: str) -> None:
        if path == LINES and exact.asked.count(LINES) in {2, 4}:
            exact.tokens["access"] = "ended"

    exact.before = end_token
    assert run(entity).problem is None
    assert stored(connection, entity) == booked(exact)
    assert exact.asked.count(LINES) == 5
    assert set(exact.used.values()) == {1}
    kept = StoredTokens(integration(connection, entity)).read()
    assert kept["refresh_token"] == exact.tokens["refresh"]


def test_a_grant_that_was_withdrawn_needs_a_person_and_nothing_is_lost(
    connection: Connection, entity: str, exact: Exact
) -> None:
    exact.book("1")
    assert run(entity).problem is None
    exact.tokens = {}
    assert isinstance(problem(entity), ReconnectNeeded)
    row = connection.execute(
        "select state from app.integration where id = %s", [integration(connection, entity)]
    ).fetchone()
    assert row == {"state": "reconnect needed"}
    connections.store(connection, integration(connection, entity), dict(exact.held().credentials))
    exact.book("2")
    assert run(entity).problem is None
    assert stored(connection, entity) == booked(exact)


def test_a_division_that_is_empty_all_at_once_is_no_deletion(
    connection: Connection, entity: str, exact: Exact
) -> None:
    exact.book("1")
    assert run(entity).problem is None
    kept = stored(connection, entity)
    connection.execute(
        "delete from app.cursor where entity_id = (select id from app.entity where key = %s)", [entity]
    )
    exact.lines.clear()
    assert problem(entity).code == "shrunken"
    exact.tables["sync/Financial/GLAccounts"] = []
    assert problem(entity).code == "entity_gone"
    assert stored(connection, entity) == kept


def test_an_entry_that_does_not_add_up_is_refused(connection: Connection, entity: str, exact: Exact) -> None:
    entry = exact.book("1")
    assert run(entity).problem is None
    kept = stored(connection, entity)
    line = exact.of(entry)[0]
    exact.book("2", on=date(2026, 2, 1), AmountDC=Number("2"))
    assert problem(entity).code == "unbalanced_booking"
    assert stored(connection, entity) == kept
    assert line["ID"] in dict(kept)


# Connecting


def test_a_refresh_token_is_tried_out_and_what_it_became_is_kept(
    connection: Connection, make_entity: Callable[..., str], exact: Exact
) -> None:
    key = make_entity(provider="exact")
    row = connection.execute("select organisation_id from app.entity where key = %s", [key]).fetchone()
    assert row is not None
    given = {"country": "be", "url": exact.address, "refresh_token": exact.grant()["refresh"]}
    number = connecting.connect(connection, str(row["organisation_id"]), "exact", given, "jan")
    kept = StoredTokens(number).read()
    assert (kept["refresh_token"], kept["access_token"]) == (exact.tokens["refresh"], exact.tokens["access"])
    exact.tables["financial/FinancialPeriods"] = []
    assert connecting.administration("exact", number, str(DIVISION)).name == "Peeters NV"
    assert [each.id for each in connecting.administrations("exact", number)] == [str(DIVISION)]
    connection.execute("update app.integration set credentials = null where id = %s", [number])


@pytest.mark.parametrize(
    "values",
    [
        {"country": "be"},
        {"refresh_token": "r"},
        {"country": "fr", "refresh_token": "r"},
        {"country": "be", "refresh_token": "r", "password": "a"},
    ],
)
def test_what_does_not_connect_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(Refused):
        connecting.complete("exact", values, with_tokens=True)


def test_without_a_registration_operations_act(exact: Exact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONITR_OAUTH_APPLICATIONS")
    given = UnstoredTokens({"country": "be", "url": exact.address, "refresh_token": "r"})
    with (
        closing(PROVIDER.connect(None, ports_to_try(given, "exact"))) as source,
        pytest.raises(ImportProblem) as raised,
    ):
        source.check()
    assert raised.value.code == "application_refused"
