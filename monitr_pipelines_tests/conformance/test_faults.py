"""Whatever goes wrong at a page ends in its own error with good data untouched, or is asked again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest
from conformance_kit import Case, cases
from edits_kit import Edit
from emulated_kit import PAGE, Emulated, emulated
from faults_kit import ending, hasty, strike, troubles_of
from imports_kit import Connected, connected_to, differing

from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import database

CHANGED = 100

EMULATED = [case for case in cases() if case.emulated]


class Fetch(NamedTuple):
    """What is struck: an import of the whole ledger or an increment, on a variant."""

    case: Case
    full: bool
    first: bool

    def __str__(self) -> str:
        return f"{self.case}, {'whole' if self.full else 'increment'}"


def fetches(case: Case) -> list[Fetch]:
    """The whole ledger is fetched on the first variant of each provider alone."""
    first = case.variant == next(iter(case.conformance.variants))
    return [Fetch(case, full=False, first=first), *([Fetch(case, full=True, first=False)] if first else [])]


STRUCK = [
    pytest.param(fetch, trouble, id=f"{fetch}-{trouble}")
    for case in EMULATED
    for fetch in fetches(case)
    for trouble in troubles_of(case, first=fetch.first, full=fetch.full)
]


class Imported(NamedTuple):
    """An entity that was imported, and its software."""

    connected: Connected
    software: Emulated
    entity: str


@pytest.fixture(scope="module")
def imported(home: object) -> Iterator[Callable[[Case], Imported]]:
    """An entity of a case for all tests of it that follow each other: each finds it as the last left it."""
    made: dict[str, Imported] = {}
    with ExitStack() as opened:

        def imported_from(case: Case) -> Imported:
            if str(case) not in made:
                opened.close()
                made.clear()
                made[str(case)] = opened.enter_context(_imported(case))
            return made[str(case)]

        yield imported_from


@contextmanager
def _imported(case: Case) -> Iterator[Imported]:
    with (
        hasty(),
        database.connect(autocommit=True) as connection,
        emulated(case, page=PAGE) as software,
        connected_to(connection, case, software) as connected,
    ):
        yield Imported(connected, software, connected.fresh())


def busy(connected: Connected, software: Emulated, entity: str) -> None:
    """Changes of more than two pages, and credentials that are almost as old as they can be."""
    changed = CHANGED // connected.case.conformance.lines_a_row
    software.apply([Edit("amounts", which, 7) for which in range(changed)])
    connected.mend(entity)
    software.books.clock.advance(connected.case.conformance.renewable)


@pytest.mark.parametrize(("fetch", "trouble"), STRUCK)
def test_a_page_with_a_fault(imported: Callable[[Case], Imported], fetch: Fetch, trouble: str) -> None:
    connected, software, entity = imported(fetch.case)
    full = fetch.full
    busy(connected, software, entity)
    if full:
        entities.reset(connected.connection, entity, "suite")
    before = connected.tables(entity), connected.cursor(entity)
    strike(software, trouble, full=full)
    problem = connected.run(entity)
    struck = [each for each in software.server.exchanges.of() if each.fault]
    assert struck, "the fault came to no request"
    expected = ending(connected.case, trouble, full=full)
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
