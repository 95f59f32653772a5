"""Days and moments of Xero, in every form that it writes them."""

from datetime import date

import pytest

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.xero.fiscal import YearEnd
from monitr_pipelines.providers.xero.values import day_of, instant_of

# 23:30 in UTC on the last day of March.
LATE = 1_774_999_800_000


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (f"/Date({LATE}+0000)/", date(2026, 3, 31)),
        (f"/Date({LATE})/", date(2026, 3, 31)),
        (f"/Date({LATE}+1300)/", date(2026, 4, 1)),
        (f"/Date({LATE}+0030)/", date(2026, 4, 1)),
        (f"/Date({LATE}-1100)/", date(2026, 3, 31)),
        ("/Date(-86400000+0000)/", date(1969, 12, 31)),
        ("2026-03-31T00:00:00", date(2026, 3, 31)),
        ("2026-03-31T23:30:00-11:00", date(2026, 3, 31)),
        ("2026-03-31T23:30:00Z", date(2026, 3, 31)),
        ("2026-03-31", date(2026, 3, 31)),
    ],
)
def test_a_business_date_is_the_local_day_of_its_offset(written: str, day: date) -> None:
    assert day_of(written) == day


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        (f"/Date({LATE}+0000)/", "2026-03-31T23:30:00+00:00"),
        (f"/Date({LATE}+1300)/", "2026-03-31T23:30:00+00:00"),
        ("/Date(1439434356790)/", "2015-08-13T02:52:36.790000+00:00"),
        ("2019-12-13T18:10:43.3063640", "2019-12-13T18:10:43.306364+00:00"),
        ("2026-04-01T12:30:00+13:00", "2026-03-31T23:30:00+00:00"),
    ],
)
def test_a_stamp_is_an_instant(written: str, instant: str) -> None:
    assert instant_of(written, "CreatedDateUTC").isoformat() == instant


@pytest.mark.parametrize(
    "written", ["", "/Date()/", "/Date(1+13)/", "/Date(999999999999999)/", "31/03/2026", "/Date(1+0000)/x"]
)
def test_anything_else_is_no_moment(written: str) -> None:
    with pytest.raises(OurFault) as raised:
        day_of(written)
    assert raised.value.detail == "JournalDate is no moment"


@pytest.mark.parametrize(
    ("ends", "at", "start"),
    [
        ((12, 31), date(2026, 1, 1), date(2026, 1, 1)),
        ((12, 31), date(2026, 12, 31), date(2026, 1, 1)),
        ((6, 30), date(2026, 6, 30), date(2025, 7, 1)),
        ((6, 30), date(2026, 7, 1), date(2026, 7, 1)),
        ((2, 28), date(2024, 2, 29), date(2023, 3, 1)),
        ((2, 29), date(2025, 3, 1), date(2025, 3, 1)),
        ((4, 5), date(2026, 4, 30), date(2026, 4, 6)),
        ((9, 31), date(2026, 10, 1), date(2026, 10, 1)),
    ],
)
def test_a_fiscal_year_starts_behind_the_end_of_the_one_before(
    ends: tuple[int, int], at: date, start: date
) -> None:
    assert YearEnd(*ends).start_of_year(at) == start
