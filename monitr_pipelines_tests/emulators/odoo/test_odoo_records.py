"""What records hold and who sees them: domains, companies, hidden lines, analytics, totals."""

from collections import Counter
from itertools import pairwise

import pytest
from odoo_emulator_kit import Odoo, Wire, fault, running

from monitr_pipelines.emulators.odoo.emulator import VERSIONS
from monitr_pipelines.emulators.shared.records import State

LINE = "account.move.line"
FOR_GROUPS = [["parent_state", "=", "posted"], ["account_id", "!=", False]]


def own(company: int) -> dict[str, Wire]:
    return {"allowed_company_ids": [company]}


@pytest.mark.parametrize("version", VERSIONS)
def test_each_company_has_the_ledger_of_the_books(version: int) -> None:
    with running(version) as odoo:
        for company in odoo.books.companies:
            expected = {}
            for account, cents in odoo.books.movements(company, None, None).items():
                code = odoo.books.accounts[account].code
                expected[code] = cents
            codes = odoo.xml(
                "account.account", "search_read", [], ["code"], context=own(company) | {"active_test": False}
            )
            by_id = {each["id"]: each["code"] for each in codes}
            assert {by_id[account]: cents for account, cents in odoo.posted(company).items()} == expected


def test_nothing_is_false_and_many2one_is_a_pair(odoo: Odoo) -> None:
    note = odoo.xml(LINE, "search_read", [["display_type", "=", "line_note"]], limit=1, order="id")[0]
    assert (note["account_id"], note["balance"], note["analytic_distribution"]) == (False, 0.0, False)
    line = odoo.xml(LINE, "read", [1], [])[0]
    assert line["account_id"][1].startswith("230000")
    assert line["write_date"] == line["create_date"] == "2024-01-02 12:00:01"
    assert odoo.xml(LINE, "read", [1], ["account_id"], load="")[0] == {"id": 1, "account_id": 4}
    dollars = odoo.xml(LINE, "search_read", [["currency_id.name", "=", "USD"]], limit=1)[0]
    assert dollars["amount_currency"] != dollars["balance"]


@pytest.mark.parametrize(("version", "name"), [(18, "/"), (19, False)])
def test_a_draft_without_a_number(version: int, name: Wire) -> None:
    with running(version) as odoo:
        drafts = odoo.xml("account.move", "search_read", [["state", "=", "draft"]], ["name"])
        names = {draft["name"] for draft in drafts}
        assert name in names
        assert len(names) > 1  # other drafts have one


@pytest.mark.parametrize(
    ("domain", "condition"),
    [
        ([["id", ">", 10], ["id", "<=", 20]], lambda line: 10 < line["id"] <= 20),
        (["|", ["id", "<", 5], ["id", "=", 9]], lambda line: line["id"] < 5 or line["id"] == 9),
        (["!", ["id", ">", 7]], lambda line: line["id"] <= 7),
        (["&", ["id", "<", 9], "!", ["id", "in", [1, 2]]], lambda line: 2 < line["id"] < 9),
        ([["debit", ">", 1000.5], ["id", "<", 300]], lambda line: line["debit"] > 1000.5),
        ([["move_name", "=like", "BNK-2024-0000_"]], lambda line: line["move_name"][:13] == "BNK-2024-0000"),
        ([["account_id.code", "=", "400000"]], lambda line: str(line["account_id"]).find("400000") > 0),
        ([["account_id", "ilike", "LEVERANCIERS"]], lambda line: "Leveranciers" in str(line["account_id"])),
        ([["partner_id", "!=", False]], lambda line: line["partner_id"]),
        ([["date", ">=", "2025-12-01"]], lambda line: line["date"] >= "2025-12-01"),
        ([(1, "=", 1), ["id", "=", 4]], lambda line: line["id"] == 4),
    ],
)
def test_domains(odoo: Odoo, domain: list[Wire], condition: Wire) -> None:
    fields = ["debit", "move_name", "account_id", "partner_id", "date"]
    everything = odoo.xml(LINE, "search_read", [["company_id", "=", 1]], fields, context=own(1))
    found = odoo.xml(LINE, "search_read", domain, fields, context=own(1))
    bound = 300 if ["id", "<", 300] in domain else 10**9
    expected = {line["id"] for line in everything if condition(line) and line["id"] < bound}
    assert expected
    assert {line["id"] for line in found} == expected


@pytest.mark.parametrize(
    "domain",
    [[["nope", "=", 1]], [["id", "~", 1]], ["|", ["id", "=", 1]], [["id", "="]], [["move_id.nope", "=", 1]]],
)
def test_wrong_domains_are_faults(odoo: Odoo, domain: list[Wire]) -> None:
    assert fault(lambda: odoo.xml(LINE, "search", domain))[0] == 1


