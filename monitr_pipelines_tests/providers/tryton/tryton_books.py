"""A program beside a Tryton server: makes its companies and books, and edits them as accountants do.

    python tryton_books.py CONFIG DATABASE make
    python tryton_books.py CONFIG DATABASE EDIT

It works in Tryton's own process model, with all of Tryton's rules, many moves in one transaction.
"""

import random
import sys
import warnings
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

warnings.simplefilter("ignore")

from trytond import config  # noqa: E402 - after its warnings are silenced

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction, TransactionError  # noqa: E402

YEARS = (2024, 2025)
COMPANIES = ("Alpha BV", "Beta BV")
MOVES, DRAFTS = 160, 6
PASSWORD = "reads-The-Ledger-1"  # noqa: S105 - of a server that lives as long as the test
USERS = {"reader": "all", "of_one": "one", "of_none": "all"}


class Company:
    """One company's records, as the functions below need them."""

    def __init__(self, pool: Pool, number: int) -> None:
        self.pool = pool
        (self.record,) = pool.get("company.company").search([("party.name", "=", COMPANIES[number])])
        self.random = random.Random(number)  # noqa: S311 - the same books every time

    def get(self, model: str) -> Any:  # noqa: ANN401 - Tryton's models
        return self.pool.get(model)

    def accounts(self) -> dict[str, Any]:
        found = self.get("account.account").search(
            [("company", "=", self.record.id), ("type", "!=", None), ("code", "!=", None)]
        )
        return {account.code: account for account in found if not account.childs and not account.closed}

    def posted(self) -> list[Any]:
        return self.get("account.move").search(
            [("company", "=", self.record.id), ("state", "=", "posted")], order=[("id", "ASC")]
        )

    def lines_with_shares(self) -> list[Any]:
        return self.get("account.move.line").search(
            [
                ("move.company", "=", self.record.id),
                ("move.state", "=", "posted"),
                ("analytic_lines", "!=", None),
            ],
            order=[("id", "ASC")],
        )


def committed(pool: Pool, what: Callable[[], None], **context: object) -> None:
    """Do something in a transaction, with the locks that it turns out to need."""
    extras: dict[str, Any] = {}
    while True:
        with Transaction().start(sys.argv[2], 1, context=context, **extras) as transaction:
            try:
                what()
            except TransactionError as locks:
                transaction.rollback()
                locks.fix(extras)
            else:
                return


def make_companies(pool: Pool) -> None:
    currency = pool.get("currency.currency")
    euro, _ = currency.create(
        [{"name": code, "code": code, "symbol": code, "rounding": Decimal("0.01")} for code in ("EUR", "USD")]
    )
    parties = pool.get("party.party").create([{"name": name} for name in (*COMPANIES, "Klant")])
    companies = pool.get("company.company").create(
        [{"party": party.id, "currency": euro.id} for party in parties[:2]]
    )
    data = pool.get("ir.model.data")
    groups = [
        data.get_id("account", "group_account"),
        data.get_id("analytic_account", "group_analytic_admin"),
    ]
    users = pool.get("res.user")
    for login, sees in USERS.items():
        mine = [] if login == "of_none" else [company.id for company in companies]
        users.create(
            [
                {
                    "name": login,
                    "login": login,
                    "password": PASSWORD,
                    "groups": [("add", groups)],
                    "companies": [("add", mine)],
                    "company": mine[0] if mine else None,
                    "company_filter": sees,
                }
            ]
        )
    users.write([users(1)], {"companies": [("add", [company.id for company in companies])]})


def make_chart(company: Company) -> None:
    wizard = company.pool.get("account.create_chart", type="wizard")
    session, _, _ = wizard.create()
    create = wizard(session)
    create.account.account_template = company.get("ir.model.data").get_id("account_be", "root_fr")
    create.account.company = company.record.id
    create.transition_create_account()
    wizard.delete(session)


def make_years(company: Company) -> None:
    kind = company.get("ir.model.data").get_id("account", "sequence_type_account_move")
    years = company.get("account.fiscalyear")
    for year in YEARS:
        (sequence,) = company.get("ir.sequence.strict").create(
            [{"name": str(year), "sequence_type": kind, "company": company.record.id}]
        )
        made = years.create(
            [
                {
                    "name": str(year),
                    "start_date": date(year, 1, 1),
                    "end_date": date(year, 12, 31),
                    "company": company.record.id,
                    "move_sequence": sequence.id,
                }
            ]
        )
        years.create_period(made)


def make_axes(company: Company) -> dict[str, list[int]]:
    analytic = company.get("analytic_account.account")
    found = {}
    for name, code in (("Afdeling", "DEP"), ("Project", "PRJ")):
        (root,) = analytic.create(
            [{"name": name, "code": code, "company": company.record.id, "type": "root"}]
        )
        below = {"company": company.record.id, "type": "normal", "root": root.id, "parent": root.id}
        values = analytic.create(
            [{"name": f"{name} {number}", "code": f"{code}{number}", **below} for number in range(3)]
        )
        found[code] = [value.id for value in values]
    return found


def make_moves(company: Company) -> None:
    axes = make_axes(company)
    accounts = company.accounts()
    periods = {
        (period.start_date.year, period.start_date.month): period.id
        for period in company.get("account.period").search([("company", "=", company.record.id)])
    }
    moves = [_move(company, number, accounts, axes, periods) for number in range(MOVES)]
    model = company.get("account.move")
    made = model.create(moves)
    model.post(made[DRAFTS:])


