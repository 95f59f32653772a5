"""A year of an administration as a Dutch audit file (XAF 3.2), as the export for accountants gives it."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

from monitr_pipelines.emulators.books import BELGIAN, Books
from monitr_pipelines.emulators.company.charts import Role
from monitr_pipelines.emulators.company.journal import PROJECT
from monitr_pipelines.emulators.moneybird.administrations import Administrations
from monitr_pipelines.emulators.moneybird.forms import identifier
from monitr_pipelines.emulators.shared.records import Account, Company, State, money
from monitr_pipelines.emulators.writers.write_xaf import write_xaf
from monitr_pipelines.ledger.records import Account as ChartAccount
from monitr_pipelines.ledger.records import AxisValue, LedgerLine


def audit_file(administrations: Administrations, company: Company, began: date, year: int) -> bytes:
    """One year of a company; `began` is in the first year that it has lines in.

    The year opens with the balances of those before, their results in the account of retained earnings.
    """
    books = Books(
        company=company.name,
        chart=BELGIAN,
        first_year=began.year,
        years=year - began.year + 1,
        accounts=_chart(administrations, company),
        axes=[
            AxisValue(PROJECT, identifier("project", each.id), each.name)
            for each in administrations.projects(company)
        ],
        relations={each.name: each.code for each in administrations.contacts(company)},
        lines=tuple(_lines(administrations, company)),
    )
    target = BytesIO()
    write_xaf(books, target, year)
    return target.getvalue()


def accounts_of(administrations: Administrations, company: Company) -> list[Account]:
    """The ledger accounts of a company."""
    return [each for each in administrations.books.accounts.values() if each.company == company.id]


def _chart(administrations: Administrations, company: Company) -> list[ChartAccount]:
    chart = {
        account.code: ChartAccount(account.code, account.name, account.type)
        for account in accounts_of(administrations, company)
    }
    result = BELGIAN.accounts[Role.RESULT]
    return [chart[code] for code in sorted(chart)] if result.code in chart else [*chart.values(), result]


def _lines(administrations: Administrations, company: Company) -> Iterator[LedgerLine]:
    books = administrations.books
    posted = (each for each in books.company_entries(company.id) if each.state is State.POSTED)
    for entry in sorted(posted, key=lambda each: (each.day, each.id)):
        booking = identifier("document", entry.id)
        for number, line in enumerate(entry.lines, start=1):
            if line.account is None:
                continue
            project = administrations.project_of(line)
            yield LedgerLine(
                external_id=f"{booking}:{number}",
                booking_date=entry.day,
                account_code=books.accounts[line.account].code,
                amount=money(line.amount),
                booking=booking,
                line_number=str(number),
                period=f"{entry.day:%Y-%m}",
                journal=books.journals[entry.journal].code,
                document_number=entry.number or None,
                description=line.text or None,
                relation=books.relations[line.relation].name if line.relation else None,
                axes=((PROJECT, identifier("project", project)),) if project else (),
            )