def test_orders(odoo: Odoo) -> None:
    ids = odoo.xml(LINE, "search", [["company_id", "=", 1]])
    assert ids not in (sorted(ids), sorted(ids, reverse=True))
    dates = [line["date"] for line in odoo.xml(LINE, "read", ids, ["date"])]
    assert dates == sorted(dates, reverse=True)
    assert odoo.xml(LINE, "search", [], 5, 3, "id") == [6, 7, 8]
    assert odoo.xml(LINE, "search", [["id", "<", 9]], order="id desc", limit=2) == [8, 7]
    assert fault(lambda: odoo.xml(LINE, "search", [], order="nope"))[0] == 1
    assert fault(lambda: odoo.xml(LINE, "search", [], order="id; drop"))[0] == 2


def test_fields_are_described(odoo: Odoo) -> None:
    told = odoo.xml(LINE, "fields_get", [], ["type", "relation"])
    assert told["account_id"] == {"type": "many2one", "relation": "account.account"}
    assert set(told) >= {"balance", "analytic_distribution", "parent_state", "display_type", "write_date"}
    assert "deprecated" in odoo.xml("account.account", "fields_get")
    assert "active" not in odoo.xml("account.account", "fields_get")
    columns = odoo.xml("account.analytic.line", "fields_get", [], ["string", "relation"])
    assert columns["x_plan1_id"] == {"string": "Department", "relation": "account.analytic.account"}


def test_codes_are_those_of_the_first_company(odoo: Odoo) -> None:
    odoo.keeper.change_account(47, code="550009")
    bank = [["name", "=", "Bank, zichtrekening"]]

    def code(*companies: int) -> Wire:
        found = odoo.xml(
            "account.account",
            "search_read",
            bank,
            ["code", "company_ids"],
            context={"allowed_company_ids": companies},
        )
        assert [each["company_ids"] for each in found] == [[1, 2]]
        return found[0]["code"]

    assert (code(1, 2), code(2, 1), code(1), code(2)) == ("550000", "550009", "550000", "550009")
    only = [each for each in odoo.books.accounts.values() if each.company == 2 and each.code == "400000"]
    foreign = odoo.xml("account.account", "read", [only[0].id], ["code"])[0]
    assert foreign["code"] is False


def test_companies_of_others_are_refused_not_left_out(odoo: Odoo) -> None:
    both = odoo.xml(LINE, "search_count", [])
    one = odoo.xml(LINE, "search_count", [], context=own(1))
    assert both == one + odoo.xml(LINE, "search_count", [], context=own(2))
    odoo.keeper.change_company(2, reachable=False)
    assert odoo.xml(LINE, "search_count", []) == one
    assert fault(lambda: odoo.xml(LINE, "search_count", [], context=own(2)))[0] == 4
    assert [each["id"] for each in odoo.xml("res.company", "search_read", [], ["name"])] == [1]


def test_a_record_rule_hides_lines_without_a_word(odoo: Odoo) -> None:
    before = odoo.xml(LINE, "search_count", [])
    odoo.emulator.state.hidden = lambda placed: placed.line.id == 3
    assert odoo.xml(LINE, "search_count", []) == before - 1
    move = odoo.books.line(3).entry
    told = odoo.xml("account.move", "read", [move.id], ["line_ids", "amount_total"])[0]
    assert 3 not in told["line_ids"]
    assert round(told["amount_total"] * 100) == sum(max(line.amount, 0) for line in move.lines)
    assert fault(lambda: odoo.xml(LINE, "read", [3], ["balance"]))[0] == 4
    assert odoo.xml(LINE, "read", [2, 999_999], ["balance"])[0]["id"] == 2


def test_deprecated_before_19_and_inactive_from_19_on() -> None:
    for version in (18, 19):
        with running(version) as odoo:
            account = odoo.keeper.change_account(20, archived=True).id
            found = account in odoo.xml("account.account", "search", [])
            assert found == (version == 18)
            everything = odoo.xml("account.account", "search", [], context={"active_test": False})
            assert account in everything


@pytest.mark.parametrize(("version", "accounts"), [(16, [1, 1]), (17, [2]), (18, [2])])
def test_distributions_by_version(version: int, accounts: list[int]) -> None:
    with running(version) as odoo:
        crossed = next(
            line for _, line in odoo.books.lines() if [len(share.values) for share in line.shares] == [2]
        )
        told = odoo.xml(LINE, "read", [crossed.id], ["analytic_distribution"])[0]["analytic_distribution"]
        assert [len(key.split(",")) for key in told] == accounts


