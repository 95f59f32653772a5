"""Xero with its authorization server, over the shared books: journals, accounts, tracking, trial balance.

Written from the published OpenAPI documents, recorded answers and what clients reported, in doubt the
stricter way. One address stands for all hosts: `/identity/connect/authorize`, `/connect/token`,
`/connections` and `/api.xro/2.0/`.

* The ledger only grows: an edit books a journal that reverses the one before and a new one, on the day that
  the entry had and has; a deletion books the reversal alone. Numbers only rise, and some are left out.
* Only what is posted is in the ledger. Axes are tracking categories: the first two are active, others are
  archived, and a line has at most two options. Tax of sales and purchases stands on a line of its own, and
  in `TaxAmount` and `GrossAmount` besides. Opening entries have no source.
* A page with fewer than a hundred journals need not be the last one (option `pages`); an empty one is. A
  single journal has no source.
* Unknown query parameters are not looked at: whoever pages journals by `page` gets the first page for ever.

# Assumptions

* A number is given when a journal is written: an entry whose transaction ends late becomes visible below
  numbers that were read before.
* Earlier years' results stand on retained earnings in the trial balance, without a journal: the published
  example has such a row and totals that are equal, and does not say how it comes about.
* Changes between two looks at the books are booked as one change; a reversal has the time of the change and
  the day of what it reverses. Journals tell accounts and options by the names and codes that they have now.
* An `If-Modified-Since` that is no date is status 400. That it may miss journals, as the maker warns, is not
  emulated but for entries whose transaction ends late.
* JSON has to be asked for (406; the real service answers XML). Wrong offsets, dates, `where` and `order` are
  status 400 with an error document; only equality of texts is understood in `where`.
* A retry with a spent refresh token within the half hour gives another pair, and the pair of before lives on.
* A scope that the program may not have sends the person back with `invalid_scope`. A person who agrees
  connects all organisations. A code lives five minutes.
* The documents of 404, 409, 429 and 5xx; a missing reporting role is status 401, as older clients have it.
* Minutes and days of limits are the sixty seconds and twenty-four hours before a call; the maker's days may
  begin at a time of their own for each organisation, which lets through more.
* A cash basis (`paymentsOnly`) is not emulated, nor is anything that invoices and payments tell.
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
from monitr_pipelines.emulators.xero import scopes
from monitr_pipelines.emulators.xero.forms import Dates
from monitr_pipelines.emulators.xero.limits import CallLimits
from monitr_pipelines.emulators.xero.masters import Form
from monitr_pipelines.emulators.xero.service import Rights, Xero
from monitr_pipelines.emulators.xero.sign_in import SignIn
from monitr_pipelines.emulators.xero.tokens import Tokens

CALLS_A_MINUTE, CALLS_A_DAY = 60, 5000
OPTIONS = {
    **SIGN_IN,
    "calls_a_minute": f"calls a minute of an app in an organisation, {CALLS_A_MINUTE} by default",
    "calls_a_day": f"calls a day, {CALLS_A_DAY} by default",
    "journals": "`approved`: the app may read journals; `refused`: it may not",
    "reporting": "`allowed`: the person may see reports; `refused`: the role is missing",
    "practice": "`none`, or `listed`: the person's practice is among the connections",
    "bank_codes": "`shown`, or `missing`: accounts of banks have no code",
    "pages": "`full`, or `partial`: every other page of journals ends early, with more behind it",
    "line_ids": "`shown`, or `missing`: the lines of some journals have no key",
    "dates": "the offset that days are told with, +0000 by default, or `iso` for ISO 8601",
}


def build(books: SharedBooks, options: Mapping[str, str]) -> Xero:
    """The emulator of some books.

    Raises:
        ValueError: An option has a value that there is not.
    """
    limits = CallLimits(
        books.clock.now,
        number(options, "calls_a_minute", CALLS_A_MINUTE),
        number(options, "calls_a_day", CALLS_A_DAY),
    )
    rights = Rights(
        journals=chosen(options, "journals", "approved", "refused") == "approved",
        reporting=chosen(options, "reporting", "allowed", "refused") == "allowed",
        practice=chosen(options, "practice", "none", "listed") == "listed",
    )
    form = Form(
        Dates(options.get("dates", "+0000")),
        bank_codes=chosen(options, "bank_codes", "shown", "missing") == "shown",
        line_ids=chosen(options, "line_ids", "shown", "missing") == "shown",
        partial_pages=chosen(options, "pages", "full", "partial") == "partial",
    )
    sign_in = SignIn(
        Tokens((registered(options),), books.clock.now),
        automatic=chosen(options, "consent", "ask", "automatic") == "automatic",
        known=scopes.KNOWN if rights.journals else scopes.KNOWN - {scopes.JOURNALS},
    )
    return Xero(books, sign_in, limits, form, rights)


KIND = Kind(
    "xero",
    build,
    OPTIONS,
    application=(CLIENT_ID, CLIENT_SECRET),
    without_limits={"calls_a_minute": MANY, "calls_a_day": MANY},
)
