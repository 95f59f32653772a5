"""Twinfield with its authorization server, over the shared books.

Written from the maker's published service descriptions and what clients reported of its answers, in doubt
the stricter way. A transaction is known by its daybook and number; nothing tells of one that has another
number now but that it is no longer where it was. Documents are processed as texts and as elements, not
compressed; none is written.

# Assumptions

No official source confirms these:

* A column filters where `ask` is true and `from` or `to` is filled; an end that is empty is open. What is
  not visible is not shown. A `sort` is refused, as it is not emulated.
* `normal` asks for what is final or provisional; a draft is `temporary`, and has a number of its own.
  A question that names no status finds all.
* Entries of the books that were cancelled are deleted transactions; one that goes back to a draft stays, and
  changes. A number that is given anew leaves no trace in the log of deletions (option `renumbering`).
* `DateFrom` and `DateTo` are about the date of deletion, which is in UTC; a day is its midnight.
* 040_1 and 060 are summed by every visible column that is no amount, in their order.
* All transactions are of the regime that all regimes have in common.
* A financial year is called by the calendar year in which it ends; opening balances are in period 0.
* The relation of a transaction is that of all its lines; nothing where they have several.
* A line with a cost centre has it as its second dimension, not its relation. A third axis is not shown.
* Periods are months, and those of opening balances and of the end of the year are not listed.
* Refusals of the newer services have the statuses of the older ones.
* Credits are counted by whole minutes of a program. An answer beyond the option `largest` is a fault
  after which a smaller question helps.
"""

from collections.abc import Mapping

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
from monitr_pipelines.emulators.twinfield.credits import Credits
from monitr_pipelines.emulators.twinfield.offices import Offices
from monitr_pipelines.emulators.twinfield.service import Setup, Twinfield
from monitr_pipelines.emulators.twinfield.tokens import Tokens
from monitr_pipelines.emulators.twinfield.transactions import Transactions

CREDITS_A_MINUTE = 1000
OPTIONS = {
    **SIGN_IN,
    "credits_a_minute": f"credits a minute of an app, {CREDITS_A_MINUTE} by default",
    "encoding": "of answers: `utf-8` or `utf-16`",
    "largest": "the rows of the largest answer to a browse question, 0 (by default) for any number",
    "renumbering": "`silent`: no trace of a transaction's earlier number; `logged`: as a deletion of it",
}


def build(books: SharedBooks, options: Mapping[str, str]) -> Twinfield:
    """The emulator of some books.

    Raises:
        ValueError: An option has a value that there is not.
    """
    automatic = chosen(options, "consent", "ask", "automatic") == "automatic"
    logged = chosen(options, "renumbering", "silent", "logged") == "logged"
    setup = Setup(chosen(options, "encoding", "utf-8", "utf-16"), number(options, "largest", 0))
    credits_a_minute = number(options, "credits_a_minute", CREDITS_A_MINUTE)
    return Twinfield(
        Offices(books),
        Transactions(books, logged),
        (Tokens((registered(options),), books.clock.now), automatic),
        Credits(books.clock.now, credits_a_minute),
        setup,
    )


KIND = Kind(
    "twinfield",
    build,
    OPTIONS,
    application=(CLIENT_ID, CLIENT_SECRET),
    without_limits={"credits_a_minute": MANY},
)
