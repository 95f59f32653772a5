"""Whatever goes wrong at a page ends in its own error with good data untouched, or is asked again."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from conformance_kit import cases
from edits_kit import Edit
from emulated_kit import PAGE, Emulated, emulated
from faults_kit import RENEWABLE, TROUBLES, ending, hasty, strike
from imports_kit import Connected, connected_to, differing

from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import database

CHANGED = 100

EMULATED = [case for case in cases() if case.emulated]
# The whole ledger is fetched on the first variant of each provider alone.
FETCHES = [
    pytest.param((case, full), id=f"{case}, {'whole' if full else 'increment'}")
    for case in EMULATED
    for full in ([False, True] if case.variant == next(iter(case.conformance.variants)) else [False])
]


@pytest.fixture(scope="module", params=FETCHES)
def imported(request: pytest.FixtureRequest, home: object) -> Iterator[tuple[Connected, Emulated, str, bool]]:
    """An entity that was imported, and its software; each test finds them as the one before left them."""
    case, full = request.param
    with ExitStack() as opened:
        opened.enter_context(hasty())
        connection = opened.enter_context(database.connect(autocommit=True))
        software = opened.enter_context(emulated(case, page=PAGE))
        connected = opened.enter_context(connected_to(connection, case, software))
        yield connected, software, connected.fresh(), full


def busy(connected: Connected, software: Emulated, entity: str) -> None:
    """Changes of more than two pages, and credentials that are almost as old as they can be."""
    software.apply([Edit("amounts", which, 7) for which in range(CHANGED)])
    connected.mend(entity)
    software.books.clock.advance(RENEWABLE)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_page_with_a_fault(imported: tuple[Connected, Emulated, str, bool], trouble: str) -> None:
    connected, software, entity, full = imported
    busy(connected, software, entity)
    if full:
        entities.reset(connected.connection, entity, "suite")
    before = connected.tables(entity), connected.cursor(entity)
    strike(software, trouble)
    problem = connected.run(entity)
    struck = [each for each in software.server.exchanges.of() if each.fault]
    assert struck, "the fault came to no request"
    expected = ending(connected.case, trouble)
    if expected is None:
        assert problem is None, (problem, problem.detail)
    else:
        assert isinstance(problem, expected), (problem, problem and problem.detail)
        assert (connected.tables(entity), connected.cursor(entity)) == before
    software.server.faults.clear()
    software.server.exchanges.clear()
    connected.mend(entity)
    connected.must_run(entity)
    assert not differing(connected.tables(entity), connected.tables(connected.fresh()))
