"""Real ledgers told a second time, by balances in their files or sums that share nothing with ours."""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

from common_kit import reference
from templates_kit import Balances, audit_file, fec_balances

from monitr_pipelines.ledger.records import LedgerLine

# By the last month of a year, or of its lines: balances at its end; of profit and loss, what the year moved.
Years = Mapping[str, Balances]
BALANCE_SHEET, PROFIT_AND_LOSS = "balance_sheet", "profit_and_loss"


@dataclass(frozen=True)
class Ledger:
    """A real ledger, and how its figures are known without the program.

    Args:
        path: Its file, below the folder of ledgers.
        told: Its years.
        results: First digits of the accounts of profit and loss; empty where `statements` tells.
        statements: Which statement each account is of, where the file says it.
        templates: What it is read by, beside the two plain ones.
        columns: Which columns of a table are what.
        opening: Lines that its file does not have.
    """

    path: str
    told: Callable[[str], Years]
    results: str = ""
    statements: Callable[[str], Mapping[str, str]] | None = None
    templates: Sequence[str] = ()
    country: str = ""
    first_month: int = 1
    result_account: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    opening: Callable[[], list[LedgerLine]] = list

    def statement_of(self) -> Callable[[str], str]:
        """The statement of an account, by its code or by what the file says."""
        if self.statements:
            return self.statements(self.path).__getitem__
        return lambda code: PROFIT_AND_LOSS if code[0] in self.results else BALANCE_SHEET


def _rows(path: str, delimiter: str) -> Iterator[dict[str, str]]:
    with reference("data", path).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter=delimiter)


def _fec(last: str) -> Callable[[str], Years]:
    return lambda path: {last: fec_balances(*path.split("/")[1:])}


def _xaf(last: str) -> Callable[[str], Years]:
    return lambda path: {last: audit_file(*path.split("/")[1:])[0]}


def _of_audit_file(path: str) -> Mapping[str, str]:
    return audit_file(*path.split("/")[1:])[1]


def _sie(last: str) -> Callable[[str], Years]:
    """Closing balances and results as the accounting software wrote them."""

    def told(path: str) -> Years:
        text = reference("data", path).read_bytes().decode("cp437")
        stated = re.findall(r"^\s*#(?:UB|RES)\s+0\s+(\d+)\s+(-?[\d.]+)", text, re.MULTILINE)
        return {last: {code: Decimal(amount) for code, amount in stated}}

    return told


# Accounts whose closing balance in the file is not what its opening and its lines make.
UNTRUE = {"1421", "2432131", "243421", "4158", "51.1"}
# Transactions that close a year, and where they carry its result.
CLOSING, NET_RESULT = "A", "818"


def _saft(path: str) -> Years:
    """Closing balances as stated, apart from those that contradict the lines of the file.

    The result is closed; the accounts of profit and loss are what they were before that.
    """
    root = ET.parse(reference("data", path)).getroot()  # noqa: S314 - a file of this test
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
    moved: dict[str, Decimal] = defaultdict(Decimal)
    results: dict[str, Decimal] = defaultdict(Decimal)
    for transaction in root.iter("Transaction"):
        for line in (*transaction.iter("DebitLine"), *transaction.iter("CreditLine")):
            code = str(line.findtext("AccountID"))
            amount = Decimal(line.findtext("DebitAmount") or f"-{line.findtext('CreditAmount')}")
            moved[code] += amount
            if transaction.findtext("TransactionType") != CLOSING and code[0] in "678":
                results[code] += amount
    stated = {}
    for account in root.iter("Account"):
        if account.findtext("GroupingCategory") == "GM":
            code, opening, closing = _stated(account)
            assert (opening + moved[code] != closing) == (code in UNTRUE), code
            stated[code] = opening + moved[code] if code in UNTRUE else closing
    assert sum(results.values()) == stated[NET_RESULT]
    return {"2018-01": {code: amount for code, amount in stated.items() if code[0] in "12345"} | results}


def _stated(account: ET.Element) -> tuple[str, Decimal, Decimal]:
    """An account of a SAF-T file, its opening balance and its closing balance."""
    sides = (
        Decimal(str(account.findtext(f"{when}DebitBalance")))
        - Decimal(str(account.findtext(f"{when}CreditBalance")))
        for when in ("Opening", "Closing")
    )
    return str(account.findtext("AccountID")), next(sides), next(sides)


POTGIETER = "csv/potgieter_generated_journals_tb"


