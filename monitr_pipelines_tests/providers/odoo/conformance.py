"""What of Odoo the conformance suite cannot ask of all providers in the same way."""

from typing import Any

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS

from monitr_pipelines.emulators.odoo.emulator import OdooEmulator
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.lifecycle.errors import OurFault, ReconnectNeeded

WITHOUT = {"move": "a database that goes to another server keeps its ids and stamps"}
FAR = "2999-12-31 00:00:00"


def far_future(cursor: Cursor) -> Cursor:
    months: dict[str, list[Any]] = cursor["months"]
    later = {month: [lines, debit, FAR] for month, (lines, debit, _) in months.items()}
    return {**cursor, "months": later, "settled": True}


def chart(rows: Rows, page: int) -> int:
    """Companies, accounts, journals, analytic accounts, and what Odoo says of each month."""
    return 3 + rows.accounts // page + 1 + sum(rows.values) // page + 1


def end_key(emulator: OdooEmulator) -> None:
    emulator.state.user.key += "-renewed"


CONFORMANCE = Conformance(
    variants={"18": {"version": "18"}, "19": {"version": "19"}},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    page=("monitr_pipelines.providers.odoo.datasets.PAGE",),
    far_future=far_future,
    where="account.move.line",
    names=("result", "balance"),
    end_token=end_key,
    # Nothing is served at the path that was asked: an address that is none of Odoo's. JSON-2 refuses a model
    # or a method in this way.
    faults={"404": ReconnectNeeded, "404 on 19": OurFault},
    bare={
        "line_number": "a line has an id alone",
        "period": "Odoo has no periods",
        "opening": "Odoo has no opening entries",
        "version": "each line comes once",
    },
    requests=Requests(
        # The version is asked, and below 19 the number of the user.
        sign_in={"18": 2, "19": 1},
        full=lambda rows, page: chart(rows, page) + rows.lines // page + 1,
        # Partners that were renamed.
        unchanged=lambda rows, page: chart(rows, page) + 1,
        changed=lambda rows, page: chart(rows, page) + 1 + 1,
    ),
)
