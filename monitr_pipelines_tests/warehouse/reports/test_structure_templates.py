"""Every template: whole, and Belgian, French and Dutch figures beside those worked out by other means."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal

import pytest
from common_kit import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from templates_kit import UNMAPPED, Balances, Template, audit_file, by_class, fec_balances

from monitr_pipelines.emulators.books import BELGIAN
from monitr_pipelines.emulators.volume import volume_accounts
from monitr_pipelines.ledger.structures.lines import Role, Statement
from monitr_pipelines.ledger.structures.reading import read
from monitr_pipelines.ledger.structures.writing import write
from monitr_pipelines.warehouse.reports.structures import FOLDER, TEMPLATES, rows_of, structure_of

OURS = ("be_nbb_abridged", "be_nbb_association", "fr_pcg", "nl_rgs", "plain_groups")
BELGIAN_TEMPLATES = ("be_nbb", "be_nbb_abridged", "be_nbb_association")
CASHLESS = {"plain_groups"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_keeps_every_rule_and_is_the_same_after_any_journey(name: str) -> None:
    structure = Template(name).structure
    assert read(write(structure).encode()) == structure
    assert rows_of(structure_of(rows_of(structure))) == rows_of(structure)
    assert [line for _, line in structure.in_order()] == list(structure.lines), "not in reading order"
    assert [line.position for line in structure.lines] == list(range(1, len(structure.lines) + 1))


def test_every_file_is_a_template_and_each_country_has_one() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(TEMPLATES)
    countries = [country for country in TEMPLATES.values() if country != ""]
    assert sorted(map(str, countries)) == ["BE", "FR", "NL", "None"]


@pytest.mark.parametrize("name", OURS)
def test_a_line_has_a_name_in_each_language_and_a_leaf_its_accounts(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        assert all(row["name_en"] and row["name_nl"] and row["name_fr"] for row in csv.DictReader(stream))
    for line in Template(name).leaves():
        computed = line.statement is Statement.CASH_FLOW or line.role is Role.RESULT_OF_YEAR
        assert any(line.accounts.values()) != computed, line.line


@pytest.mark.parametrize("name", sorted(set(OURS) - CASHLESS))
def test_what_is_not_cash_leads_to_the_cash_flow(name: str) -> None:
    template = Template(name)
    cash = {line.line for line in template.structure.lines if line.role is Role.CASH}
    cash |= {child for line in cash for child in template.children[line]}
    leads = {line.line for line in template.structure.lines if line.cash_flow}
    leaves = {line.line for line in template.leaves() if line.statement is not Statement.CASH_FLOW}
    assert cash
    assert leads == leaves - cash - {template.role(Role.RESULT_OF_YEAR)}


# Belgium


def belgian_chart(*names: str) -> list[str]:
    codes = []
    for name in names:
        with reference("data", "coa", "be_odoo_pcmn", name).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        codes += [row.get("code") or row["code_prefix_start"] for row in rows]
    return [code for code in codes if code[0] in "1234567"]


@pytest.mark.parametrize(
    ("name", "chart"),
    [
        ("be_nbb_abridged", ("account.account-be.csv", "account.account-be_comp.csv")),
        ("be_nbb_association", ("account.account-be.csv", "account.account-be_asso.csv")),
    ],
)
def test_every_posting_account_of_its_belgian_chart_is_on_one_line(name: str, chart: tuple[str, ...]) -> None:
    template = Template(name)
    codes = belgian_chart(*chart)
    assert len(codes) > 300
    assert [code for code in codes if template.leaf(by_class(code), code) == UNMAPPED] == []


# Headings above several rubrics: a ledger that posts on them is shown as unmapped.
HEADINGS = {
    "be_nbb_abridged": {"10", "11", "110", "111", "13", "131"},
    "be_nbb_association": {"175", "28", "65", "75"},
}
BOTH = {
    "16", "29", "43", "44", "45", "49", "60", "63", "64", "66", "662", "663", "68", "69", "76", "762", "763",
    "78",
    "79", "669", "17",
}  # fmt: skip


@pytest.mark.parametrize("name", HEADINGS)
def test_every_class_from_10_to_79_is_on_one_line_or_is_a_heading(name: str) -> None:
    template = Template(name)
    kind = "asso" if name.endswith("association") else "comp"
    groups = {
        code for code in belgian_chart("account.group-be.csv", f"account.group-be_{kind}.csv") if code[1:]
    }
    missing = {code for code in groups if template.leaf(by_class(code), code) == UNMAPPED}
    assert missing - HEADINGS[name] - BOTH == set()
    for code in missing:
        below = {line for (_, _, prefix), line in template.by_prefix.items() if prefix.startswith(code)}
        assert len(below) > 1, f"{code} could be on {below}"


def total(balances: Balances, *beginnings: str) -> Decimal:
    return sum((amount for code, amount in balances.items() if code.startswith(beginnings)), Decimal(0))


APPROPRIATION = ("69", "79")
UNTAXED = ("689", "789")
TAX = ("67", "77", "680", "780")
FINANCIAL = ("65", "75", "761", "7621", "7631", "769", "661", "6621", "6631", "668", "6691")
ASSETS = ("2", "3", "40", "41", "490", "491", "499", "5")

# Nothing is set off: what is owed to customers or a bank is a debt, what suppliers and the state owe is none.
OWED = ("440", "444", "45", "47", "489")
OWING = ("55", "400", "411", "412", "416", "499")


def is_moved(code: str, amount: Decimal) -> bool:
    """Whether the balance of an account stands on the other side than its number."""
    return code.startswith(OWED) if amount > 0 else code.startswith(OWING)


BELGIAN_CODES = """
100 101 1100 1109 12 130 1311 132 133 14 15 160 163 168 170 173 174 1750 176 178 19
20 21 22 23 24 27 280 285 290 30 34 36 37
400 411 42 430 439 440 441 450 454 46 47 48 490 492 499 50 51 54 550 57 58
600 609 61 62 630 631 635 640 649 650 651 656 660 661 6620 6621 670 680 689 690 691 693 694
70 71 72 74 750 751 755 760 761 7630 7631 77 780 789 790 791 793
"""
books = st.dictionaries(
    st.tuples(st.sampled_from(BELGIAN_CODES.split()), st.sampled_from(("", "00", "01"))).map("".join),
    st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100),
    min_size=2,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(books, st.sampled_from(BELGIAN_TEMPLATES))
def test_subtotals_of_the_national_bank_are_what_the_classes_say(
    balances: dict[str, Decimal], name: str
) -> None:
    """On any ledger that balances: the totals of classes, and assets equal to equity and liabilities."""
    absent = ("11", "19", "694") if name.endswith("association") else ()
    codes = [code for code in balances if not code.startswith(absent)]
    balances = {code: balances[code] for code in codes if code != "5500"}
    balances["5500"] = -sum(balances.values(), Decimal(0))
    template = Template(name)
    amounts = template.amounts(balances)
    assert {line for line in amounts if line.startswith(UNMAPPED)} == set()
    result = total(balances, "6", "7")
    before = result - total(balances, *APPROPRIATION) - total(balances, *UNTAXED)
    assert amounts["20/58"] == -amounts["10/49"]
    if name != "be_nbb":
        moved = {code: amount for code, amount in balances.items() if is_moved(code, amount)}
        to_the_other_side = total(moved, *ASSETS) - total(moved, *OWED)
        assert amounts["20/58"] == total(balances, *ASSETS) - to_the_other_side
    assert amounts["9905"] == result - total(balances, *APPROPRIATION)
    assert amounts["9904"] == before
    assert amounts["9903"] == before - total(balances, *TAX)
    assert amounts["9901"] == amounts["9903"] - total(balances, *FINANCIAL)
    assert template.top(amounts, "profit_and_loss") == result == amounts["RES"]
    if name == "be_nbb_abridged":
        of_76a = total(balances, "760", "7620", "7630", "764", "765", "766", "767", "768")
        assert amounts["9900"] == total(balances, "70", "71", "72", "74", "60", "61") + of_76a
        assert amounts["174/0"] == total(balances, "170", "171", "174")
    for line, below in template.children.items():
        if line:
            assert amounts[line] == sum(amounts[child] for child in below)


def test_the_result_of_an_association_stays_after_its_appropriation() -> None:
    before = {"730000": -100, "600000": 30, "620000": 40, "550000": 30}
    booked = {"691000": 10, "130000": -10, "692000": 20, "140000": -20}
    amounts = Template("be_nbb_association").amounts(
        {code: Decimal(amount) for code, amount in (before | booked).items()}
    )
    assert {line: amounts[line] for line in ("73", "9904", "691", "(14)", "692/792", "13", "14", "RES")} == {
        "73": -100, "9904": -30, "691": 10, "(14)": -20, "692/792": 20, "13": -10, "14": -20, "RES": 0,
    }  # fmt: skip


@pytest.mark.parametrize("name", BELGIAN_TEMPLATES[:2])
def test_the_invented_belgian_companies_are_on_lines(name: str) -> None:
    template = Template(name)
    for account in (*BELGIAN.accounts.values(), *volume_accounts()):
        assert template.leaf(str(account.type), account.code) != UNMAPPED, account


# France

FARM = ("neolegal_0000000001FEC20220831", "0000000001FEC20220831.txt")
GROWER = ("neolegal_111111111FEC20221231", "111111111FEC20221231.TXT")
TOKEN = re.compile(r"(SLD|CRD|DEB)_(\d*)")
# Boxes of ours that are two of the form: what is sold in France and what is exported.
BOXES = {"FC": "FA", "FF": "FD", "FI": "FG"}


class TaxReturn:
    """The boxes of the forms by their formulas, from balances that are debit positive."""

    def __init__(self, balances: Balances) -> None:
        with reference("coa_fr_pcg.csv").open(encoding="utf-8", newline="") as stream:
            self.formulas = {row["box"]: row["formula"] for row in csv.DictReader(stream)}
        self.balances = balances
        tokens = [each for formula in self.formulas.values() for each in TOKEN.findall(formula) if each[1]]
        self.covered = {
            code for code, amount in balances.items()
            if any(code.startswith(prefix) and self._counts(kind, amount) for kind, prefix in tokens)
        }  # fmt: skip

    @staticmethod
    def _counts(kind: str, amount: Decimal) -> bool:
        return kind == "SLD" or (amount > 0) == (kind == "DEB")

    def box(self, box: str) -> Decimal:
        """An amount as the form prints it: tokens and boxes, with a sign before each or before all."""
        formula = self.formulas[box].strip()
        sign = -1 if formula.startswith("-(") else 1
        amount = Decimal(0)
        for mark, term in re.findall(r"([+-]?)\s*\(?\s*(\w+)\s*\)?", formula.removeprefix("-(")):
            amount += (-1 if mark == "-" else 1) * self._term(term)
        return sign * amount

    def _term(self, term: str) -> Decimal:
        token = TOKEN.fullmatch(term)
        if not token:
            return self.box(term)
        kind, prefix = token.groups()
        if not prefix:
            return Decimal(0)
        found = (
            amount for code, amount in self.balances.items()
            if code.startswith(prefix) and self._counts(kind, amount)
        )  # fmt: skip
        return sum(found, Decimal(0)) * (1 if kind == "DEB" else -1)


# What no formula counts, and why: a farm's own classes (24, 2847, 30, 36); suppliers with a debit balance
# (40); taxes under numbers without a token (44); rebates on purchases that say no kind (609); and the result
# as it was booked (12), where the form has the computed one.
LEFT_OUT = {FARM: {"24", "28", "30", "36", "40", "44"}, GROWER: {"12", "44", "60"}}


@pytest.mark.parametrize("path", [FARM, GROWER], ids=["farm", "fruit grower"])
def test_boxes_of_the_french_tax_return_are_those_of_its_formulas(path: tuple[str, str]) -> None:
    """Line by line, apart from accounts that no formula counts."""
    balances = fec_balances(*path)
    told = TaxReturn(balances)
    template = Template("fr_pcg")
    amounts = template.amounts(balances)
    left_out = {code for code, amount in balances.items() if amount} - told.covered
    assert {code[:2] for code in left_out} == LEFT_OUT[path]
    more: Counter[str] = Counter()
    for code in left_out:
        line = template.leaf(by_class(code), code, "credit" if balances[code] < 0 else "debit")
        more[line] += balances[code]  # type: ignore[assignment]  # a Counter of amounts
    compared = 0
    for line in template.leaves():
        box = BOXES.get(line.line, line.line)
        if told.formulas.get(box):
            ours = amounts[line.line] - more[line.line]
            assert abs(ours) == abs(told.box(box)), line.line
            compared += ours != 0
    assert compared > 15
    assert amounts["FL"] == -told.box("FL")
    assert amounts["HN"] == total(balances, "6", "7")
    assert amounts["HN"] == -told.box("HN") + total(balances, *(code for code in left_out if code[0] in "67"))
    tops = template.top(amounts, "balance_sheet")
    assert tops == 0 == amounts["ACTIF"] + amounts["EE"] + amounts["unmapped:balance_sheet"]


def test_the_result_of_the_farm_is_the_filed_one() -> None:
    with reference("data", "fec", FARM[0], "0000000001FEC20220831-expected.csv").open(
        encoding="ascii"
    ) as stream:
        filed = {row[0]: row[1].strip() for row in csv.reader(stream) if row}
    amounts = Template("fr_pcg").amounts(fec_balances(*FARM))
    assert round(-amounts["HN"]) == int(filed["CE"]) == int(filed["FJ"])


def test_an_overdraft_is_a_debt_in_france_and_no_negative_cash() -> None:
    """The formulas count it in both: in CF, as a balance of class 51, and in DU."""
    balances = {"512000": Decimal(-40), "530000": Decimal(10), "101000": Decimal(-10), "607000": Decimal(40)}
    amounts = Template("fr_pcg").amounts(balances)
    assert (amounts["CF"], amounts["DU"], amounts["ACTIF"], amounts["EE"]) == (10, -40, 10, -10)


def test_posting_accounts_of_the_french_chart_are_on_lines() -> None:
    template = Template("fr_pcg")
    with reference("data", "coa", "fr_odoo_pcg", "account.account-fr.csv").open(encoding="utf-8") as stream:
        codes = [row["code"] for row in csv.DictReader(stream)]
    codes = [code for code in codes if code[0] in "1234567"]
    for side in ("debit", "credit"):
        missing = {code[:3] for code in codes if template.leaf(by_class(code), code, side) == UNMAPPED}
        assert missing == UNPLACED


# Trust funds, branches, concessions, own shares and merger losses, stocks on their way or from fixed assets,
# instruments of cash: the forms have no box that is theirs without doubt.
UNPLACED = {
    "102", "181", "186", "187", "188", "220", "250", "277", "278", "282", "292", "297", "360", "380", "520",
}  # fmt: skip

# The Netherlands


def rgs() -> dict[str, dict[str, str]]:
    with reference("coa_nl_rgs.csv").open(encoding="utf-8", newline="") as stream:
        return {row["rgs_code"]: row for row in csv.DictReader(stream)}


def test_every_number_of_the_reference_classification_is_on_its_line() -> None:
    """Numbers and codes of level 4 on the line of level 3 above, and of what turns, on the other side's."""
    template, codes = Template("nl_rgs"), rgs()
    other = {"debit": "credit", "credit": "debit"}
    turned = 0
    for code, row in codes.items():
        if row["level"] != "4":
            continue
        statement = "balance_sheet" if row["statement"] == "BS" else "profit_and_loss"
        normal = "credit" if row["dc"] == "C" else "debit"
        flip = codes.get(row["flip_code"])
        for account in (row["reference_number"], f"{row['reference_number']}.01", code):
            assert template.leaf(statement, account, normal) == row["parent_rgs_code"], code
            expected = (flip or row)["parent_rgs_code"]
            assert template.leaf(statement, account, other[normal]) == expected, code
        turned += flip is not None
    assert turned > 150


