"""Histories: books are edited at random, imported now and then, and compared with a fresh import."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from conformance_kit import Case
from edits_kit import MOST_EDITS, NUMBERS, Edit
from emulated_kit import emulated
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from imports_kit import Connected, connected_to, differing

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import RAW, TABLES

MOST_IMPORTS = 5


class Break(NamedTuple):
    """An import behind so many edits, and what then goes by: see `Software.pass_time`."""

    after: int
    pause: int


class Story(NamedTuple):
    """Edits, and the imports among them."""

    edits: list[Edit]
    breaks: list[Break]


def stories(case: Case, most: int = MOST_EDITS) -> st.SearchStrategy[Story]:
    """Stories of the kinds of edits that the software allows."""
    kinds = st.sampled_from(sorted(case.conformance.edits))
    # Hypothesis prefers short lists: a few runs of edits together are as long as histories are.
    run = st.lists(st.builds(Edit, kinds, NUMBERS, NUMBERS), max_size=most // MOST_IMPORTS)
    breaks = st.lists(st.builds(Break, st.integers(0, most), st.integers(0, 9)), max_size=MOST_IMPORTS)
    edits = st.lists(run, max_size=MOST_IMPORTS).map(lambda runs: [edit for part in runs for edit in part])
    return st.builds(Story, edits, breaks)


def told_to(connection: Connection, case: Case, story: Story, *, reports: bool = False) -> None:
    """Tell a story of an emulator with books of its own."""
    with emulated(case) as software, connected_to(connection, case, software) as connected:
        tell(connected, story, reports=reports)


def tell(connected: Connected, story: Story, *, reports: bool = False) -> None:
    """Import, edit, import again and again; in the end the tables are those of a fresh import."""
    entity = connected.fresh(publish=reports)
    for edits, pause in parts(story):
        connected.software.apply(edits)
        connected.must_run(entity)
        connected.software.pass_time(pause)
    connected.software.settle()
    connected.must_run(entity, publish=reports)
    tables = tuple(TABLES) if reports else RAW
    fresh = connected.fresh(publish=reports)
    found = differing(connected.tables(entity, tables), connected.tables(fresh, tables))
    assert not found, (found, story)


def hold(told: Callable[[Story], None], case: Case, examples: int, *, of_seed: int | None = None) -> None:
    """Tell so many stories: the same ones each time, or those of a seed.

    Of one that fails no shorter one is looked for: that takes minutes.
    """
    checked = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=of_seed is None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    held = given(story=stories(case))(told)
    checked(held if of_seed is None else seed(of_seed)(held))()


def parts(story: Story) -> list[tuple[Sequence[Edit], int]]:
    """The edits before each import, and the pause behind it."""
    places = sorted({each.after % (len(story.edits) + 1): each.pause for each in story.breaks}.items())
    bounds = [0, *(after for after, _ in places)]
    return [
        (story.edits[start:after], pause) for start, (after, pause) in zip(bounds, places, strict=False)
    ] + [(story.edits[bounds[-1] :], 0)]
