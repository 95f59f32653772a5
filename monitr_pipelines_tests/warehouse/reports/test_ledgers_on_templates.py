"""Every real ledger on its templates: lines of its reports beside balances that are known by other means."""

import csv
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from common_kit import reference
from ledgers_kit import LEDGERS, PROFIT_AND_LOSS, UNREAD, Ledger
from templates_kit import UNMAPPED, Balances
from warehouse_kit import load, report, start, whole

from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import Account
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.reports import marts, own_structures
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.files.files_kit import Read, read

PLAIN = ("plain", "plain_groups")
NET_RESULT = {"fr_pcg": "HN", "nl_rgs": "W"}
TOPS = {"fr_pcg": ("ACTIF", "EE"), "nl_rgs": ("BA", "BP")}
BY_GROUP = {"plain_groups", "nl_groups"}
BY_CLASS = {"plain_groups", "nl_groups", "fr_groups"}
FRENCH_CASH = ("51", "53", "54", "58")
# What a farm's own classes hold on the boxes of the tax return: they have none for 24, 2847, 30 and 36.
OF_FARMS = ("24", "2847", "30", "36")


class Figures:
    """The reports of a month, debit positive; a line that has none is 0."""

    def __init__(self, connection: Connection, entity: str, month: str) -> None:
        self.lines: Counter[str] = Counter()
        for table, column, sign in (
            ("balance_sheet", "amount", 1),
            ("profit_and_loss", "year_to_date", -1),
            ("cash_flow", "amount", 1),
        ):
            for line, row in report(connection, entity, table, month).items():
                self.lines[line] = sign * row[column]  # type: ignore[assignment]  # a Counter of amounts

    def __getitem__(self, line: str) -> Decimal:
        return Decimal(self.lines[line])

    def sum(self, *lines: str) -> Decimal:
        return sum((self[line] for line in lines), Decimal(0))


def total(balances: Balances, *beginnings: str) -> Decimal:
    return sum((amount for code, amount in balances.items() if code.startswith(beginnings)), Decimal(0))


def read_by(connection: Connection, entity: str, template: str, calendar: FiscalCalendar) -> None:
    """What an import makes of the entity's books by a template, without reading them again."""
    own_structures.assign(connection, entity, template)
    claimed = start(connection, entity)
    marts.regenerate(connection, claimed, calendar)
    assert outcome.finish(connection, claimed, None)


def delivered(ledger: Ledger, calendar: FiscalCalendar) -> Read:
    given = {"columns": dict(ledger.columns)} if ledger.columns else {}
    return read(reference("data", ledger.path).read_bytes(), calendar=calendar, **given)


def test_no_ledger_is_left_out() -> None:
    data = reference("data", "README.md").parent
    kinds = [data / kind for kind in ("fec", "xaf", "saft", "sie", "csv")]
    assert {folder.name for kind in kinds for folder in kind.iterdir()} - UNREAD == {
        ledger.path.split("/")[1] for ledger in LEDGERS.values()
    }
    for kind, files in (("sie", "*.[sS][eE]"), ("xaf", "banana*/*.x*")):
        assert {str(path.relative_to(data)) for path in (data / kind).glob(f"{files}")} <= {
            ledger.path for ledger in LEDGERS.values()
        }


@pytest.mark.parametrize("name", LEDGERS)
def test_lines_of_every_template_are_the_balances_of_the_ledger(
    connection: Connection, make_entity: Callable[..., str], name: str
) -> None:
    """The net result of each year, assets, turnover: they are lines, as are all groups of accounts."""
    ledger = LEDGERS[name]
    calendar = FiscalCalendar(ledger.first_month)
    found = delivered(ledger, calendar)
    entity = make_entity(
        country=ledger.country, fiscal_year_start=ledger.first_month, result_account=ledger.result_account
    )
    file = whole([*ledger.opening(), *found.lines], accounts=found.file.accounts, axes=found.file.axes)
    # The opening balances of the Portuguese demonstration do not balance.
    load(connection, entity, file, calendar=calendar, with_marts=False, allow_unbalanced=name == "Portugal")
    years, statement_of = ledger.told(ledger.path), ledger.statement_of()
    for template in (*PLAIN, *ledger.templates):
        read_by(connection, entity, template, calendar)
        for last, balances in years.items():
            figures = Figures(connection, entity, last)
            results = {code: each for code, each in balances.items() if statement_of(code) == PROFIT_AND_LOSS}
            standing = {code: each for code, each in balances.items() if code not in results}
            check_totals(template, figures, standing, results)
            assert (sum(balances.values()) == 0) == (name != "Portugal")
            if template == "fr_pcg":
                check_boxes(figures, standing, results)
            elif template != "nl_rgs":
                check_groups(template, figures, {"BS": standing, "PL": results})
            check_cash(template, figures, standing)


