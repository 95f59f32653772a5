"""The clock that people read; what is stored is UTC."""

from datetime import datetime

import pendulum

BRUSSELS = "Europe/Brussels"


def in_brussels(moment: datetime) -> pendulum.DateTime:
    """An aware moment, as the clocks of Brussels show it."""
    return pendulum.instance(moment).in_timezone(BRUSSELS)
