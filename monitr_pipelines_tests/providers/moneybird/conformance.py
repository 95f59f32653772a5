"""What of Moneybird the conformance suite cannot ask of all providers in the same way."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS
from emulated_kit import small_books

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.moneybird import KIND
from monitr_pipelines.emulators.moneybird.administrations import Administrations
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING
from monitr_pipelines.emulators.shared.records import State
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.providers.contract import Application
from monitr_pipelines.providers.moneybird.datasets import FAMILIES

GENEROUS = {"calls": "1000000", "token_seconds": "600"}
WITHOUT = {
    "move": "an administration has no other server to go to",
    "rename relation": "lines do not tell whom they are about",
    "split": "a line has one project at most, and all of it",
}
FOR_EVER = 10**18
NONE_THERE = "no emulated document is one"
ASKED_FOR = "of documents that were changed, to none of which these edits come: test_moneybird_changes.py"
UNSEEN = {
    "ADMINISTRATIONS.suspended": "an administration that is suspended is not read",
    **{
        f"{name}.{field}": NONE_THERE
        for name in ("RECEIPTS", "EXTERNAL_INVOICES")
        for field in ("id", "version", "date", "details")
    },
    **dict.fromkeys(
        (
            "JOURNAL_DOCUMENTS.date",
            "MUTATIONS.date",
            "PURCHASE_INVOICES.date",
            "PURCHASE_INVOICES.details",
            "SALES_INVOICES.invoice_date",
            "SALES_INVOICES.details",
        ),
        ASKED_FOR,
    ),
}
# Those of the books, and the one behind this one.
YEARS = 4
MONTHS = 12
Cells = dict[date, Counter[tuple[int, int | None]]]


def far_future(cursor: Cursor) -> Cursor:
    return {**cursor, "since": dict.fromkeys(cursor["since"], FOR_EVER)}


@cache
def cells() -> Cells:
    """How many lines the small books have, by month, and then by account and project."""
    books = small_books(KIND.size, Clock(MORNING))
    shown = Administrations(books)
    company = next(iter(books.companies))
    projects = {each.id for each in shown.projects(books.companies[company])}
    found: Cells = {}
    for entry in books.company_entries(company):
        for line in entry.lines if entry.state is State.POSTED else ():
            if line.account is not None:
                of_line = [value for share in line.shares for value in share.values if value in projects]
                month = found.setdefault(entry.day.replace(day=1), Counter())
                month[line.account, next(iter(of_line), None)] += 1
    return found


def pages(rows: Rows, page: int) -> int:
    """The pages of all months, each by account or by project: one that is full may have another behind it."""
    total = 0
    for month in cells().values():
        accounts, projects = Counter[int](), Counter[int | None]()
        for (account, project), lines in month.items():
            accounts[account] += lines
            projects[project] += lines
        counts: Iterable[int] = accounts.values()
        if projects_of(rows) + 1 < len(accounts):
            counts = [*projects.values(), *[0] * (projects_of(rows) + 1 - len(projects))]
        total += sum(lines // page + 1 for lines in counts)
    return total


def projects_of(rows: Rows) -> int:
    return rows.values[1]


def lists(rows: Rows, page: int) -> int:
    """The administration, accounts, projects, versions of all families, and what moved within each year."""
    return 1 + 1 + projects_of(rows) // page + 1 + len(FAMILIES) + YEARS


CONFORMANCE = Conformance(
    application=Application(CLIENT_ID, CLIENT_SECRET),
    variants={"": GENEROUS},
    edits=[kind for kind in KINDS if kind not in WITHOUT],
    without=WITHOUT,
    page=("monitr_pipelines.providers.moneybird.datasets.PAGE",),
    far_future=far_future,
    where="journal_entries",
    tokens="oauth/token",
    names=("", "amount"),
    end_token=lambda emulator: emulator.tokens.end_access(),
    # Tokens are renewed, and the page is asked for again; a month whose pages repeat is read again.
    faults={"401": None, "token ends": None, "repeated page": None},
    unseen=UNSEEN,
    bare={
        "line_number": "a line has an id alone",
        "period": "lines count in the month of their date",
        "document_number": "a line names its document by id alone",
        "relation": "a line names its contact by id alone",
        "foreign_amount": "the journal is in the currency of the administration",
        "foreign_currency": "the journal is in the currency of the administration",
        "opening": "there are no opening entries",
        "version": "months are replaced whole",
    },
    requests=Requests(
        sign_in={"": 0},
        full=lambda rows, page: lists(rows, page) + MONTHS * 2 + pages(rows, page),
        unchanged=lists,
        # The document that is new, the months of its year, and two accounts of one of them.
        changed=lambda rows, page: lists(rows, page) + 1 + MONTHS + 2,
    ),
    calls="calls",
)
