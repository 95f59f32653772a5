"""The ranges of dates: all of time once, and smaller where a report does not fit."""

from datetime import date
from itertools import pairwise

import pytest

from monitr_pipelines.providers.quickbooks import windows
from monitr_pipelines.providers.quickbooks.report import Window

TODAY = date(2026, 1, 15)


@pytest.mark.parametrize(
    "older_until", [date(2027, 1, 1), date(2024, 3, 1), date(1999, 1, 1), date(1900, 1, 1)]
)
@pytest.mark.parametrize("cells", [0, windows.FEW, windows.MANY + 1])
def test_windows_follow_one_another_back_to_the_beginning(older_until: date, cells: int) -> None:
    found, months = [windows.newest(TODAY)], 1
    while window := windows.before(found[-1].start, months, older=found[-1].start > older_until):
        months = windows.months_after(months, cells)
        found.append(window)
        assert len(found) < 2000
    assert found[0] == Window(date(2026, 1, 1), windows.END)
    assert found[-1].start == windows.BEGINNING
    assert all(later.start == earlier.end > earlier.start for later, earlier in pairwise(found))


def test_halves_are_the_window_and_a_day_has_none() -> None:
    window = Window(date(2026, 1, 1), date(2026, 1, 4))
    later, earlier = windows.halves(window) or (window, window)
    assert (earlier.start, earlier.end, later.end) == (window.start, later.start, window.end)
    assert windows.halves(Window(date(2026, 1, 1), date(2026, 1, 2))) is None


def test_a_month_is_read_from_its_first_day_to_its_last() -> None:
    assert windows.month(date(2024, 2, 29)) == Window(date(2024, 2, 1), date(2024, 3, 1))
    assert windows.recent(date(2026, 1, 31)) == Window(date(2025, 12, 1), windows.END)