def test_analytic_lines_have_the_opposite_sign_and_a_column_for_each_plan(odoo: Odoo) -> None:
    rows = odoo.xml("account.analytic.line", "search_read", [], load="")
    totals: Counter[int] = Counter()
    for row in rows:
        assert row["account_id"] or row["x_plan1_id"]
        totals[row["move_line_id"]] += round(row["amount"] * 100)
    placed = {line.id: (entry, line) for entry, line in odoo.books.lines() if line.shares}
    posted = {number for number, (entry, _) in placed.items() if entry.state is State.POSTED}
    assert set(totals) == posted
    for number in posted:
        line = placed[number][1]
        assert totals[number] * line.amount <= 0
        if len(line.shares) == 1 and line.shares[0].percent == 100_00:
            assert totals[number] == -line.amount
        assert len(odoo.xml(LINE, "read", [number], ["analytic_line_ids"])[0]["analytic_line_ids"]) == len(
            line.shares
        )


def test_plans_are_for_accountants_and_roll_up(accountant: Odoo) -> None:
    plans = accountant.xml("account.analytic.plan", "search_read", [], ["name", "parent_id", "complete_name"])
    below = next(plan for plan in plans if plan["parent_id"])
    assert below["complete_name"] == "Department / Support"
    value = accountant.xml(
        "account.analytic.account", "search_read", [["code", "=", "400"]], ["plan_id", "root_plan_id"]
    )[0]
    assert (value["plan_id"][0], value["root_plan_id"][1]) == (below["id"], "Department")


def test_read_group_sums_by_account_and_month(odoo: Odoo) -> None:
    groups = odoo.xml(
        LINE, "read_group", FOR_GROUPS, ["balance"], ["account_id", "date:month"], lazy=False, context=own(1)
    )
    sums: Counter[int] = Counter()
    for group in groups:
        sums[group["account_id"][0]] += round(group["balance"] * 100)
        within = group["__range"]["date:month"]
        assert within["from"] < within["to"]
        assert group["date:month"].split()[1] == within["from"][:4]
    for group in groups[::13]:  # no divisor of a year's months, so that each of them has its turn
        found = odoo.xml(LINE, "search_count", group["__domain"], context=own(1))
        assert found == group["__count"]
    assert dict(sums) == odoo.posted(1)
    lazy = odoo.xml(LINE, "read_group", FOR_GROUPS, ["debit"], ["account_id", "date"], context=own(1))
    assert sum(group["account_id_count"] for group in lazy) == sum(group["__count"] for group in groups)
    assert "date" not in lazy[0]
    (total,) = odoo.xml(LINE, "read_group", FOR_GROUPS, ["balance:sum"], [], lazy=False)
    assert total["balance"] == 0


@pytest.mark.parametrize(
    ("unit", "label"), [("day", "01 Jan 2024"), ("quarter", "Q1 2024"), ("year", "2024")]
)
def test_groups_by_other_units_in_an_order(odoo: Odoo, unit: str, label: str) -> None:
    key = f"date:{unit}"
    asked = (LINE, "read_group", FOR_GROUPS, ["debit:sum"], [key])
    groups = odoo.xml(*asked, lazy=False)
    assert groups[0][key] == label
    ends = [group["__range"][key] for group in groups]
    assert all(first["to"] <= second["from"] for first, second in pairwise(ends))
    last = odoo.xml(*asked, lazy=False, orderby=f"{key} desc", limit=1)
    assert last == groups[-1:]
    largest = odoo.xml(*asked, lazy=False, orderby="debit desc", offset=0, limit=1)
    assert largest[0]["debit"] == max(group["debit"] for group in groups)
    assert fault(lambda: odoo.xml(*asked, lazy=False, orderby="nope"))[0] == 1
    assert fault(lambda: odoo.xml(LINE, "read_group", [], ["debit"], ["date:moon"]))[0] == 1
    assert fault(lambda: odoo.xml(LINE, "read_group", [], ["debit:median"], ["date"]))[0] == 1


def test_formatted_read_group_of_19() -> None:
    with running(19) as odoo:
        asked = {
            "domain": FOR_GROUPS,
            "groupby": ["account_id", "date:month"],
            "aggregates": ["balance:sum", "__count"],
            "context": own(1),
        }
        groups = odoo.json2(LINE, "formatted_read_group", **asked).json()
        sums: Counter[int] = Counter()
        for group in groups:
            sums[group["account_id"][0]] += round(group["balance:sum"] * 100)
        assert dict(sums) == odoo.posted(1)
        first = groups[0]["date:month"]
        assert first == ["2024-01-01", "January 2024"]
