"""Templates worked out by hand: which line an account is on and what lines amount to, without a database."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from xml.etree import ElementTree as ET

from common_kit import reference

from monitr_pipelines.ledger.structures.lines import SIDES, Line, Role, Structure
from monitr_pipelines.warehouse.reports.structures import read_template

Balances = Mapping[str, Decimal]
UNMAPPED = "unmapped"


class Template:
    """A template, asked for lines of accounts; amounts are debit positive throughout."""

    def __init__(self, name: str) -> None:
        self.structure: Structure = read_template(name)
        self.lines: dict[str, Line] = {line.line: line for line in self.structure.lines}
        self.children: dict[str, list[str]] = defaultdict(list)
        self.by_prefix: dict[tuple[str, str, str], str] = {}
        for line in self.structure.lines:
            self.children[line.parent].append(line.line)
            for column, side in SIDES.items():
                for prefix in line.accounts[column]:
                    self.by_prefix[line.statement, side, prefix] = line.line

    def leaf(self, statement: str, code: str, side: str = "debit") -> str:
        """The line of the longest beginning that holds for the side; UNMAPPED where there is none."""
        for length in range(len(code), -1, -1):
            for held in (side, ""):
                if found := self.by_prefix.get((statement, held, code[:length])):
                    return found
        return UNMAPPED

    def leaves(self) -> list[Line]:
        return [line for line in self.structure.lines if line.line not in self.children]

    def role(self, role: Role) -> str:
        (line,) = (line.line for line in self.structure.lines if line.role is role)
        return line

    def amounts(self, balances: Balances, statement_of: Mapping[str, str] | None = None) -> Counter[str]:
        """What every line amounts to, debit positive; the result of the year stands on its line too."""
        amounts: Counter[str] = Counter()
        result = Decimal(0)
        for code, balance in balances.items():
            statement = statement_of[code] if statement_of else by_class(code)
            leaf = self.leaf(statement, code, "credit" if balance < 0 else "debit")
            self._post(amounts, leaf if leaf != UNMAPPED else f"{UNMAPPED}:{statement}", balance)
            result += balance if statement == "profit_and_loss" else 0
        self._post(amounts, self.role(Role.RESULT_OF_YEAR), result)
        return amounts

    def _post(self, amounts: Counter[str], line: str, amount: Decimal) -> None:
        while line:
            amounts[line] += amount  # type: ignore[assignment]  # a Counter of amounts
            line = self.lines[line].parent if line in self.lines else ""

    def top(self, amounts: Counter[str], statement: str) -> Decimal:
        """The sum of the lines without a parent, what is unmapped among them."""
        tops = [line.line for line in self.structure.lines if not line.parent and line.statement == statement]
        return sum((Decimal(amounts[line]) for line in (*tops, f"{UNMAPPED}:{statement}")), Decimal(0))


def by_class(code: str) -> str:
    """The statement of an account of the Belgian and the French chart."""
    return "profit_and_loss" if code[0] in "67" else "balance_sheet"


def fec_balances(*path: str) -> Balances:
    """Debit less credit of each account of a FEC, read by nothing of ours."""
    content = reference("data", "fec", *path).read_bytes()
    text = content.decode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "cp1252")
    mark = "\t" if "\t" in text.splitlines()[0] else "|"
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for row in csv.DictReader(text.splitlines(), delimiter=mark, quoting=csv.QUOTE_NONE):
        debit, credit = (Decimal(row[name].strip().replace(",", ".") or "0") for name in ("Debit", "Credit"))
        balances[row["CompteNum"].strip()] += debit - credit
    return balances


def audit_file(*path: str) -> tuple[dict[str, Decimal], dict[str, str]]:
    """Balances and statements of the accounts of an audit file, read by nothing of ours."""
    root = ET.parse(reference("data", "xaf", *path)).getroot()  # noqa: S314 - a file of this test
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
    kinds = {"P": "profit_and_loss", "B": "balance_sheet"}
    statements = {
        str(account.findtext("accID")): kinds[str(account.findtext("accTp"))]
        for account in root.iter("ledgerAccount")
    }
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for line in (*root.iter("obLine"), *root.iter("trLine")):
        amount = Decimal(str(line.findtext("amnt")))
        balances[str(line.findtext("accID"))] += amount if line.findtext("amntTp") == "D" else -amount
    return balances, statements
