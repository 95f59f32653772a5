"""The clock that people read; what is stored is UTC."""

from datetime import UTC, date, datetime, timedelta

import pendulum

BRUSSELS = "Europe/Brussels"
_ZONE = pendulum.timezone(BRUSSELS)  # a name is looked up on the disk each time


def in_brussels(moment: datetime) -> pendulum.DateTime:
    """An aware moment, as the clocks of Brussels show it."""
    return pendulum.instance(moment).in_timezone(_ZONE)


def today() -> date:
    """The day that it is in Brussels."""
    return in_brussels(datetime.now(UTC)).date()


def minute_from(moment: datetime) -> str:
    """The hour and minute from which a moment has come: rounded up, so that nobody comes too early."""
    return in_brussels(moment + timedelta(minutes=1, microseconds=-1)).format("HH:mm")
