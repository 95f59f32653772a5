"""When an increment still reads the hour before, and when not any more."""

from datetime import UTC, datetime, timedelta

import pytest

from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.tryton.cursors import Mark, Place, is_place

STAMP = datetime(2026, 11, 28, 9, 30)  # noqa: DTZ001 - stamps have no time zone
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_increment_reads_the_hour_before() -> None:
    assert Mark(STAMP, NOON).window() == STAMP - HOUR


def test_a_stamp_that_stays_the_newest_for_an_hour_is_settled() -> None:
    first = Mark(STAMP, NOON)
    sooner = Mark(STAMP, NOON + HOUR / 2).after(first)
    later = Mark(STAMP, NOON + HOUR).after(sooner)
    assert not sooner.settled
    assert later.settled
    assert later.window() == STAMP + timedelta(microseconds=1)
    assert Mark(STAMP, NOON + 2 * HOUR).after(later).settled


def test_a_newer_stamp_begins_anew() -> None:
    settled = Mark(STAMP, NOON, settled=True)
    newer = Mark(STAMP + HOUR, NOON + 5 * HOUR).after(settled)
    assert newer == Mark(STAMP + HOUR, NOON + 5 * HOUR)


def test_a_server_without_a_clock_is_always_read_with_the_overlap() -> None:
    assert not Mark(STAMP, None).after(Mark(STAMP, None)).settled
    assert not Mark(STAMP, None).after(Mark(STAMP, NOON)).settled


@pytest.mark.parametrize("newest", [STAMP - HOUR, None])
def test_books_that_are_older_than_before_are_read_anew(newest: datetime | None) -> None:
    with pytest.raises(InconsistentData) as raised:
        Mark(newest, NOON).after(Mark(STAMP, NOON))
    assert raised.value.code == "cursor_expired"


def test_books_without_a_move_have_everything_to_come() -> None:
    assert Mark(None, NOON).window() == datetime.min  # noqa: DTZ901
    assert Mark(STAMP, NOON).after(Mark(None, NOON)) == Mark(STAMP, NOON)


def test_cursors_come_back_as_they_were_stored() -> None:
    mark = Mark(STAMP, NOON, settled=True)
    place = Place(mark, STAMP, 17)
    assert Mark.of(mark.as_json()) == mark
    assert Place.of(place.as_json()) == place
    assert is_place(place.as_json())
    assert not is_place(mark.as_json())
