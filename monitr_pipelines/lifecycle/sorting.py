"""Errors of an import, sorted by kind: what passes by itself, what the source must correct, what is ours.

The one place that decides it, from what PostgreSQL calls an error (its SQLSTATE) and from what came before.
"""

from collections.abc import Mapping, Sequence

# Connections, conflicts between transactions, resources, and whoever ends sessions: all of these classes.
PASSING_CLASSES = frozenset({"08", "40", "53", "57"})
# Of other classes: a lock that someone else held too long, a session that was idle too long.
PASSING = frozenset({"55P03", "25P03"})
# What the server cannot store of a source: the code that says who acts, and on what.
UNSTORABLE: Mapping[str, str] = {
    "54000": "text_too_long",  # a key that no index takes
    "22001": "text_too_long",
    "22003": "sum_too_large",
    "22021": "unfit_lines",  # characters that are none
    "22P05": "unfit_lines",
    "22P02": "unfit_lines",  # a text that is no number, no date
    "22007": "unfit_lines",
    "22008": "unfit_lines",
    "23502": "unfit_lines",  # what a table refuses
    "23514": "unfit_lines",
}
# A run that ended without telling why: killed, or its machine gone.
DIED = "worker_lost"


def passes(sqlstate: str) -> bool:
    """Whether an error of the database can pass by itself: trying again may help, and nobody has to act.

    >>> passes("40001"), passes("53200"), passes("54000")
    (True, True, False)
    """
    return sqlstate[:2] in PASSING_CLASSES or sqlstate in PASSING


def unstorable(sqlstate: str) -> str | None:
    """The code of what is wrong with a source that the database cannot store; None for any other error.

    >>> unstorable("22003"), unstorable("40001")
    ('sum_too_large', None)
    """
    return UNSTORABLE.get(sqlstate)


def comes_again(troubles: Sequence[str]) -> str | None:
    """The trouble that a file has had twice, which sets it aside; None while a next try may help.

    >>> comes_again(["53200", "worker_lost"]), comes_again(["53200", "worker_lost", "53200"])
    (None, '53200')
    """
    return next((trouble for trouble in troubles if troubles.count(trouble) > 1), None)