def _published() -> dict[str, dict[str, Decimal]]:
    months: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in _rows(f"{POTGIETER}/TrialBalance.txt", "|"):
        day, month, year = row["EndOfMonth"].split("/")
        assert int(day) > 27
        months[f"{year}-{month}"][row["Account Code"]] = round(Decimal(row["Amount"]), 2)
    return months


def _trial_balances(path: str) -> Years:
    """Of each December, as published beside the journal."""
    assert path.startswith(POTGIETER)
    months = _published()
    return {month: balances for month, balances in months.items() if month.endswith("-12")}


def _published_opening() -> list[LedgerLine]:
    """What the published balances of the first month hold beyond its journal."""
    opening = dict(_published()["2018-01"])
    for row in _rows(f"{POTGIETER}/Journals.txt", "|"):
        if row["EndOfMonth"] == "31/01/2018":
            opening[row["Account Code"]] = opening.get(row["Account Code"], Decimal(0)) - Decimal(
                row["Jnl Amount"]
            )
    return [
        LedgerLine(f"O.{code}", date(2018, 1, 1), code, amount, booking="O", opening=True)
        for code, amount in opening.items()
        if amount
    ]


def _journal(path: str) -> Years:
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for row in _rows(path, ","):
        balances[row["account"]] += Decimal(row["debit"]) - Decimal(row["credit"])
    return {"2025-12": balances}


DUTCH = {"country": "NL", "statements": _of_audit_file, "templates": ("nl_groups", "nl_rgs")}
FRENCH = {"country": "FR", "results": "67", "templates": ("fr_groups", "fr_pcg")}
SWEDISH = {"country": "SE", "results": "345678"}
# Folders without a ledger that is read: DATEV is named and refused, lines of Xero have no date, and the
# sample of the schema has days outside its year.
UNREAD = {"datev_extf_ledermann", "datev_lint_fixtures", "xero_journals_fivetran", "official_sample_v32"}
LEDGERS = {
    "farm": Ledger(
        "fec/neolegal_0000000001FEC20220831/0000000001FEC20220831.txt",
        _fec("2022-08"),
        first_month=9,
        **FRENCH,
    ),
    "fruit grower": Ledger(
        "fec/neolegal_111111111FEC20221231/111111111FEC20221231.TXT", _fec("2023-07"), **FRENCH
    ),
    "Exact": Ledger("xaf/banana_exactonline_v32_2016/ExactOnline_V32_2016.xml", _xaf("2016-12"), **DUTCH),
    "Multivers": Ledger(
        "xaf/banana_multivers_v32_2017/Multivers_V32_2017_versioneModificata.xml", _xaf("2017-03"), **DUTCH
    ),
    "Banana": Ledger(
        "xaf/banana_export_2018/auditfile_v3.2_nl_20180101_20181231.xml", _xaf("2018-11"), **DUTCH
    ),
    "Banana again": Ledger(
        "xaf/banana_export_2018/auditfile_v3.2_nl_20180101_20181231.xaf", _xaf("2018-11"), **DUTCH
    ),
    "Briljant": Ledger("sie/jsisie_test_files/Test4.SE", _sie("2008-12"), **SWEDISH),
    "Mamut": Ledger("sie/jsisie_test_files/MAMUT_SIE4_EXPORT.SE", _sie("2010-12"), **SWEDISH),
    "Edison": Ledger("sie/jsisie_test_files/typ4.se", _sie("2012-08"), **SWEDISH),
    "Norstedts": Ledger(
        "sie/jsisie_test_files/Bokslut_Norstedts_SIE_4E.se", _sie("2010-06"), first_month=7, **SWEDISH
    ),
    "Portugal": Ledger(
        "saft/pt_idemo_invoices/SAFT_IDEMO599999999_v1.04.xml",
        _saft,
        results="678",
        country="PT",
        first_month=2,
    ),
    "three years": Ledger(
        f"{POTGIETER}/Journals.txt",
        _trial_balances,
        results="45",
        country="GB",
        result_account="3120",
        columns={
            "date": "EndOfMonth",
            "account_code": "Account Code",
            "description": "Jnl Description",
            "amount": "Jnl Amount",
            "booking": "Jnl ID",
        },
        opening=_published_opening,
    ),
    "books of 2025": Ledger(
        "csv/irenethebest_journal_coa_budget/journal_entries.csv",
        _journal,
        results="456",
        country="US",
        columns={
            "date": "date",
            "account_code": "account",
            "account_name": "account_name",
            "debit": "debit",
            "credit": "credit",
            "booking": "entry_id",
            "line_number": "line_no",
        },
    ),
}
