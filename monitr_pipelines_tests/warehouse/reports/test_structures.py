import csv
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from common_kit import reference

from monitr_pipelines.emulators.books import BELGIAN, DUTCH, FRENCH
from monitr_pipelines.emulators.company.charts import Chart
from monitr_pipelines.emulators.volume import volume_accounts

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "sql" / "reports" / "structures"
# The defaults of countries; what holds for every template is in test_structure_templates.py.
STRUCTURES = [FOLDER / f"{name}.csv" for name in ("be_nbb", "fr_groups", "nl_groups", "plain")]
NAMES = ["name_en", "name_nl", "name_fr"]
ACCOUNTS = ["accounts", "accounts_debit", "accounts_credit"]
HEADER = ["line", "statement", "parent", "position", *NAMES, *ACCOUNTS, "cash_flow", "role"]

FLOW = [(role, "cash_flow") for role in ("opening_cash", "net_cash_flow", "closing_cash")]

# Headings above several rubrics, and what only associations have: see sql/reports/structures/README.md.
UNMAPPED_COMPANY: set[str] = set()
UNMAPPED_ASSOCIATION = {"131", "139", "167", "6390", "6391", "730", "731", "732", "733"}


@dataclass(frozen=True)
class Line:
    line: str
    statement: str
    parent: str
    position: int
    names: tuple[str, str, str]
    accounts: tuple[str, ...]
    role: str
    cash_flow: str
    sided: tuple[tuple[str, str], ...]


def read(path: Path) -> dict[str, Line]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    lines = [
        Line(
            row["line"],
            row["statement"],
            row["parent"],
            int(row["position"]),
            (row["name_en"], row["name_nl"], row["name_fr"]),
            tuple("" if prefix == "*" else prefix for prefix in row["accounts"].split()),
            row["role"],
            row["cash_flow"],
            tuple((side, prefix) for side in ACCOUNTS[1:] for prefix in row[side].split()),
        )
        for row in rows
    ]
    assert len({line.line for line in lines}) == len(lines)
    return {line.line: line for line in lines}


def leaf_of(structure: Mapping[str, Line], statement: str, code: str) -> str | None:
    found = [
        (len(prefix), line.line)
        for line in structure.values()
        if line.statement == statement
        for prefix in line.accounts
        if code.startswith(prefix)
    ]
    longest = max(found, default=None)
    if longest is None:
        return None
    assert sum(length == longest[0] for length, _ in found) == 1, f"{code} falls in two leaves of {statement}"
    return longest[1]


def statement_of(code: str) -> str:
    return "profit_and_loss" if code[0] in "67" else "balance_sheet"


def totals(structure: Mapping[str, Line], balances: Mapping[tuple[str, str], int]) -> Counter[str]:
    """Amounts of all lines from debit-positive balances in cents, by (statement, account)."""
    amounts: Counter[str] = Counter()

    def post(line: str, amount: int) -> None:
        while line:
            amounts[line] += amount
            line = structure[line].parent

    result = sum(amount for (statement, _), amount in balances.items() if statement == "profit_and_loss")
    for (statement, code), amount in balances.items():
        leaf = leaf_of(structure, statement, code)
        assert leaf is not None, f"{code} is in no leaf of {statement}"
        post(leaf, amount if statement == "balance_sheet" else -amount)
    (technical,) = (line.line for line in structure.values() if line.role == "result_of_year")
    post(technical, result)
    return amounts


def top_sum(structure: Mapping[str, Line], amounts: Counter[str], statement: str) -> int:
    return sum(
        amounts[line.line] for line in structure.values() if not line.parent and line.statement == statement
    )


def test_there_are_structures() -> None:
    assert {"be_nbb", "plain"} <= {path.stem for path in STRUCTURES}