def check_totals(template: str, figures: Figures, standing: Balances, results: Balances) -> None:
    result = sum(results.values(), Decimal(0))
    assert result, "a ledger with a result"
    net_result = NET_RESULT.get(template, "PL")
    assert figures.sum(net_result, "unmapped:profit_and_loss") == result
    assert figures["RES"] == result
    tops = figures.sum(*TOPS.get(template, ("BS",)), "unmapped:balance_sheet")
    assert tops == sum(standing.values()) + result, "assets are equity and liabilities"


def check_groups(template: str, figures: Figures, parts: dict[str, Balances]) -> None:
    expected: Counter[str] = Counter()
    for part, balances in parts.items():
        for code, amount in balances.items():
            lines = [f"{part}:{code[:1]}"] if template in BY_CLASS else []
            if template in BY_GROUP:
                lines.append(f"{part}:{code[:2]}")
            elif template == "plain":
                securities = part == "BS" and code[:2] in {"50", "59"}
                lines.append("BS:50" if securities else f"{part}:{code[:1]}")
            for line in lines:
                expected[line] += amount  # type: ignore[assignment]  # a Counter of amounts
    assert expected
    assert {line: figures[line] for line in expected} == dict(expected)
    if template == "fr_groups":
        assert figures["PL:70"] == total(parts["PL"], "70")


def check_boxes(figures: Figures, standing: Balances, results: Balances) -> None:
    """Assets are fixed assets and stocks, and what of third parties and of money is a debit."""
    debits = {code: amount for code, amount in standing.items() if amount > 0}
    of_farms = total(standing, *OF_FARMS)
    assert figures["unmapped:balance_sheet"] == of_farms
    assert figures["ACTIF"] == total(standing, "2", "3") + total(debits, "4", "5") - of_farms
    assert figures["FL"] == total(results, "70")


def check_cash(template: str, figures: Figures, standing: Balances) -> None:
    """The cash flow ends with the cash that there is."""
    if template == "plain":
        assert figures["CF:CLOSE"] == total(standing, "5") - total(standing, "50", "59")
    elif template in {"fr_groups", "fr_pcg"}:
        assert figures["CF:CLOSE"] == total(standing, *FRENCH_CASH)


EXACT = LEDGERS["Exact"]


def references() -> dict[str, str]:
    """The codes of the reference classification that the Dutch audit file of Exact gives its accounts."""
    root = ET.parse(reference("data", EXACT.path)).getroot()  # noqa: S314 - a file of this test
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
    found = (
        (account.findtext("accID"), account.findtext("leadReference"))
        for account in root.iter("ledgerAccount")
    )
    return {str(code): lead for code, lead in found if lead}


def classified(balances: Balances) -> Counter[str]:
    """Balances by line of the reference classification, where their side puts them."""
    with reference("coa_nl_rgs.csv").open(encoding="utf-8", newline="") as stream:
        codes = {row["rgs_code"]: row for row in csv.DictReader(stream)}
    found: Counter[str] = Counter()
    for code, amount in balances.items():
        line = code[:7] if code[:7] in codes else UNMAPPED
        row = codes.get(code)
        if row and row["flip_code"] and (amount < 0) != (row["dc"] == "C"):
            line = codes[row["flip_code"]]["parent_rgs_code"]
        found[line] += amount  # type: ignore[assignment]  # a Counter of amounts
    return found


def test_a_dutch_ledger_with_codes_of_the_reference_classification(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """The ledger of Exact, whose accounts are told by the codes that its file gives them."""
    leads = references()
    calendar = FiscalCalendar()
    found = delivered(EXACT, calendar)
    accounts = {
        code: Account(code, account.name, account.type)
        for account in found.file.accounts.values()
        for code in [leads.get(account.code, account.code)]
    }
    lines = [
        line._replace(account_code=leads.get(line.account_code, line.account_code)) for line in found.lines
    ]
    entity = make_entity(country="NL")
    load(connection, entity, whole(lines, accounts=accounts), with_marts=False)
    read_by(connection, entity, "nl_rgs", calendar)
    figures = Figures(connection, entity, "2016-12")
    balances: Counter[str] = Counter()
    for code, amount in EXACT.told(EXACT.path)["2016-12"].items():
        balances[leads.get(code, code)] += amount  # type: ignore[assignment]  # a Counter of amounts
    expected = classified(balances)  # type: ignore[arg-type]  # a Counter of amounts
    unmapped = figures.sum("unmapped:balance_sheet", "unmapped:profit_and_loss")
    assert unmapped == expected.pop(UNMAPPED)
    assert len([line for line, amount in expected.items() if amount]) > 10
    assert {line: figures[line] for line in expected} == dict(expected)
    assert figures["WOmz"] == total(balances, "WOmz")
    assert (
        figures["BLim"] == figures["CF:CLOSE"] == sum(expected[line] for line in expected if "BLim" in line)
    )