DUTCH = {
    "Exact": ("banana_exactonline_v32_2016", "ExactOnline_V32_2016.xml"),
    "Multivers": ("banana_multivers_v32_2017", "Multivers_V32_2017_versioneModificata.xml"),
    "Banana": ("banana_export_2018", "auditfile_v3.2_nl_20180101_20181231.xml"),
}


@pytest.mark.parametrize("path", DUTCH.values(), ids=DUTCH.keys())
@pytest.mark.parametrize("name", ["nl_rgs", "plain_groups"])
def test_dutch_ledgers_add_up_on_each_template(name: str, path: tuple[str, str]) -> None:
    balances, statements = audit_file(*path)
    template = Template(name)
    amounts = template.amounts(balances, statements)
    result = sum(
        (amount for code, amount in balances.items() if statements[code] == "profit_and_loss"), Decimal(0)
    )
    assert template.top(amounts, "profit_and_loss") == result
    assert template.top(amounts, "balance_sheet") == sum(balances.values())
    if name == "plain_groups":
        groups: Mapping[tuple[str, str], Decimal] = defaultdict(Decimal)
        for code, amount in balances.items():
            groups[statements[code], code[:2]] += amount  # type: ignore[index]
        for (statement, group), amount in groups.items():
            assert amounts[f"{'BS' if statement == 'balance_sheet' else 'PL'}:{group}"] == amount
    else:
        known = {row["reference_number"] for row in rgs().values() if row["level"] in "34"}
        placed = {code for code in balances if template.leaf(statements[code], code) != UNMAPPED}
        assert placed == {code for code in balances if code[:5] in known}


def test_accounts_of_four_digits_are_on_no_line_of_the_reference_classification() -> None:
    """Whatever a number of four digits means in one ledger, it means something else in the next."""
    template = Template("nl_rgs")
    codes = [f"{number:04}" for number in range(10_000)]
    assert {
        template.leaf(statement, code) for code in codes for statement in ("balance_sheet", "profit_and_loss")
    } == {UNMAPPED}
