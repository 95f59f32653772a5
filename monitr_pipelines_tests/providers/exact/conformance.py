"""What of Exact Online the conformance suite cannot ask of all providers in the same way."""

from math import ceil

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.providers.contract import Application

GENEROUS = {"calls_a_minute": "1000000", "calls_a_day": "1000000"}
WITHOUT = {
    "rename relation": "whether lines get other row versions then is not known; they keep the name they had",
    "split": "a line has at most one value of each axis, and all of it",
}
FOR_EVER = 10**18
# Rows of a page of endpoints that do not go by row version.
LISTED = 60


def far_future(cursor: Cursor) -> Cursor:
    return {**cursor, "lines": FOR_EVER, "deleted": FOR_EVER}


def chart(rows: Rows, page: int) -> int:
    """The division, accounts and axes; behind a page that is full there may be another."""
    centres, projects, units = rows.values
    listed = sum(max(ceil(count / LISTED), 1) for count in (centres, units))
    return 1 + listed + sum(count // page + 1 for count in (rows.accounts, projects))


CONFORMANCE = Conformance(
    application=Application(CLIENT_ID, CLIENT_SECRET),
    variants={"in results": GENEROUS, "in arrays": {**GENEROUS, "envelope": "array"}},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    page=(
        "monitr_pipelines.providers.exact.api.PAGE",
        "monitr_pipelines.emulators.exact.entities.SYNC_PAGE",
    ),
    far_future=far_future,
    where="TransactionLines",
    names=("d", "AmountDC"),
    end_token=lambda emulator: emulator.tokens.end_access(),
    # Tokens are renewed, and the page is asked for again; a division is refused with a reason of its own.
    faults={"401": None, "token ends": None, "403": EntityGone, "late commit": None},
    unseen={"DIVISIONS.DivisionHRLinkUnlinkDate": "no emulated division was ever linked for HR"},
    requests=Requests(
        sign_in={"in results": 1, "in arrays": 1},
        # The log of deletions before and behind the lines.
        full=lambda rows, page: chart(rows, page) + 1 + rows.lines // page + 1 + 1,
        unchanged=lambda rows, page: chart(rows, page) + 2,
        changed=lambda rows, page: chart(rows, page) + 2,
    ),
)