@pytest.mark.parametrize("path", STRUCTURES, ids=lambda path: path.stem)
class TestEveryStructure:
    def test_header_and_clean_cells(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        assert rows[0] in (HEADER, [*HEADER, "top"])
        assert all(len(row) == len(rows[0]) for row in rows)
        assert all(cell == cell.strip() for row in rows for cell in row)
        assert all(all(row[4:7]) for row in rows), "a line without a name in one of the languages"

    def test_tree(self, path: Path) -> None:
        structure = read(path)
        for line in structure.values():
            seen = {line.line}
            above = line.parent
            while above:
                assert above in structure, f"{line.line} hangs under {above}, which does not exist"
                assert structure[above].statement == line.statement
                assert above not in seen, f"{line.line} is its own ancestor"
                seen.add(above)
                above = structure[above].parent

    def test_positions_are_depth_first_below_their_parent(self, path: Path) -> None:
        structure = read(path)
        children: dict[str, list[Line]] = defaultdict(list)
        for line in sorted(structure.values(), key=lambda line: line.position):
            children[line.parent].append(line)

        def walk(parent: str) -> list[str]:
            return [code for line in children[parent] for code in (line.line, *walk(line.line))]

        assert sorted(line.position for line in structure.values()) == list(range(1, len(structure) + 1))
        assert walk("") == sorted(structure, key=lambda code: structure[code].position)

    def test_accounts_are_on_leaves_only_and_in_one(self, path: Path) -> None:
        structure = read(path)
        parents = {line.parent for line in structure.values()}
        prefixes = [(line.statement, prefix) for line in structure.values() for prefix in line.accounts]
        assert len(set(prefixes)) == len(prefixes)
        for line in structure.values():
            is_leaf = line.line not in parents
            computed = line.role == "result_of_year" or line.statement == "cash_flow"
            assert bool(line.accounts) == (is_leaf and not computed), line.line

    def test_accounts_of_a_side_are_somewhere_on_the_other(self, path: Path) -> None:
        structure = read(path)
        sided = [(line.statement, *each) for line in structure.values() for each in line.sided]
        assert len(set(sided)) == len(sided)
        for line in structure.values():
            for _, prefix in line.sided:
                assert leaf_of(structure, line.statement, prefix) not in (None, line.line), prefix

    def test_roles(self, path: Path) -> None:
        roles = Counter((line.role, line.statement) for line in read(path).values() if line.role)
        cash = {each: count for each, count in roles.items() if each[0] == "cash"}
        assert roles - Counter(cash) == Counter(
            [("net_result", "profit_and_loss"), ("result_of_year", "balance_sheet"), *(FLOW if cash else ())]
        )
        assert all(statement == "balance_sheet" for _, statement in cash)

    def test_cash_flow_links_lead_from_leaf_to_leaf(self, path: Path) -> None:
        """Where a structure has a cash flow statement, what no leaf leads to is no line of it."""
        structure = read(path)
        parents = {line.parent for line in structure.values()}
        leaves = {
            line.line
            for line in structure.values()
            if line.statement == "cash_flow" and line.line not in parents and not line.role
        }
        linking = [line for line in structure.values() if line.cash_flow]
        assert {line.cash_flow for line in linking} == leaves
        assert all(line.accounts and line.role != "cash" for line in linking)
        if leaves:
            results = [line for line in structure.values() if line.statement == "profit_and_loss"]
            assert all(line.cash_flow for line in results if line.accounts), "a result that is nowhere"

    @pytest.mark.parametrize("seed", range(20))
    def test_random_balanced_books(self, path: Path, seed: int) -> None:
        structure = read(path)
        generator = random.Random(seed)  # noqa: S311 - invented amounts
        balances: Counter[tuple[str, str]] = Counter()
        places = [(line.statement, prefix) for line in structure.values() for prefix in line.accounts]
        for _ in range(300):
            amount = generator.randint(-10_000_000, 10_000_000)
            for side, signed in zip(generator.sample(places, 2), (amount, -amount), strict=True):
                statement, prefix = side
                balances[statement, (prefix or "X") + generator.choice(("", "000", "A1"))] += signed
        amounts = totals(structure, balances)
        loss = sum(amount for (statement, _), amount in balances.items() if statement == "profit_and_loss")
        assert top_sum(structure, amounts, "balance_sheet") == 0
        assert top_sum(structure, amounts, "profit_and_loss") == -loss
        for line in structure.values():
            below = [amounts[child.line] for child in structure.values() if child.parent == line.line]
            assert not below or amounts[line.line] == sum(below)


def nbb() -> dict[str, Line]:
    return read(FOLDER / "be_nbb.csv")


def test_the_year_before_and_after_appropriation() -> None:
    structure = nbb()
    before = {"700000": -100_000, "600000": 40_000, "620000": 30_000, "670000": 5_000, "550000": 25_000}
    balances = {(statement_of(code), code): amount for code, amount in before.items()}
    amounts = totals(structure, balances)
    assert amounts["70/76A"] == 100_000
    assert amounts["60/66A"] == -70_000
    assert (amounts["9901"], amounts["67/77"], amounts["9904"]) == (30_000, -5_000, 25_000)
    assert (amounts["20/58"], amounts["RES"], amounts["10/49"]) == (25_000, -25_000, -25_000)

    appropriation = {"692000": 2_000, "130000": -2_000, "694000": 10_000, "471000": -10_000}
    carried_forward = {"693000": 13_000, "140000": -13_000}
    for code, amount in (appropriation | carried_forward).items():
        balances[statement_of(code), code] = amount
    amounts = totals(structure, balances)
    assert amounts["9904"] == 25_000, "the net result stays after the appropriation"
    assert (amounts["(14)"], amounts["693/793"], amounts["14"]) == (13_000, -13_000, -13_000)
    assert (amounts["RES"], amounts["20/58"], amounts["10/49"]) == (0, 25_000, -25_000)


def test_plain_knows_codes_of_every_shape() -> None:
    structure = read(FOLDER / "plain.csv")
    assert leaf_of(structure, "balance_sheet", "1200") == "BS:1"
    assert leaf_of(structure, "profit_and_loss", "8000") == "PL:8"
    assert leaf_of(structure, "profit_and_loss", "WOmzNoh") == "PL:other"


def test_plain_takes_securities_and_write_downs_for_no_cash() -> None:
    structure = read(FOLDER / "plain.csv")
    codes = ("507100", "59", "512000", "57", "5")
    leaves = {code: leaf_of(structure, "balance_sheet", code) for code in codes}
    assert leaves == {"507100": "BS:50", "59": "BS:50", "512000": "BS:5", "57": "BS:5", "5": "BS:5"}
    assert [line.line for line in structure.values() if line.role == "cash"] == ["BS:5"]


def test_groups_of_two_digits_stand_below_their_class() -> None:
    french, dutch = read(FOLDER / "fr_groups.csv"), read(FOLDER / "nl_groups.csv")
    assert leaf_of(french, "profit_and_loss", "706000") == "PL:70"
    assert french["PL:70"].parent == "PL:7"
    assert french["PL:70"].names[0] == "Turnover"
    assert leaf_of(french, "balance_sheet", "512") == "BS:51"
    assert leaf_of(french, "balance_sheet", "55") == "BS:5-", "a group that the chart does not have"
    assert leaf_of(dutch, "profit_and_loss", "8010") == "PL:80"
    assert dutch["PL:80"].parent == "PL:8"
    assert leaf_of(dutch, "balance_sheet", "0400") == "BS:04"
    for structure in (french, dutch):
        assert leaf_of(structure, "profit_and_loss", "Sales") == "PL:other"


def test_every_nbb_formula_is_the_sum_of_the_children() -> None:
    with reference("coa_be_nbb.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    structure = nbb()
    rubrics = {line.line for line in structure.values() if line.statement != "cash_flow"}
    assert rubrics == {row["rubric_code"] for row in rows}
    sign: dict[str, int] = {}
    for row in rows:
        if row["sign"]:
            sign[row["rubric_code"]] = int(row["sign"]) * (1 if row["statement"] == "BS" else -1)
    formulas = {row["rubric_code"]: row["formula_if_subtotal"].split() for row in rows}
    formulas = {code: terms for code, terms in formulas.items() if terms}

    def signed_terms(terms: list[str]) -> list[tuple[int, str]]:
        operators = ["+", *terms[1::2]]
        return [(-1 if mark == "-" else 1, term) for mark, term in zip(operators, terms[::2], strict=True)]

    while formulas:
        ready = [code for code, terms in formulas.items() if set(terms[::2]) <= set(sign)]
        assert ready, f"formulas that never resolve: {sorted(formulas)}"
        for code in ready:
            terms = signed_terms(formulas.pop(code))
            factors = {factor * sign[term] for factor, term in terms}
            assert len(factors) == 1, f"{code} is not a plain sum in our signs"
            sign[code] = factors.pop()
            assert {term for _, term in terms} == {
                line.line for line in structure.values() if line.parent == code
            }


@pytest.mark.parametrize(
    ("files", "unmapped"),
    [
        (("account.account-be.csv", "account.account-be_comp.csv"), UNMAPPED_COMPANY),
        (("account.account-be_asso.csv",), UNMAPPED_ASSOCIATION),
    ],
    ids=["company", "association"],
)
def test_every_posting_account_of_the_belgian_chart_has_one_leaf(
    files: tuple[str, ...], unmapped: set[str]
) -> None:
    codes: list[str] = []
    for name in files:
        with reference("data", "coa", "be_odoo_pcmn", name).open(encoding="utf-8", newline="") as stream:
            codes += [row["code"] for row in csv.DictReader(stream)]
    structure = nbb()
    classes = [code for code in codes if code[0] in "1234567"]
    assert len(classes) > 30
    assert {code for code in classes if leaf_of(structure, statement_of(code), code) is None} == unmapped


@pytest.mark.parametrize(
    ("chart", "name"),
    [(BELGIAN, "be_nbb"), (DUTCH, "nl_groups"), (FRENCH, "fr_groups")],
    ids=["BE", "NL", "FR"],
)
def test_the_demo_companies_are_mapped(chart: Chart, name: str) -> None:
    structure = read(FOLDER / f"{name}.csv")
    for account in chart.accounts.values():
        assert leaf_of(structure, str(account.type), account.code), account


def test_the_benchmark_accounts_are_mapped() -> None:
    structure = nbb()
    assert all(leaf_of(structure, str(account.type), account.code) for account in volume_accounts())