def _move(
    company: Company,
    number: int,
    accounts: dict[str, Any],
    axes: dict[str, list[int]],
    periods: dict[Any, int],
) -> dict[str, Any]:
    draw = company.random
    year = YEARS[number % 2]
    day = date(year, 1 + number // 2 % 12, 1 + draw.randrange(28))
    amount = Decimal(draw.randrange(100, 10_000_000)).scaleb(-2)
    sale = number % 3 == 0
    sign = -1 if sale else 1
    result = draw.choice(["700", "701", "702"] if sale else ["600", "601", "6100", "613"])
    result = result if result in accounts else ("700" if sale else "600")
    (journal,) = company.get("account.journal").search([("code", "=", "REV" if sale else "MISC")])
    (party,) = company.get("party.party").search([("name", "=", "Klant")])
    (dollar,) = company.get("currency.currency").search([("code", "=", "USD")])
    one = {"account": accounts[result].id, **_sides(sign * amount), "description": f"Line {number}"}
    if shares := _shares(number, sign * amount, axes, day):
        one["analytic_lines"] = [("create", shares)]
    other: dict[str, Any] = {"account": accounts["400" if sale else "5500"].id, **_sides(-sign * amount)}
    if sale:
        other["party"] = party.id
    if number % 7 == 0:
        foreign = (amount * Decimal("1.1")).quantize(Decimal("0.01"))
        other |= {"second_currency": dollar.id, "amount_second_currency": -sign * foreign}
    return {
        "company": company.record.id,
        "journal": journal.id,
        "date": day,
        "period": periods[day.year, day.month],
        "description": f"Move {number} of {company.record.party.name}",
        "lines": [("create", [one, other])],
    }


def _sides(amount: Decimal) -> dict[str, Decimal]:
    return {"debit": max(amount, Decimal(0)), "credit": max(-amount, Decimal(0))}


def _shares(number: int, amount: Decimal, axes: dict[str, list[int]], day: date) -> list[dict[str, Any]]:
    """Whole, divided, and partly left over; one axis, both, or none."""
    part = (amount * Decimal("0.6")).quantize(Decimal("0.01"))
    shares: list[tuple[int, Decimal]] = []
    if number % 5 == 0:
        shares += [(axes["DEP"][0], part), (axes["DEP"][1], amount - part)]
    elif number % 5 == 1:
        shares.append((axes["DEP"][2], amount))
    elif number % 5 == 2:
        shares.append((axes["DEP"][1], part))
    if number % 4 == 0:
        shares.append((axes["PRJ"][1], amount))
    return [{"account": account, "date": day, **_sides(share)} for account, share in shares]


def change_shares(company: Company) -> None:
    """Analytic lines of posted moves: one gets another value, one is deleted, one another year."""
    model = company.get("analytic_account.line")
    first, second, third = (line.analytic_lines[0] for line in company.lines_with_shares()[:3])
    (other,) = company.get("analytic_account.account").search(
        [("company", "=", company.record.id), ("code", "=", "DEP2")]
    )
    model.write([first], {"account": other.id})
    model.delete([second])
    model.write([third], {"date": date(2025, 12, 31)})


def cancel_moves(company: Company) -> None:
    """A move by swapped sides, and one by negative amounts on the same sides."""
    model = company.get("account.move")
    swapped, negative = company.posted()[3:5]
    model.post([swapped.cancel(), negative.cancel(reversal=False)])


def reconcile(company: Company) -> None:
    """Two lines of the customer's account are set off against each other."""
    lines = company.get("account.move.line").search(
        [
            ("move.company", "=", company.record.id),
            ("account.code", "=", "400"),
            ("reconciliation", "=", None),
        ],
        order=[("id", "ASC")],
    )
    debit = next(line for line in lines if line.debit and line.move.state == "posted")
    model = company.get("account.move")
    returned = debit.move.cancel()
    model.post([returned])
    (credit,) = [line for line in returned.lines if line.account == debit.account]
    company.get("account.move.line").reconcile([debit, credit])


def post_drafts(company: Company) -> None:
    model = company.get("account.move")
    drafts = model.search(
        [("company", "=", company.record.id), ("state", "=", "draft")], order=[("id", "ASC")], limit=2
    )
    model.post(drafts)


def add_moves(company: Company) -> None:
    (template,) = company.posted()[-1:]
    (copied,) = company.get("account.move").copy([template])
    company.get("account.move").post([copied])


def rename_account(company: Company) -> None:
    company.get("account.account").write([company.accounts()["600"]], {"code": "600X"})


EDITS = (change_shares, cancel_moves, reconcile, post_drafts, add_moves, rename_account)


def main() -> None:
    Pool.start()
    pool = Pool(sys.argv[2])
    pool.init()
    wanted = sys.argv[3]
    if wanted == "make":
        committed(pool, lambda: make_companies(pool), language="en")
    steps = (
        (make_chart, make_years, make_moves)
        if wanted == "make"
        else [edit for edit in EDITS if edit.__name__ == wanted]
    )
    for number in range(len(COMPANIES) if wanted == "make" else 1):
        for step in steps:
            with Transaction().start(sys.argv[2], 1):
                company_id = Company(pool, number).record.id
            committed(
                pool,
                lambda step=step, number=number: step(Company(pool, number)),
                company=company_id,
                companies=[company_id],
                language="en",
            )


main()
