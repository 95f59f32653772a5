"""Octopus (Belgium): its REST service over the shared books, as far as a reader of the ledger needs it.

Written from the public OpenAPI document (version 51.9.17), the maker's pages on authentication, and
recorded answers of bookyears, journals, accounts, dossiers and refusals. No answer for modified bookings
was ever published. Invoices and bank statements as they were typed in (`buysellbookings`,
`financialdiversbookings`), relations, products and everything that writes are not emulated.

# Assumptions

Of sign-in and limits:

* A header or parameter that is missing, unknown or malformed is refused with 400. A token that is unknown,
  over, or of another dossier is refused with 401. One that was given out stays good although the dossier is
  disabled.
* The calls of a day are counted for each operation, in each dossier by itself, over the calendar day of the
  server; refused questions are not counted. Whoever is over the limit gets 429 without a header that tells
  until when.
* The authorization server has its tokens at `/octopus-oauth/token`, takes a form and answers as RFC 6749 has
  it. A refresh token works once and another comes with each answer.
* Every refusal has `technicalInfo` alone, worded as the specification describes its status.

Of modified bookings:

* The server's clock shows Belgian time; both ends of a range are read on it. A range has its beginning in
  it, not its end. What a transaction wrote is found at the time of the writing, also if it ended later.
* Bookyear -1 goes with journal type -1 alone, and not with the time that stands for the beginning.
* A document is answered whole, its lines together and in their order. `lineSequenceNr` does not tell lines
  apart: the line with the total of an invoice has -1, a line of tax has that of the line before it.
* Amounts are positive in debit, those of lines and of accounts alike; options turn either round.
* `exchangeRate` times `documentAmount` is `bookingAmount`. Doubles from ten million on have an exponent.
* A document that was renumbered, moved to another bookyear, or taken back out of the ledger, is a deleted
  booking under its old key. Deletions are told for ever; a key that was given again is in both lists, so
  deletions come first.
* Drafts are nowhere to be seen. A period is a month, numbered by the year in which its bookyear began.
* Books run on from bookyear to bookyear: no opening entry repeats the balances of the year before.

Of accounts and cost centres:

* Each bookyear has all accounts, those too that nobody uses any more: nothing tells that one is archived.
  Where an account gets another number, the old one is deleted and the documents on it are modified.
* The amount of an account is what it moved within the period; one without documents any more is deleted,
  with 0.
* Cost centres are the first axis of the books, by their ids; other axes have no form here. They are shared
  by all bookyears, and accounts of the profit and loss account alone may have them (`costCentreType` 2,
  else 0).
* A bookyear is closed once the books are locked to its end.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitr_pipelines.emulators.frame.contract import Kind
from monitr_pipelines.emulators.frame.options import MANY, SIGN_IN, chosen, number, registered
from monitr_pipelines.emulators.octopus.bookkeeping import Bookkeeping
from monitr_pipelines.emulators.octopus.dossiers import Dossiers
from monitr_pipelines.emulators.octopus.grants import Grants
from monitr_pipelines.emulators.octopus.limits import DailyCalls
from monitr_pipelines.emulators.octopus.service import SOFTWARE_HOUSE, USER_NAME, Octopus
from monitr_pipelines.emulators.octopus.sign_in import SignIn
from monitr_pipelines.emulators.octopus.tokens import Tokens
from monitr_pipelines.emulators.shared.books import SharedBooks

ZONE = "Europe/Brussels"
# The maker gives out an identification and no secret; without one an installation cannot name it.
APPLICATION = (SOFTWARE_HOUSE, "no-secret")
OPTIONS = {
    "bookings": "`debit`: amounts of lines are positive in debit; `credit`: in credit",
    "balances": "`debit`: amounts of accounts are positive in debit; `credit`: in credit",
    "calls_a_day": "calls a day of each operation; by default what the specification says of it",
    "consent": SIGN_IN["consent"],
    "redirect": SIGN_IN["redirect"],
    "sign_in": "what settings have: the user's `password`, or a token as if they had agreed on the `page`",
    "zone": f"where the server's clock hangs, {ZONE} by default",
}


def build(books: SharedBooks, options: Mapping[str, str]) -> Octopus:
    """The emulator of some books.

    Raises:
        ValueError: An option has a value that there is not.
    """
    zone, now = _zone(options.get("zone", ZONE)), books.clock.now
    bookings, balances = (
        1 if chosen(options, name, "debit", "credit") == "debit" else -1 for name in ("bookings", "balances")
    )
    sign_in = SignIn(
        Grants(registered(options, *APPLICATION), Tokens(now), USER_NAME),
        automatic=chosen(options, "consent", "ask", "automatic") == "automatic",
    )
    return Octopus(
        Bookkeeping(Dossiers(books, zone), bookings, balances),
        sign_in,
        DailyCalls(now, zone, number(options, "calls_a_day", 0) or None),
        passwords=chosen(options, "sign_in", "password", "page") == "password",
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError) as unknown:
        raise ValueError(f"zone is the name of a time zone, not {name!r}.") from unknown


KIND = Kind("octopus", build, OPTIONS, application=APPLICATION, without_limits={"calls_a_day": MANY})
