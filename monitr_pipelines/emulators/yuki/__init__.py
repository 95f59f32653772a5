"""Yuki (Belgium, the Netherlands) and its SOAP services, over the shared books.

Written from the documented answers of its services and the types of their descriptions, in doubt the stricter
way. Lines are what it tells of: it has no journals, no numbers of entries, one axis (projects), no drafts.

# Assumptions

No official source confirms these:

* The words of every fault but "Daily limit exceeded". A wrong key is a fault; `wrong_key` makes it an
  answer without a session, which one client expects.
* An element that an operation does not know, or lacks, is refused. The services bind parameters by name and
  say nothing of others; nobody is to get by with a wrong name.
* A day of calls is one of the wall clock in Brussels; every call of a session counts, also one that ends in
  a fault, and so does the sign-in.
* An administration starts with the year of its first booking.
* An administration is only told of while the session is in its domain.
* Stamps of changes are on the wall clock in Brussels. A filter compares their digits with its own, and `Z`
  changes nothing in that.
* `GetUpdatedAndDeletedTransactions` filters `updated`, both ends included, tells lines that are new too, in
  the order of `updated`, and never gives more than 1,000 at once. `digest` and `new_lines` make it tell less.
* The year that a line left for another is not changed by that: what is in it has the stamps of before.
* A line whose document was taken back is deleted, and not deleted any more once it is booked again.
* Bookings without a document are those that open and close the books.
* `type` tells accounts of the balance sheet from those of the result; `subtype` means nothing here.
* `GLAccountBalance` lists accounts that something was booked on: balance sheet accounts since ever, others
  since the financial year began. Nothing is carried forward that is not booked.
* Both financial modes tell the same, but for the fiscal corrections of `fiscal`: then mode 1 tells more lines
  than mode 0, `GLAccountBalanceFiscal` has them and `GLAccountBalance` not. No change tells of them.
* A currency rate is what a unit of the foreign currency is worth.
* A project that was archived ended on the day of that.
"""

from collections.abc import Mapping

from monitr_pipelines.emulators.frame.contract import Kind
from monitr_pipelines.emulators.frame.options import MANY, chosen, number
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.yuki.access import Access
from monitr_pipelines.emulators.yuki.digest import Digest
from monitr_pipelines.emulators.yuki.ledger import Ledger
from monitr_pipelines.emulators.yuki.service import Yuki

CALLS_A_DAY = 1000
ACCESS_KEY = "7d0f5c1e-5f0a-4d55-9a8e-0123456789ab"
OPTIONS = {
    "calls_a_day": f"calls a day of a domain, {CALLS_A_DAY} by default",
    "key": "`domain`: all administrations are in one domain; `portal`: each is in a domain of its own",
    "wrong_key": "`fault`: a wrong key is a fault; `empty`: it is an answer without a session",
    "digest": "`updated`: changes are told by when they were made; `dates`: by the days of their lines",
    "fiscal": "`none`: nothing is booked for the tax return alone; `corrected`: an entry each year is",
    "new_lines": "`told`: the changes tell lines that are new; `untold`: only those that changed later",
}


def build(books: SharedBooks, options: Mapping[str, str]) -> Yuki:
    """The emulator of some books.

    Raises:
        ValueError: An option has a value that there is not.
    """
    access = Access(
        books,
        ACCESS_KEY,
        number(options, "calls_a_day", CALLS_A_DAY),
        portal=chosen(options, "key", "domain", "portal") == "portal",
        empty=chosen(options, "wrong_key", "fault", "empty") == "empty",
    )
    ledger = Ledger(books, corrected=chosen(options, "fiscal", "none", "corrected") == "corrected")
    digest = Digest(
        ledger,
        by_date=chosen(options, "digest", "updated", "dates") == "dates",
        without_new=chosen(options, "new_lines", "told", "untold") == "untold",
    )
    return Yuki(access, ledger, digest)


KIND = Kind("yuki", build, OPTIONS, without_limits={"calls_a_day": MANY})
