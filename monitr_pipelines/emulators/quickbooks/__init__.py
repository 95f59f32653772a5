"""QuickBooks Online with Intuit's authorization server, over the shared books.

Written from Intuit's reference pages, its schemas of entities and reports, and what clients recorded or
reported of its answers; in doubt the stricter way:

* Sales journals hold invoices, purchase journals bills, bank journals expenses, all others journal entries.
* There are no drafts: what goes back to draft is deleted. What is cancelled is voided: it stays at nought.
* Departments of the books are locations, the other first axis classes; a third axis is not shown.
* Accounts stand below the first one whose number begins with the same two digits, so that reports nest.
* No closing entry is booked: results of earlier years stand in `Retained Earnings`, in which nobody books.
* Moments are told and compared to the second, on the clock of the machines: with its offset, never in UTC.

Not emulated, and refused: writing, batches, other reports, filters of the general ledger but by account,
date macros, and links within cells. How many requests there are at a time is not counted.

# Assumptions

No official source at hand confirms these:

* A general ledger has a section for each balance sheet account with a balance, even without postings in its
  days; accounts of results have no beginning balance.
* Debit and credit columns of a summary hold sums, as the one of the amount does. Amounts have no zero
  before the point (`.00` was recorded), and no separators of thousands.
* Where a company keeps books in several currencies, the columns without `home` in their names are there and
  empty; where it does not, those with it are.
* Where the plan has no classes and locations, their columns are left out without a word, and queries for
  them are refused (code 5020).
* A report has 400,000 cells at most. One that would have more ends, with status 200, in a row that asks for
  fewer days; its open sections have no summary.
* The trial balance is that of its last day, whatever its first; only its titles name its columns.
* On cash basis, roughly, invoices and bills are missing.
* An unknown parameter or column of a report, and a first day after the last, are refused; so is a token of
  another company (403, code 3100).
* Voided transactions stay in the general ledger at nought.
* A line of any transaction may have a location of its own, as here only those of journal entries may.
* Change data capture counts its thousand objects over all entities of a request. A moment too long ago is
  refused with code 500, in the sentence that a client reported; one without an offset is the machines' own.
* The fault of who asks too often has capital letters in JSON, as it was recorded in XML.
* A refresh token that was replaced is refused from that moment on; the program must say who it is in the
  header. Who throttles does not say for how long.
"""

from collections.abc import Mapping
from datetime import timedelta

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
from monitr_pipelines.emulators.quickbooks.limits import REQUESTS_A_MINUTE, Limits
from monitr_pipelines.emulators.quickbooks.realms import ACCRUAL, CASH, CELLS, Realms, Setup
from monitr_pipelines.emulators.quickbooks.service import QuickBooksOnline
from monitr_pipelines.emulators.quickbooks.tokens import SAME_FOR, Tokens
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.invented import Size

OPTIONS = {
    **SIGN_IN,
    "refresh_tokens": "`daily`: they change once a day; `each`: at every refresh",
    "requests_a_minute": f"requests a minute for a company, {REQUESTS_A_MINUTE} by default",
    "cells": f"cells of a report, {CELLS} by default",
    "currencies": "`one` or `several`; by default several where a line is in another currency",
    "tracking": "`on`: the plan has classes and locations; `off`: it has not",
    "basis": f"`{ACCRUAL}` or `{CASH}`: the method of reports that are asked for without one",
}


def build(books: SharedBooks, options: Mapping[str, str]) -> QuickBooksOnline:
    """The emulator of some books.

    Raises:
        ValueError: An option has a value that there is not.
    """
    several = chosen(options, "currencies", "as booked", "one", "several")
    setup = Setup(
        several=None if several == "as booked" else several == "several",
        tracked=chosen(options, "tracking", "on", "off") == "on",
        basis=chosen(options, "basis", ACCRUAL, CASH),
        cells=number(options, "cells", CELLS),
    )
    daily = chosen(options, "refresh_tokens", "daily", "each") == "daily"
    return QuickBooksOnline(
        Realms(books, setup),
        Tokens((registered(options),), books.clock.now, SAME_FOR if daily else timedelta()),
        Limits(books.clock.now, number(options, "requests_a_minute", REQUESTS_A_MINUTE)),
        automatic=chosen(options, "consent", "ask", "automatic") == "automatic",
    )


KIND = Kind(
    "quickbooks",
    build,
    OPTIONS,
    Size(remarks=True),
    (CLIENT_ID, CLIENT_SECRET),
    without_limits={"requests_a_minute": MANY},
)
