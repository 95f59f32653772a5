"""What bookkeepers do to posted moves of the second company, over Tryton's own RPC."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tryton_kit import Tryton

MODELS = {
    "account_account": "account.account",
    "analytic_account_account": "analytic_account.account",
}


def line_of(tryton: Tryton, account: str, allocations: int = 0) -> dict[str, Any]:
    """A posted line of the second company that nothing was done to, and its analytic lines."""
    domain = [
        ["move.company", "=", tryton.companies["South"]],
        ["move.state", "=", "posted"],
        ["move.origin", "=", None],
        ["account.code", "=", account],
        ["reconciliation", "=", None],
        ["write_date", "<", "2026-11-02"],
    ]
    found = tryton.call(
        "model.account.move.line.search_read",
        domain,
        0,
        None,
        [["id", "ASC"]],
        ["move", "analytic_lines"],
        {},
    )
    return next(line for line in found if len(line["analytic_lines"]) >= allocations)


def another_value(tryton: Tryton, allocation: int) -> int:
    (row,) = tryton.call("model.analytic_account.line.read", [allocation], ["account", "account.root"], {})
    domain = [
        ["root", "=", row["account."]["root"]],
        ["type", "=", "normal"],
        ["id", "!=", row["account"]],
    ]
    return int(tryton.call("model.analytic_account.account.search", domain, 0, 1, None, {})[0])


def change_a_value(tryton: Tryton) -> None:
    allocation = line_of(tryton, "617", allocations=1)["analytic_lines"][0]
    values = {"account": another_value(tryton, allocation)}
    tryton.call("model.analytic_account.line.write", [allocation], values, {})


def share_between_values(tryton: Tryton) -> None:
    allocation = line_of(tryton, "700", allocations=1)["analytic_lines"][0]
    (row,) = tryton.call("model.analytic_account.line.read", [allocation], ["debit", "credit"], {})
    tenth = {
        side: {"__class__": "Decimal", "decimal": str(round(Decimal(row[side]["decimal"]) / 10, 2))}
        for side in ("debit", "credit")
    }
    tryton.call("model.analytic_account.line.write", [allocation], tenth, {})


def delete_all_values(tryton: Tryton) -> None:
    for allocation in line_of(tryton, "6200", allocations=2)["analytic_lines"]:
        tryton.call("model.analytic_account.line.delete", [allocation], {})


def cancel(tryton: Tryton, *, reversal: bool) -> int:
    """Cancel a move as people do, with the wizard, which reconciles the two; returns the move."""
    move = int(line_of(tryton, "400")["move"])
    context = {
        "active_model": "account.move",
        "active_id": move,
        "active_ids": [move],
        "company": tryton.companies["South"],
    }
    session, start, _ = tryton.call("wizard.account.move.cancel.create", context)
    choices = {start: {"description": None, "reversal": reversal}}
    tryton.call("wizard.account.move.cancel.execute", session, choices, "cancel", context)
    return move


def cancel_by_a_reversal(tryton: Tryton) -> int:
    return cancel(tryton, reversal=True)


def cancel_by_negative_amounts(tryton: Tryton) -> int:
    return cancel(tryton, reversal=False)


def undo_a_reconciliation(tryton: Tryton) -> None:
    move = cancel_by_a_reversal(tryton)
    ((reconciliation,),) = tryton.sql(
        "select reconciliation from account_move_line where move = ? and reconciliation is not null", move
    )
    tryton.call("model.account.move.reconciliation.delete", [reconciliation], {})


def post_a_draft(tryton: Tryton) -> None:
    ((draft,),) = tryton.sql(
        "select id from account_move where state = 'draft' and company = ? order by id limit 1",
        tryton.companies["South"],
    )
    tryton.call("model.account.move.post", [draft], {})


def post_a_new_move(tryton: Tryton) -> None:
    move = int(line_of(tryton, "6200")["move"])
    (copied,) = tryton.call("model.account.move.copy", [move], {})
    tryton.call("model.account.move.post", [copied], {})


def give_code(tryton: Tryton, table: str, one: str, other: str) -> None:
    """Another code for a record: of two, the one that it does not have."""
    ((found, code),) = tryton.sql(
        f"select id, code from {table} where code in (?, ?) and company = ?",  # noqa: S608 - of this module
        one,
        other,
        tryton.companies["South"],
    )
    changed = {"code": other if code == one else one}
    tryton.call(f"model.{MODELS[table]}.write", [found], changed, {})


def give_an_account_another_code(tryton: Tryton) -> None:
    give_code(tryton, "account_account", "455", "455X")


def give_a_value_another_code(tryton: Tryton) -> None:
    give_code(tryton, "analytic_account_account", "CC2", "CC2X")


CHANGES: list[Callable[[Tryton], object]] = [
    change_a_value,
    share_between_values,
    delete_all_values,
    cancel_by_a_reversal,
    cancel_by_negative_amounts,
    undo_a_reconciliation,
    post_a_draft,
    post_a_new_move,
    give_an_account_another_code,
    give_a_value_another_code,
]


def close_the_first_year(tryton: Tryton) -> int:
    """Balance the income accounts of 2025 in an adjustment period and close it; returns the closing move."""
    company = tryton.companies["South"]
    context = {"company": company}
    last_day = {"__class__": "date", "year": 2025, "month": 12, "day": 31}
    (year,) = _ids(tryton, "account.fiscalyear", ["name", "=", "2025"])
    (result,) = _ids(tryton, "account.account", ["code", "=", "499"])
    adjustment = {"name": "2025 closing", "type": "adjustment", "fiscalyear": year}
    days = {"start_date": last_day, "end_date": last_day}
    (period,) = tryton.call("model.account.period.create", [adjustment | days], context)
    situation = {"name": "Closing", "code": "CLOSE", "type": "situation"}
    (journal,) = tryton.call("model.account.journal.create", [situation], context)
    wizard = "wizard.account.fiscalyear.balance_non_deferral"
    session, start, _ = tryton.call(f"{wizard}.create", context)
    choices = {
        "fiscalyear": year,
        "company": company,
        "journal": journal,
        "period": period,
        "credit_account": result,
        "debit_account": result,
    }
    tryton.call(f"{wizard}.execute", session, {start: choices}, "balance", context)
    (move,) = _ids(tryton, "account.move", ["origin", "=", f"account.fiscalyear,{year}"])
    tryton.call("model.account.move.post", [move], context)
    tryton.call("model.account.fiscalyear.close", [year], context)
    return int(move)


def _ids(tryton: Tryton, model: str, clause: list[str]) -> list[int]:
    domain = [["company", "=", tryton.companies["South"]], clause]
    found: list[int] = tryton.call(f"model.{model}.search", domain, 0, None, None, {})
    return found
