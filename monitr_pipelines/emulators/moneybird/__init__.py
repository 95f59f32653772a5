"""Moneybird (the Netherlands) with its authorization server, over the shared books.

Written from its OpenAPI document (v2-20260821), its pages on authentication and limits, and what clients
reported of its answers, in doubt the stricter way:

* Journal entries are reported by month, and of one ledger account, project or contact at a time.
* Changes are told by versions of documents alone: the second of their latest change. Two changes within one
  second have the same version, and a document that was deleted is merely no longer listed.
* Access tokens do not end unless an option says so; a refresh ends the tokens before it.
* A project is the only axis: it has a name and no code.
* Files are fetched by a link that a download answers: the audit file (XAF 3.2) of a year.

# Assumptions

No official source confirms these; all others are from the document or from reported answers.

* The sign of journal entries is debit positive (option `sign`), balances of the general ledger too.
* An account with journal entries in a period is in both sums of the general ledger, even at 0.0; balances
  leave out accounts at nothing. Balances of profit and loss accounts begin anew with the fiscal year of the
  first day of the period, and no account takes the result over; the final balance is the first with debits
  and credits.
* Journal entries come by date and identifier, the latest first, 25 a page where nothing is asked for. A
  document that is edited is booked anew: its journal entries have other identifiers.
* `document_type` is `SalesInvoice`, `FinancialMutation`, or `Document` for all others. Openings, wages and
  memorials are general journal documents; cancelled entries are documents that were deleted; drafts and
  bank mutations that are not processed are listed, and not booked.
* Versions without a filter are of this calendar year, whatever family. Terms of a filter and parameters
  that are unknown are passed over; terms that are known and not emulated are refused.
* Calls are counted by program over windows of whole five minutes, refused ones too; all answers that a
  token was good for tell the limit.
* A missing token is refused as a wrong one. An administration that the person cannot see answers 404, a
  suspended one 401. Other methods and paths answer 404. A period of more than a month, a named one too, is
  refused for its length before anything else.
* A refresh token is good once, and the access token that came with it ends with it. One consent is for all
  administrations of the person. A code lives for ten minutes.
* An audit file is ready as soon as it was asked for; version 4.0 of it is refused. Its first year has no
  opening balance: what the books began with is an entry.
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
from monitr_pipelines.emulators.moneybird.administrations import Administrations
from monitr_pipelines.emulators.moneybird.ledger import SIGNS
from monitr_pipelines.emulators.moneybird.limits import CallLimits
from monitr_pipelines.emulators.moneybird.service import Moneybird
from monitr_pipelines.emulators.moneybird.sign_in import SignIn
from monitr_pipelines.emulators.moneybird.tokens import Lives, Tokens
from monitr_pipelines.emulators.shared.books import SharedBooks

CALLS = 150
OPTIONS = {
    **SIGN_IN,
    "calls": f"calls in five minutes, {CALLS} by default",
    "token_seconds": "how long access tokens live; by default they do not end",
    "refresh": "`given`, by default: a refresh token comes with each access token; `none`",
    "sign": "amounts of journal entries: `debit` positive, by default, `credit`, or `natural`: as the type "
    "of the account usually is",
}


def build(books: SharedBooks, options: Mapping[str, str]) -> Moneybird:
    """The emulator of some books.

    Raises:
        ValueError: An option has a value that there is not.
    """
    seconds = number(options, "token_seconds", 1) if "token_seconds" in options else None
    lives = Lives(
        access=None if seconds is None else timedelta(seconds=seconds),
        refresh=chosen(options, "refresh", "given", "none") == "given",
    )
    automatic = chosen(options, "consent", "ask", "automatic") == "automatic"
    return Moneybird(
        Administrations(books),
        SignIn(Tokens(registered(options), books.clock.now, lives), automatic=automatic),
        CallLimits(books.clock.now, number(options, "calls", CALLS)),
        chosen(options, "sign", *SIGNS),
    )


KIND = Kind(
    "moneybird", build, OPTIONS, application=(CLIENT_ID, CLIENT_SECRET), without_limits={"calls": MANY}
)
