"""What of Yuki the conformance suite cannot ask of all providers in the same way."""

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS

from monitr_pipelines.ledger.changes import Cursor

GENEROUS = {"calls_a_day": "1000000"}
WITHOUT = {
    "rename relation": "whether lines change then is not known; those that are not read again keep the name",
    "split": "a line has at most one project, and all of it",
}
FAR = "2999-12-31T00:00:00+00:00"
# The emulated administrations start with their books, of two years; the clock stands in January 2026.
MONTHS = (2026 - 2024) * 12 + 1
BEFORE_AND_BEHIND = 2
YEARS = 3
CHART = 2
# The end of the financial year, and the balances at the end of two years and of this month.
TYPES = 1 + 3


def far_future(cursor: Cursor) -> Cursor:
    return {**cursor, "began_at": FAR}


def full(_: Rows, __: int) -> int:
    return CHART + YEARS + MONTHS + BEFORE_AND_BEHIND + TYPES


def unchanged(_: Rows, __: int) -> int:
    """When years changed, the empty digest, this month and the one before."""
    return CHART + YEARS + 1 + 2 + TYPES


def changed(_: Rows, __: int) -> int:
    """A page of the digest, and the empty one behind it; what is to come of the year that changed is one."""
    return CHART + YEARS + 2 + 2 + 1 + TYPES


CONFORMANCE = Conformance(
    variants={"": GENEROUS, "of a portal": {**GENEROUS, "key": "portal"}},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    page=(
        "monitr_pipelines.providers.yuki.datasets.PAGE",
        "monitr_pipelines.emulators.yuki.digest.MOST_RECORDS",
    ),
    far_future=far_future,
    forgotten=True,
    where="GetTransactionDetails",
    names=("TransactionInfo", "transactionAmount"),
    end_token=lambda emulator: emulator.access.end_sessions(),
    # A session that ended is opened again, once.
    faults={"401": None, "token ends": None},
    bare={
        "line_number": "a line has an id alone",
        "journal": "Yuki has no journals",
        "opening": "what is carried forward is no line",
        "version": "each line comes once",
    },
    requests=Requests(
        # A session, and the administrations of the key; a portal has several domains.
        sign_in={"": 2, "of a portal": 3},
        full=full,
        unchanged=unchanged,
        changed=changed,
    ),
)
