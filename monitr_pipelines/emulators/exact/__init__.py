"""Exact Online (Belgium, the Netherlands) with its authorization server, over the shared books.

Written from its reference pages and from what clients reported of its answers, in doubt the stricter way:

* Only what is posted is in the ledger; entries of some journals stay open (status 20) and are in it too.
* A row version is given when a row is written, as the database behind it does: an entry whose transaction
  ends late becomes visible below rows that were read before. `SyncTimestamp` finds a version by time.
* What a person agreed to is withdrawn on the page `/api/oauth2/apps`, as a reason to connect again.
* After a division has moved, row versions begin lower than before, and `DivisionMoveDate` tells it.
"""

from collections.abc import Mapping

from monitr_pipelines.emulators.exact.divisions import Divisions
from monitr_pipelines.emulators.exact.limits import CallLimits
from monitr_pipelines.emulators.exact.service import ExactOnline, Setup
from monitr_pipelines.emulators.exact.sign_in import SignIn
from monitr_pipelines.emulators.exact.tokens import Tokens
from monitr_pipelines.emulators.frame.contract import Kind
from monitr_pipelines.emulators.frame.options import (
    CLIENT_ID,
    CLIENT_SECRET,
    MANY,
    SIGN_IN,
    chosen,
    number,
    registered,
)
from monitr_pipelines.emulators.shared.books import SharedBooks

CALLS_A_MINUTE, CALLS_A_DAY = 60, 5000
OPTIONS = {
    **SIGN_IN,
    "calls_a_minute": f"calls a minute of an app in a division, {CALLS_A_MINUTE} by default",
    "calls_a_day": f"calls a day, {CALLS_A_DAY} by default",
    "envelope": "`array`: an answer of one page is a bare array; `results`: within an object",
    "address": "the address that links between pages begin with; by default the one that was asked",
}


def build(books: SharedBooks, options: Mapping[str, str]) -> ExactOnline:
    """The emulator of some books.

    Raises:
        ValueError: An option has a value that there is not.
    """
    automatic = chosen(options, "consent", "ask", "automatic") == "automatic"
    limits = CallLimits(
        books.clock.now,
        number(options, "calls_a_minute", CALLS_A_MINUTE),
        number(options, "calls_a_day", CALLS_A_DAY),
    )
    bare = chosen(options, "envelope", "results", "array") == "array"
    return ExactOnline(
        Divisions(books),
        SignIn(Tokens((registered(options),), books.clock.now), automatic=automatic),
        limits,
        Setup(options.get("address"), bare=bare),
    )


KIND = Kind(
    "exact",
    build,
    OPTIONS,
    application=(CLIENT_ID, CLIENT_SECRET),
    without_limits={"calls_a_minute": MANY, "calls_a_day": MANY},
)
