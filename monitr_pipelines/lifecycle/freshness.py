"""How old figures may become where imports come by themselves; pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

# Two imports a night, five hours apart: a day later the next night has passed too.
FRESH_FOR = timedelta(hours=26)
# An import that was just asked for is given this long to bring the figures.
ASKED_LATELY = timedelta(hours=1)


def are_late(figures_at: datetime | None, asked_at: Iterable[datetime], now: datetime) -> bool:
    """Whether there are figures that should be younger, given when its open imports were asked for."""
    old = figures_at is not None and now - figures_at >= FRESH_FOR
    return old and all(now - asked >= ASKED_LATELY for asked in asked_at)
