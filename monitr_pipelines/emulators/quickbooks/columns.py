"""The columns that a general ledger can have, in the order in which this software shows them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from monitr_pipelines.emulators.quickbooks.chart import Chart
from monitr_pipelines.emulators.quickbooks.forms import cell_of, written_in_report
from monitr_pipelines.emulators.quickbooks.postings import Posting
from monitr_pipelines.emulators.quickbooks.realms import Realms
from monitr_pipelines.emulators.quickbooks.transactions import (
    Transactions,
    changed,
    exchange_rate,
    party_of,
)
from monitr_pipelines.emulators.shared.records import Company, State, Value

Cell = Mapping[str, str]
NOTHING: Cell = {"value": ""}
# Cells that would name something else have an id, even where it is empty.
NOBODY: Cell = {"value": "", "id": ""}
SEVERAL_ACCOUNTS: Cell = {"value": "-Split-", "id": ""}
PERSON = "Emulated User"


@dataclass(frozen=True)
class View:
    """What cells are made from besides their posting: a company as it is now."""

    realms: Realms
    transactions: Transactions
    chart: Chart
    company: Company
    several: bool

    def natural(self, posting: Posting) -> int:
        """The cents of a posting, positive on the side on which its account grows."""
        account = self.chart.accounts[posting.line.account or 0]
        return -posting.cents if account.kind.credit else posting.cents


class Column(NamedTuple):
    """A column: `several` tells in which companies it holds anything, None in all."""

    key: str
    title: str
    type: str
    cell: Callable[[View, Posting], Cell]
    several: bool | None = None

    def of(self, view: View, posting: Posting) -> Cell:
        """Its cell in the row of a posting."""
        if self.several is not None and self.several != view.several:
            return NOTHING
        return self.cell(view, posting)


def _text(text: str) -> Cell:
    return {"value": text}


def _type(view: View, posting: Posting) -> Cell:
    return {"value": view.transactions.kind(posting.entry).label, "id": str(posting.entry.id)}


def _memo(_: View, posting: Posting) -> Cell:
    if posting.entry.state is State.CANCELLED:
        return _text(f"Voided - {posting.line.text}" if posting.line.text else "Voided")
    return _text(posting.line.text)


def _name(view: View, posting: Posting) -> Cell:
    relation = view.realms.books.relations.get(posting.line.relation or 0)
    return {"value": relation.name, "id": str(relation.id)} if relation else NOBODY


def _party(party: str) -> Callable[[View, Posting], Cell]:
    def cell(view: View, posting: Posting) -> Cell:
        relation = view.realms.books.relations.get(posting.line.relation or 0)
        return _name(view, posting) if relation and party_of(relation.code) == party else NOBODY

    return cell


def _value(value: Value | None) -> Cell:
    return {"value": value.name, "id": str(value.id)} if value else NOBODY


def _klass(view: View, posting: Posting) -> Cell:
    return _value(view.realms.codes(posting.line).klass)


def _location(view: View, posting: Posting) -> Cell:
    return _value(view.realms.codes(posting.line).location)


def _account(view: View, posting: Posting) -> Cell:
    account = view.chart.accounts[posting.line.account or 0]
    return {"value": account.label, "id": str(account.id)}


def _number(view: View, posting: Posting) -> Cell:
    return _text(view.chart.accounts[posting.line.account or 0].number)


def _split(view: View, posting: Posting) -> Cell:
    others = [line for line in posting.entry.lines if line is not posting.line and line.account is not None]
    if len(others) != 1:
        return SEVERAL_ACCOUNTS
    account = view.chart.accounts[others[0].account or 0]
    return {"value": account.label, "id": str(account.id)}


def _currency(view: View, posting: Posting) -> Cell:
    return _text(posting.line.currency or view.company.currency)


def _rate(_: View, posting: Posting) -> Cell:
    foreign = posting.line.foreign
    return _text(str(exchange_rate(posting.line.amount, foreign) if foreign else 1))


def _foreign(view: View, posting: Posting) -> Cell:
    line = posting.line
    told = line.amount if line.foreign is None else line.foreign
    cents = 0 if posting.entry.state is State.CANCELLED else told
    account = view.chart.accounts[line.account or 0]
    return _text(cell_of(-cents if account.kind.credit else cents))


def _debit(_: View, posting: Posting) -> Cell:
    return _text(cell_of(posting.cents)) if posting.line.amount >= 0 else NOTHING


def _credit(_: View, posting: Posting) -> Cell:
    return _text(cell_of(-posting.cents)) if posting.line.amount < 0 else NOTHING


def _natural(view: View, posting: Posting) -> Cell:
    return _text(cell_of(view.natural(posting)))


def _balance(*_: object) -> Cell:
    # It follows from the rows above: the report puts it in.
    return NOTHING


ALL = (
    Column("tx_date", "Date", "Date", lambda _, posting: _text(posting.entry.day.isoformat())),
    Column("txn_type", "Transaction Type", "String", _type),
    Column("doc_num", "Num", "String", lambda _, posting: _text(posting.entry.number)),
    Column("is_adj", "Adj", "String", lambda *_: _text("No")),
    Column(
        "create_date",
        "Create Date",
        "TimeStamp",
        lambda _, posting: _text(written_in_report(posting.entry.created.time)),
    ),
    Column("create_by", "Created By", "String", lambda *_: _text(PERSON)),
    Column(
        "last_mod_date",
        "Last Modified",
        "TimeStamp",
        lambda _, posting: _text(written_in_report(changed(posting.entry).time)),
    ),
    Column("last_mod_by", "Last Modified By", "String", lambda *_: _text(PERSON)),
    Column("name", "Name", "String", _name),
    Column("cust_name", "Customer", "String", _party("Customer")),
    Column("vend_name", "Vendor", "String", _party("Vendor")),
    Column("klass_name", "Class", "String", _klass),
    Column("dept_name", "Location", "String", _location),
    Column("memo", "Memo/Description", "String", _memo),
    Column("account_name", "Account", "String", _account),
    Column("account_num", "Account #", "String", _number),
    Column("split_acc", "Split", "String", _split),
    Column("currency", "Currency", "String", _currency, several=True),
    Column("exch_rate", "Exchange Rate", "String", _rate, several=True),
    Column("debt_amt", "Debit", "Money", _debit, several=False),
    Column("credit_amt", "Credit", "Money", _credit, several=False),
    Column("debt_home_amt", "Debit", "Money", _debit, several=True),
    Column("credit_home_amt", "Credit", "Money", _credit, several=True),
    Column("nat_foreign_amount", "Foreign Amount", "Money", _foreign, several=True),
    Column("subt_nat_amount", "Amount", "Money", _natural, several=False),
    Column("subt_nat_home_amount", "Amount", "Money", _natural, several=True),
    Column("rbal_nat_amount", "Balance", "Money", _balance, several=False),
    Column("rbal_nat_home_amount", "Balance", "Money", _balance, several=True),
)
KEYS = frozenset(column.key for column in ALL)
TRACKED = ("klass_name", "dept_name")
AMOUNTS = {False: "subt_nat_amount", True: "subt_nat_home_amount"}
BALANCES = {False: "rbal_nat_amount", True: "rbal_nat_home_amount"}
DEBITS = {False: ("debt_amt", "credit_amt"), True: ("debt_home_amt", "credit_home_amt")}


def chosen(asked: frozenset[str], *, several: bool, tracked: bool) -> list[Column]:
    """The columns of a report: those that were asked for, or the usual ones where none were.

    Classes and locations are left out, without a word, where the company's plan has none.
    """
    usual = {"tx_date", "txn_type", "doc_num", "name", "memo", "split_acc", *TRACKED}
    keys = asked or usual | {AMOUNTS[several], BALANCES[several]}
    return [column for column in ALL if column.key in keys and (tracked or column.key not in TRACKED)]
