"""What of Xero the conformance suite cannot ask of all providers in the same way."""

from datetime import timedelta
from math import ceil

from conformance_kit import Conformance, Requests
from edits_kit import KINDS

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.providers.contract import Application

GENEROUS = {"calls_a_minute": "1000000", "calls_a_day": "1000000"}
# Banks without a code, lines without a key, and days as they are told on the other side of the world.
SPARING = {"bank_codes": "missing", "line_ids": "missing", "dates": "+1300"}
WITHOUT = {"split": "a line has at most one option of each tracking category, and all of it"}
FOR_EVER = 10**9
LINES_OF_A_JOURNAL = 3


def far_future(cursor: Cursor) -> Cursor:
    return {**cursor, "settled": [FOR_EVER, "journal"]}


CONFORMANCE = Conformance(
    application=Application(CLIENT_ID, CLIENT_SECRET),
    variants={"": GENEROUS, "sparing": {**GENEROUS, **SPARING}},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    read_anew=("archive value",),
    page=("monitr_pipelines.emulators.xero.journals.PAGE",),
    lines_a_row=LINES_OF_A_JOURNAL,
    far_future=far_future,
    forgotten=True,
    clocks=("began_at",),
    where="/Journals",
    names=("Journals", "NetAmount"),
    end_token=lambda emulator: emulator.tokens.end_access(),
    tokens="connect/token",
    renewable=timedelta(seconds=1775),
    faults={"401": None, "token ends": None, "late commit": None},
    bare={
        "period": "a journal has no period, its date decides",
        "relation": "journals tell no contact",
        "foreign_amount": "journals tell the currency of the organisation alone",
        "foreign_currency": "as the amount in it",
        "opening": "nothing marks the journals that carry balances over from another software",
        "version": "a journal never changes",
    },
    requests=Requests(
        sign_in={"": 1, "sparing": 1},
        # Accounts and tracking categories come in one answer each; only an empty page is the last.
        full=lambda rows, page: 2 + ceil(rows.entries / (page // LINES_OF_A_JOURNAL)) + 1,
        unchanged=lambda rows, page: 2 + 1 + 1,
        changed=lambda rows, page: 2 + 1 + 1,
    ),
)
