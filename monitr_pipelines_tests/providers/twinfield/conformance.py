"""What of Twinfield the conformance suite cannot ask of all providers in the same way."""

import re
from collections.abc import Mapping
from typing import Any

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS

from monitr_pipelines.emulators.frame.messages import Request
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.contract import Application
from monitr_pipelines.providers.twinfield.sign_in import VALIDATION

GENEROUS = {"credits_a_minute": "1000000"}
WITHOUT = {
    "rename relation": "whether a transaction counts as modified then is not known; it keeps the name it had",
    "split": "a line has at most one dimension of each level, and all of it",
    "recode account": "the code of a dimension is what it is known by",
    "move": "an office cannot go to another organisation",
}
TOKEN = re.compile(rb"AccessToken>[^<]*<")
FOR_EVER = "2098-01-01T00:00:00+00:00"
# Periods in which the books of the suite have entries: two years of months.
PERIODS = 24


def far_future(cursor: Cursor) -> Cursor:
    return {**cursor, "began_at": FOR_EVER, "whole_at": FOR_EVER}


def value_of(row: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever stands there
    """A cell of a browse names its field, and a row of the finder nothing."""
    return row.get(name) or row.get("string") or (row[""] if row.get("field") == name else None)


def question(request: Request) -> str:
    """All is asked at few paths; which servers a token is for is nothing that is asked of the books."""
    return "" if VALIDATION in request.path else f"{request.path} {TOKEN.sub(b'', request.body)!r}"


def chart(rows: Rows, page: int) -> int:
    """The office, accounts in two types, and four types of axes, of which the books have values of two."""
    assert max(rows.accounts, *rows.values) <= page
    return 1 + 2 + 4


CONFORMANCE = Conformance(
    application=Application(CLIENT_ID, CLIENT_SECRET),
    variants={"": GENEROUS},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    page=("monitr_pipelines.providers.twinfield.api.PAGE",),
    far_future=far_future,
    clocks=("began_at", "whole_at"),
    where="030_3",
    names=("tr", "fin.trs.line.basevaluesigned"),
    end_token=lambda emulator: emulator.tokens.end_access(),
    tokens="connect/token",
    question=question,
    calls="credits_a_minute",
    value_of=value_of,
    # A token that is not accepted is renewed, and the question asked again; fewer rows than are told come.
    unseen={
        "OFFICES.office": "offices are listed to who has not chosen one yet",
        "CHANGES.fin.trs.head.status": "what changes there is of another office",
    },
    faults={"401": None, "token ends": None, "late commit": None, "another envelope": InconsistentData},
    requests=Requests(
        # A token, and where its servers are.
        sign_in={"": 2},
        # The definitions of two browses, which periods are used, and each of these.
        full=lambda rows, page: chart(rows, page) + 2 + 1 + PERIODS,
        # What was deleted, the definition of a browse, and what changed.
        unchanged=lambda rows, page: chart(rows, page) + 3,
        changed=lambda rows, page: chart(rows, page) + 3 + 1,
    ),
)
