"""The reports over a company's ledger: what can be asked for, and the document around their rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from monitr_pipelines.emulators.quickbooks.chart import RESULTS, Charts
from monitr_pipelines.emulators.quickbooks.columns import KEYS, View, chosen
from monitr_pipelines.emulators.quickbooks.forms import Document, Refused, amount, local
from monitr_pipelines.emulators.quickbooks.general_ledger import GeneralLedger
from monitr_pipelines.emulators.quickbooks.postings import Ledgers, Posting
from monitr_pipelines.emulators.quickbooks.realms import ACCRUAL, CASH, Realms
from monitr_pipelines.emulators.quickbooks.transactions import ON_ACCOUNT, Transactions
from monitr_pipelines.emulators.shared.books import fiscal_year_start
from monitr_pipelines.emulators.shared.records import Company

GENERAL_LEDGER, TRIAL_BALANCE = "GeneralLedger", "TrialBalance"
PERIOD = frozenset({"start_date", "end_date", "accounting_method", "minorversion", "requestid"})
PARAMETERS = {
    GENERAL_LEDGER: PERIOD | {"columns", "account", "sort_by", "sort_order"},
    TRIAL_BALANCE: PERIOD,
}
# Sorting is what the emulator does anyway: other orders are not made.
ORDERS = {"sort_by": "tx_date", "sort_order": "ascend"}


class Reports:
    """Makes the reports of all companies."""

    def __init__(self, realms: Realms, charts: Charts, transactions: Transactions) -> None:
        self._realms = realms
        self._books = realms.books
        self._charts = charts
        self._transactions = transactions
        self._ledgers = Ledgers(realms.books)

    def answer(self, company: Company, name: str, asked: Mapping[str, str]) -> Document:
        """The report of a name.

        Raises:
            Refused: There is no such report, or it cannot be asked for in this way.
            NotShown: The books hold what this software has no form for.
        """
        if name not in PARAMETERS:
            raise Refused("Unsupported Operation", f"Operation {name} is not supported.", "500")
        for parameter in asked.keys() - PARAMETERS[name]:
            raise _invalid(f"the report has no parameter {parameter}")
        first, last = self._period(company, asked)
        basis = asked.get("accounting_method", self._realms.setup.basis)
        if basis not in (ACCRUAL, CASH):
            raise _invalid(f"accounting_method {basis}")
        if name == TRIAL_BALANCE:
            columns, rows = self._trial_balance(company, last)
        else:
            columns, rows = self._general_ledger(company, first, last, basis, asked)
        header = {
            "Time": local(self._books.clock.now()).isoformat(),
            "ReportName": name,
            "ReportBasis": basis,
            "StartPeriod": first.isoformat(),
            "EndPeriod": last.isoformat(),
            "Currency": company.currency,
            "Option": [{"Name": "NoReportData", "Value": "false" if rows else "true"}],
        }
        return {
            "Header": header,
            "Columns": {"Column": columns},
            "Rows": {"Row": rows} if rows else {},
        }

    def _period(self, company: Company, asked: Mapping[str, str]) -> tuple[date, date]:
        today = local(self._books.clock.now()).date()
        if "start_date" not in asked and "end_date" not in asked:
            return fiscal_year_start(company.fiscal_year_start, today), today
        first, last = (_day(asked, name) for name in ("start_date", "end_date"))
        if first > last:
            raise _invalid(f"start_date {first} is after end_date {last}")
        return first, last

    def _general_ledger(
        self, company: Company, first: date, last: date, basis: str, asked: Mapping[str, str]
    ) -> tuple[Sequence[Document], Sequence[object]]:
        for name, only in ORDERS.items():
            if asked.get(name, only) != only:
                raise _invalid(f"{name} {asked[name]}")
        several, chart = self._realms.several_currencies(company), self._charts.of(company)
        view = View(self._realms, self._transactions, chart, company, several)
        keys = _listed(asked, "columns")
        for key in keys - KEYS:
            raise _invalid(f"the report has no column {key}")
        columns = chosen(keys, several=several, tracked=self._realms.setup.tracked)
        if not columns:
            raise _invalid("columns")
        ledger = self._ledgers.of(company)
        postings = ledger.between(first, last)
        beginning = ledger.before(first)
        beginning[chart.retained.id] += self._earned_before(company, first, beginning)
        if only_accounts := _listed(asked, "account"):
            postings = {key: held for key, held in postings.items() if str(key) in only_accounts}
            beginning = Counter({key: sums for key, sums in beginning.items() if str(key) in only_accounts})
        if basis == CASH:
            postings = {account: self._paid(held) for account, held in postings.items()}
        report = GeneralLedger(view, columns, postings, beginning, self._realms.setup.cells)
        told = [
            {
                "ColTitle": column.title,
                "ColType": column.type,
                "MetaData": [{"Name": "ColKey", "Value": column.key}],
            }
            for column in columns
        ]
        return told, report.rows()

    def _paid(self, postings: Sequence[Posting]) -> list[Posting]:
        """What is in a ledger on cash basis, roughly: nothing that was only billed."""
        return [each for each in postings if self._transactions.kind(each.entry).entity not in ON_ACCOUNT]

    def _earned_before(self, company: Company, day: date, beginning: Counter[int]) -> int:
        """The results of the fiscal years before the one of a day, as they stand in retained earnings."""
        accounts = self._charts.of(company).accounts
        since = fiscal_year_start(company.fiscal_year_start, day)
        before = beginning if since == day else self._ledgers.of(company).before(since)
        return sum(
            cents for account, cents in before.items() if accounts[account].kind.classification in RESULTS
        )

    def _trial_balance(self, company: Company, last: date) -> tuple[Sequence[Document], Sequence[object]]:
        """Balances at the end of a day: results since the fiscal year began, all else since ever."""
        chart = self._charts.of(company)
        since = fiscal_year_start(company.fiscal_year_start, last)
        ever = self._books.movements(company.id, None, last)
        earlier = self._books.movements(company.id, None, since - timedelta(days=1))
        balances: Counter[int] = Counter()
        for account, cents in ever.items():
            result = chart.accounts[account].kind.classification in RESULTS
            balances[account] += cents - (earlier[account] if result else 0)
            balances[chart.retained.id] += earlier[account] if result else 0
        rows: list[object] = [
            {"ColData": [{"value": each.label, "id": str(each.id)}, *_sides(balances[each.id])]}
            for each in chart.accounts.values()
            if balances[each.id]
        ]
        debits = str(amount(sum(cents for cents in balances.values() if cents > 0)))
        total = [{"value": "TOTAL"}, {"value": debits}, {"value": debits}]
        if rows:
            rows.append({"group": "GrandTotal", "type": "Section", "Summary": {"ColData": total}})
        titles = (("", "Account"), ("Debit", "Money"), ("Credit", "Money"))
        return [{"ColTitle": title, "ColType": kind} for title, kind in titles], rows


def _sides(cents: int) -> list[Document]:
    told = {"value": str(amount(abs(cents)))}
    return [told, {"value": ""}] if cents > 0 else [{"value": ""}, told]


def _listed(asked: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(text.strip() for text in asked.get(name, "").split(",") if text.strip())


def _day(asked: Mapping[str, str], name: str) -> date:
    text = asked.get(name, "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _invalid(f"{name} {text!r}") from None
    if day.isoformat() != text:
        raise _invalid(f"{name} {text!r}")
    return day


def _invalid(what: str) -> Refused:
    return Refused(
        "A business validation error has occurred while processing your request",
        f"Business Validation Error: Invalid {what}",
        "6000",
    )
