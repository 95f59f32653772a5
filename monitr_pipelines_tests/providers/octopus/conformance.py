"""What of Octopus the conformance suite cannot ask of all providers in the same way."""

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS

from monitr_pipelines.emulators.octopus import KIND
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.contract import Application

assert KIND.application is not None
GENEROUS = {"calls_a_day": "1000000"}
WITHOUT = {"split": "a line has one cost centre at most, and all of it"}
FAR = "2999-12-31T00:00:00+00:00"
# From that of the first entry to that of the emulator's clock.
BOOKYEARS = 3


def far_future(cursor: Cursor) -> Cursor:
    return {**cursor, "since": FAR}


def full(rows: Rows, page: int) -> int:
    """Accounts, cost centres, bookyears, balances before and behind the lines, and four types of journals."""
    return 5 + 4 * BOOKYEARS


CONFORMANCE = Conformance(
    application=Application(*KIND.application),
    variants={"debit": GENEROUS, "credit": {**GENEROUS, "bookings": "credit"}},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    far_future=far_future,
    where="bookings/modified",
    one_answer=True,
    names=("modifiedBookings", "bookingAmount"),
    end_token=lambda emulator: emulator.tokens.end_all(),
    # A token is renewed, and the same asked again. 404 says that nothing changed: of a whole ledger balances
    # tell that it is not so, and an increment asks for the same the next time. It has no pages: one that was
    # answered before is read, and the next increment reads all of that anew.
    faults={
        "401": None,
        "token ends": None,
        "404": InconsistentData,
        "404, increment": None,
        "repeated page, increment": None,
        "looping cursor, increment": None,
    },
    bare={
        "opening": "the emulated books have no opening entries",
        "version": "each booking comes once",
    },
    requests=Requests(
        # A token of the user, and one of the dossier.
        sign_in={"debit": 2, "credit": 2},
        full=full,
        # Accounts, cost centres, and what changed.
        unchanged=lambda rows, page: 3,
        changed=lambda rows, page: 3,
    ),
)
