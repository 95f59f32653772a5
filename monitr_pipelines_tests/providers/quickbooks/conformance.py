"""What of QuickBooks Online the conformance suite cannot ask of all providers in the same way."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.providers.contract import Application

WITHOUT = {
    "rename relation": "lines have the name that their month was read with",
    "split": "a line has at most one class and one location, and all of it",
}
# The newest month, two behind it, four, eight, twelve, and all the rest.
WINDOWS = 6


def far_future(cursor: Cursor) -> Cursor:
    later = datetime.fromisoformat(cursor["began_at"]) + timedelta(days=400)
    return {**cursor, "began_at": later.isoformat()}


def value_of(row: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever stands there
    """What an object has of a name; of a report, all that stands in the column of one."""
    if "Columns" not in row:
        return row.get(name)
    keys = [key_of(column) for column in row["Columns"]["Column"]]
    place = keys.index(name) if name in keys else None
    return (
        [cells[place]["value"] for cells in cells_of(row["Rows"]) if cells[place]["value"]]
        if place is not None
        else None
    )


def key_of(column: Mapping[str, Any]) -> str:
    found = [each["Value"] for each in column.get("MetaData", ()) if each["Name"] == "ColKey"]
    return found[0] if found else column["ColTitle"].lower() or "account"


def cells_of(rows: Mapping[str, Any]) -> list[Any]:
    found = []
    for row in rows.get("Row", ()):
        found += [row["ColData"]] if "ColData" in row else []
        found += cells_of(row.get("Rows", {}))
    return found


def chart(rows: Rows, page: int) -> int:
    """The company, its preferences, accounts, classes, locations; behind a full page there may be another."""
    return 2 + sum(count // page + 1 for count in (rows.accounts, *rows.values[:2]))


CONFORMANCE = Conformance(
    application=Application(CLIENT_ID, CLIENT_SECRET),
    variants={"": {"requests_a_minute": "1000000", "currencies": "several"}},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    page=("monitr_pipelines.providers.quickbooks.datasets.PAGE",),
    far_future=far_future,
    forgotten=True,
    clocks=("began_at",),
    where="GeneralLedger",
    names=("Rows", "value"),
    end_token=lambda emulator: emulator.tokens.end_access(),
    bare={
        "line_number": "the report numbers no line",
        "period": "lines count by their date",
        "opening": "nothing is booked at the turn of a year",
        "version": "whole transactions are replaced",
    },
    tokens="oauth2/v1/tokens/bearer",
    calls="requests_a_minute",
    faults={"401": None, "token ends": None, "late commit": None},
    value_of=value_of,
    unseen={
        "LEDGER.debt_amt": "the company has several currencies: what it has of one is in its tests",
        "LEDGER.credit_amt": "the same",
    },
    requests=Requests(
        sign_in={"": 1},
        full=lambda rows, page: chart(rows, page) + WINDOWS,
        unchanged=lambda rows, page: chart(rows, page) + 2,
        changed=lambda rows, page: chart(rows, page) + 2,
    ),
)
