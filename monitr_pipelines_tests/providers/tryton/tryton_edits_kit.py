"""What accountants change in Tryton, over its RPC, in posted moves of the second company too."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tryton_kit import Tryton


def line_of(tryton: Tryton, account: str, *, allocations: int = 0) -> dict[str, Any]:
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


def undo_a_reconciliation(tryton: Tryton) -> None:
    move = cancel(tryton, reversal=True)
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


def give_an_account_another_code(tryton: Tryton) -> None:
    ((account, code),) = tryton.sql(
        "select id, code from account_account where code in ('455', '455X') and company = ?",
        tryton.companies["South"],
    )
    tryton.call("model.account.account.write", [account], {"code": "455X" if code == "455" else "455"}, {})


def give_a_value_another_code(tryton: Tryton) -> None:
    ((value, code),) = tryton.sql(
        "select id, code from analytic_account_account where code in ('CC2', 'CC2X') and company = ?",
        tryton.companies["South"],
    )
    changed = {"code": "CC2X" if code == "CC2" else "CC2"}
    tryton.call("model.analytic_account.account.write", [value], changed, {})


CHANGES: list[Callable[[Tryton], object]] = [
    change_a_value,
    share_between_values,
    delete_all_values,
    lambda tryton: cancel(tryton, reversal=True),
    lambda tryton: cancel(tryton, reversal=False),
    undo_a_reconciliation,
    post_a_draft,
    post_a_new_move,
    give_an_account_another_code,
    give_a_value_another_code,
]
