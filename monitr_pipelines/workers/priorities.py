"""Which run of those that wait in Redis goes first; pure.

Dagster's larger number goes first. In Redis the smallest does, there are ten of them, and what has none
counts as 0: it would overtake everything.
"""

LEVELS = range(10)
# An entity's own priority lies on both sides of what people (10) and the night (-10) ask with.
MOST_URGENT = 11


def level_of(priority: str | None) -> int:
    """The level in Redis of a run with this `dagster/priority`; one without counts as 0, as in Dagster."""
    try:
        number = int(priority or 0)
    except ValueError:
        number = 0
    within = max(-MOST_URGENT, min(MOST_URGENT, number))
    return (MOST_URGENT - within) * LEVELS[-1] // (2 * MOST_URGENT)
