#!/usr/bin/env bash
# Tryton's `balance` of an account that has children is not its own behind a closed fiscal year.
#
# With `flat_balance` in the context an account's figures are those of its own lines. That holds while
# every fiscal year is open. Once the year before is closed, the balance that is carried forward into the
# next year comes from the deferral of that year, which holds the lines of all children too: an account
# on which nothing was ever booked shows the balance of the account below it. `debit` and `credit` with
# `cumulate` stay right. A tie-out therefore reads debit - credit and never balance.
#
# Seen with trytond 8.2.1, trytond_account 8.2.1, trytond_account_be 8.2.0, Python 3.11, SQLite:
#   account 5500 (the bank):       balance 100, debit - credit 100
#   account 550 (its parent):      balance 100, debit - credit 0, and not one line
# Worked around in monitr_pipelines/providers/tryton/balances.py.
# It takes about a minute. Exit code 0: as seen; 1: it has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet trytond==8.2.1 trytond-account==8.2.1 trytond-account-be==8.2.0
touch "$folder/books.sqlite"
printf '[database]\nuri = sqlite://\npath = %s\n' "$folder" > "$folder/trytond.conf"

"$folder/venv/bin/python" -W ignore - "$folder/trytond.conf" <<'PYTHON'
import sys
from datetime import date
from decimal import Decimal

from trytond import config

config.update_etc(sys.argv[1])
from trytond.pool import Pool
from trytond.transaction import Transaction

LOCKED = ["account_journal_period", "ir_sequence_strict", "account_move", "account_move_line", "account_account",
          "account_fiscalyear", "account_period"]
with Transaction().start("books", 0, close=True) as transaction:
    transaction.database.init()
pool = Pool("books")
pool.init(update=["account_be"], lang=["en", "fr"], activatedeps=True)
get = pool.get


def years(company):
    (kind,) = get("ir.sequence.type").search([("name", "=", "Account Move")])
    for year in (2025, 2026):
        (sequence,) = get("ir.sequence.strict").create(
            [{"name": str(year), "sequence_type": kind.id, "company": company}])
        made = get("account.fiscalyear").create([{
            "name": str(year), "start_date": date(year, 1, 1), "end_date": date(year, 12, 31),
            "company": company, "move_sequence": sequence.id}])
        get("account.fiscalyear").create_period(made)


def figures(company, code):
    with Transaction().set_context(company=company, date=date(2026, 6, 30), posted=True,
                                   flat_balance=True, cumulate=True):
        (account,) = get("account.account").search([("code", "=", code)])
        return account.balance, account.debit - account.credit


with Transaction().start("books", 0, _lock_tables=LOCKED):
    get("ir.lang").write(get("ir.lang").search([("code", "in", ["en", "fr"])]), {"translatable": True})
    (euro,) = get("currency.currency").create(
        [{"name": "EUR", "code": "EUR", "symbol": "EUR", "digits": 2, "rounding": Decimal("0.01")}])
    (party,) = get("party.party").create([{"name": "North"}])
    (made,) = get("company.company").create([{"party": party.id, "currency": euro.id}])
    company = made.id
    with Transaction().set_context(company=company):
        wizard = get("account.create_chart", type="wizard")
        chart = wizard(wizard.create()[0])
        chart.account.account_template = get("ir.model.data").get_id("account_be", "root_fr")
        chart.account.company = company
        chart.transition_create_account()
        years(company)
        accounts = {one.code: one.id for one in get("account.account").search([("company", "=", company)])}
        (journal,) = get("account.journal").search([("code", "=", "MISC")])
        (period,) = get("account.period").search([("name", "=", "2025-03")])
        moves = get("account.move").create([{
            "company": company, "journal": journal.id, "date": date(2025, 3, 1), "period": period.id,
            "lines": [("create", [{"account": accounts["5500"], "debit": Decimal(100), "credit": Decimal(0)},
                                  {"account": accounts["100"], "debit": Decimal(0), "credit": Decimal(100)}])]}])
        get("account.move").post(list(moves))
        before = figures(company, "550")
        (year,) = get("account.fiscalyear").search([("name", "=", "2025")])
        get("account.fiscalyear").close([year])
    parent, bank = figures(company, "550"), figures(company, "5500")

print(f"550 while 2025 is open: balance {before[0]}, debit - credit {before[1]}")
print(f"550 once 2025 is closed: balance {parent[0]}, debit - credit {parent[1]}")
print(f"5500 once 2025 is closed: balance {bank[0]}, debit - credit {bank[1]}")
as_seen = before == (0, 0) and parent == (100, 0) and bank == (100, 100)
sys.exit(0 if as_seen else "it has changed")
PYTHON
echo "as seen"
