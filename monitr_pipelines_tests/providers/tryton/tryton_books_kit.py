"""The books that the test server of Tryton starts with: two companies, two years, two analytical axes.

It runs within trytond's own process, with its models: all moves of a company are posted in one call.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trytond.pool import Pool
from trytond.transaction import Transaction

PASSWORD = "canary-Tryton-4242"  # noqa: S105 - of a test
READER, BOOKKEEPER, STRANGER, OTHERS = "reader", "bookkeeper", "stranger", "others"
YEARS = (2025, 2026)
MOVES = {"North": 300, "South": 60}
DRAFTS = 5
# Moves of one call: Tryton takes longer for each one the more they are.
BATCH = 60
# What a move is about: the account debited, the account credited, and which of them has a party.
KINDS = (("617", "440", "440"), ("400", "700", "400"), ("6200", "455", ""), ("640", "5500", ""))
# How the values of an axis share a line, in tenths; what is missing from ten stays unallocated.
SHARES = ((10,), (10,), (3, 7), (3, 3), ())


@dataclass
class Company:
    """Ids of what a company has, by code or name."""

    id: int
    accounts: dict[str, int]
    journals: dict[str, int]
    dollar: int
    periods: dict[str, int]
    parties: list[int]
    axes: list[list[int]]


def write_books() -> dict[str, int]:
    """Make everything; returns the ids of the companies by name."""
    euro, dollar = _currencies()
    companies = {name: _company(name, euro) for name in MOVES}
    for name, company_id in companies.items():
        with Transaction().set_context(company=company_id):
            _post(_chart(company_id, dollar), MOVES[name])
    _users(companies)
    return companies


def _currencies() -> tuple[int, int]:
    euro, dollar = (
        Pool()
        .get("currency.currency")
        .create(
            [
                {"name": code, "code": code, "symbol": code, "digits": 2, "rounding": Decimal("0.01")}
                for code in ("EUR", "USD")
            ]
        )
    )
    return euro.id, dollar.id


def _company(name: str, currency: int) -> int:
    (party,) = Pool().get("party.party").create([{"name": name}])
    (company,) = Pool().get("company.company").create([{"party": party.id, "currency": currency}])
    return int(company.id)


def _users(companies: dict[str, int]) -> None:
    """Who signs in: with all companies, with none, and one who shows only the second company."""
    everyone = list(companies.values())
    groups = [group.id for group in Pool().get("res.group").search([])]
    accountant = Pool().get("ir.model.data").get_id("account", "group_account")
    accesses: list[tuple[str, list[int], dict[str, Any]]] = [
        (READER, [accountant], {"companies": [("add", everyone)], "company_filter": "all"}),
        (BOOKKEEPER, groups, {"companies": [("add", everyone)], "company_filter": "all"}),
        (STRANGER, [accountant], {}),
        (
            OTHERS,
            [accountant],
            {"companies": [("add", everyone)], "company": companies["South"], "company_filter": "one"},
        ),
    ]
    Pool().get("res.user").create(
        [
            {"name": login, "login": login, "password": PASSWORD, "groups": [("add", group)], **access}
            for login, group, access in accesses
        ]
    )


def _chart(company_id: int, dollar: int) -> Company:
    """The Belgian chart, the fiscal years with a period a month, customers and suppliers, and axes."""
    pool = Pool()
    wizard = pool.get("account.create_chart", type="wizard")
    chart = wizard(wizard.create()[0])
    chart.account.account_template = pool.get("ir.model.data").get_id("account_be", "root_fr")
    chart.account.company = company_id
    chart.transition_create_account()
    accounts = pool.get("account.account").search([("company", "=", company_id), ("type", "!=", None)])
    parties = pool.get("party.party").create([{"name": f"Party {number}"} for number in range(12)])
    return Company(
        company_id,
        {account.code: account.id for account in accounts},
        {journal.code: journal.id for journal in pool.get("account.journal").search([])},
        dollar,
        {name: period for year in YEARS for name, period in _periods(company_id, year).items()},
        [party.id for party in parties],
        [_axis(company_id, "CC", "Cost centre"), _axis(company_id, "PR", "Project")],
    )


def _periods(company_id: int, year: int) -> dict[str, int]:
    pool = Pool()
    (kind,) = pool.get("ir.sequence.type").search([("name", "=", "Account Move")])
    (sequence,) = pool.get("ir.sequence.strict").create(
        [{"name": str(year), "sequence_type": kind.id, "company": company_id, "prefix": f"{year}/"}]
    )
    (fiscal_year,) = pool.get("account.fiscalyear").create(
        [
            {
                "name": str(year),
                "company": company_id,
                "start_date": date(year, 1, 1),
                "end_date": date(year, 12, 31),
                "move_sequence": sequence.id,
            }
        ]
    )
    pool.get("account.fiscalyear").create_period([fiscal_year])
    return {period.name: period.id for period in fiscal_year.periods}


def _axis(company_id: int, code: str, name: str) -> list[int]:
    accounts = Pool().get("analytic_account.account")
    (root,) = accounts.create([{"name": f"{name}s", "code": code, "type": "root", "company": company_id}])
    made = accounts.create(
        [
            {
                "name": f"{name} {number}",
                "code": f"{code}{number}",
                "type": "normal",
                "company": company_id,
                "root": root.id,
                "parent": root.id,
            }
            for number in range(1, 5)
        ]
    )
    return [account.id for account in made]


def _post(company: Company, count: int) -> None:
    """Moves spread over both years, posted many in one call; the last ones stay drafts."""
    moves = Pool().get("account.move")
    for start in range(0, count, BATCH):
        made = list(moves.create([_move(company, number, count) for number in range(start, start + BATCH)]))
        moves.post(made if start + BATCH < count else made[:-DRAFTS])


def _move(company: Company, number: int, count: int) -> dict[str, Any]:
    day = date(2025, 1, 3) + timedelta(days=number * 690 // count)
    debit, credit, with_party = KINDS[number % len(KINDS)]
    amount = Decimal(1001 + number * 37) / 100 * (-1 if number % 11 == 0 else 1)
    lines = [{"account": debit, "debit": amount}, {"account": credit, "credit": amount}]
    return {
        "company": company.id,
        "journal": company.journals["MISC"],
        "period": company.periods[f"{day:%Y-%m}"],
        "date": day,
        "description": f"Move {number}",
        "lines": [("create", [_line(company, number, day, with_party, line) for line in lines])],
    }


def _line(company: Company, number: int, day: date, with_party: str, side: dict[str, Any]) -> dict[str, Any]:
    code = side["account"]
    line = {"debit": Decimal(0), "credit": Decimal(0), "description": f"Line of {code}"} | side
    line["account"] = company.accounts[code]
    if code == with_party:
        line["party"] = company.parties[number % len(company.parties)]
    if code == "640":
        line["second_currency"] = company.dollar
        line["amount_second_currency"] = ((line["debit"] - line["credit"]) * 11 / 10).quantize(
            Decimal("0.01")
        )
    if code[0] in "67":
        line["analytic_lines"] = [("create", list(_allocations(company, number, day, line)))]
    return line


def _allocations(company: Company, number: int, day: date, line: dict[str, Any]) -> list[dict[str, Any]]:
    """What the values of each axis take of a line; the two axes share differently."""
    made = []
    for position, values in enumerate(company.axes):
        shares = SHARES[(number // (4 * (position + 1))) % len(SHARES)]
        rest = {side: line[side] for side in ("debit", "credit")}
        for place, share in enumerate(shares):
            last = place + 1 == len(shares) and sum(shares) == 10
            parts = {
                side: rest[side] if last else (line[side] * share / 10).quantize(Decimal("0.01"))
                for side in rest
            }
            rest = {side: rest[side] - parts[side] for side in rest}
            made.append({"account": values[(number + place) % len(values)], "date": day, **parts})
    return made
