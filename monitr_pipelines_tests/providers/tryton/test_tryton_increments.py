"""Increments of a running Tryton, after every change that it allows, end where a fresh reading does."""

import itertools
from collections.abc import Callable

import pytest
from test_tryton_live import Lines, in_tryton, whole_lines
from tryton_edits_kit import CHANGES, post_a_new_move, undo_a_reconciliation
from tryton_kit import Tryton, apply, full_read, increment

from monitr_pipelines.providers.contract import Checkpoint, End
from monitr_pipelines.providers.tryton import datasets


def settled(end: End) -> End:
    """An end as it is when the books were found unchanged an hour later."""
    return End({**end.cursor, "settled": True})


def test_unchanged_books_cost_an_empty_window(tryton: Tryton) -> None:
    _, end = full_read(tryton, "South")
    before = len(tryton.requests())
    source = tryton.source("South")
    items = list(source.transactions(settled(end).cursor))
    source.close()
    asked = tryton.requests()[before:]
    assert [type(item) for item in items] == [End]
    assert asked.count("model.account.move.line.search_read") == 1
    assert asked.count("model.account.move.search_read") == 2
    assert len(asked) == 8


def test_unchanged_books_are_read_once_more_until_an_hour_has_passed(tryton: Tryton) -> None:
    lines, end = full_read(tryton, "South")
    earlier = "2026-11-01T08:00:00+00:00"
    later = increment(tryton, "South", lines, End({**end.cursor, "found_at": earlier}))
    assert later.cursor == {**end.cursor, "found_at": earlier, "settled": True}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_increments_lead_to_what_a_fresh_read_gives(
    tryton: Tryton, change: Callable[[Tryton], object]
) -> None:
    lines, end = full_read(tryton, "South")
    before = dict(lines)
    change(tryton)
    increment(tryton, "South", lines, settled(end))
    fresh, _ = full_read(tryton, "South")
    assert lines == fresh
    assert whole_lines(fresh) == in_tryton(tryton, "South")
    assert change is undo_a_reconciliation or lines != before


def test_an_increment_reads_no_more_than_what_changed(tryton: Tryton) -> None:
    _, end = full_read(tryton, "South")
    post_a_new_move(tryton)
    changed: Lines = {}
    increment(tryton, "South", changed, settled(end))
    assert {line.booking for line in changed.values()} == {
        max(line.booking or "" for line in changed.values())
    }


def test_an_increment_goes_on_behind_its_checkpoints(tryton: Tryton, monkeypatch: pytest.MonkeyPatch) -> None:
    lines, end = full_read(tryton, "South")
    for _ in range(3):
        post_a_new_move(tryton)
    monkeypatch.setattr(datasets, "PAGE", 2)
    source = tryton.source("South")
    items = source.transactions(settled(end).cursor)
    head = list(itertools.takewhile(lambda item: not isinstance(item, Checkpoint), items))
    source.close()
    assert head
    monkeypatch.undo()
    source = tryton.source("South")
    checkpoint = next(
        item for item in source.transactions(settled(end).cursor) if isinstance(item, Checkpoint)
    )
    assert apply(source.transactions(checkpoint.cursor), lines) != end
    source.close()
