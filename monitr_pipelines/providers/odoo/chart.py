"""What lines refer to by id: accounts, analytic accounts and journals, as one company sees them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.providers.odoo.datasets import ACCOUNTS, AXIS_VALUES, JOURNALS
from monitr_pipelines.providers.odoo.reading import Row, rows
from monitr_pipelines.providers.odoo.rpc import Rpc
from monitr_pipelines.providers.odoo.values import one
from monitr_pipelines.providers.parts import Part

PROFIT_AND_LOSS = ("income", "expense")
# Accounts off the balance sheet are on no statement: the country's chart decides.
OFF_BALANCE = "off_balance"


@dataclass(frozen=True)
class Chart:
    """What lines refer to, by ids.

    Args:
        accounts: Those that have a code in the company.
        values: Analytic accounts; the axis of each is its root plan.
        roots: The root plan of each, by its id: values are cut into parts by axes.
        journals: Their codes.
        parts: How distributions cut a line, as far as lines had them.
        axes_of_whole: The axes of lines that they leave whole; None where they cut them.
    """

    accounts: dict[int, Account]
    values: dict[int, AxisValue]
    roots: dict[int, int]
    journals: dict[int, str]
    parts: dict[tuple[Any, ...], list[Part]] = field(default_factory=dict, compare=False)
    axes_of_whole: dict[tuple[Any, ...], AxisSet | None] = field(default_factory=dict, compare=False)


def read_chart(rpc: Rpc, context: Row) -> Chart:
    """The chart as it is now, archived accounts too.

    The code of an account is that of the company which the context names first: an account that several
    companies share has one for each, and none where a company does not use it.
    """
    accounts = rows(rpc, ACCOUNTS, [], context)
    analytic = list(rows(rpc, AXIS_VALUES, [], context))
    roots = {row["id"]: one(row["root_plan_id"]) for row in analytic}
    return Chart(
        accounts={row["id"]: _account(row) for row in accounts if row["code"]},
        values=_values(analytic, roots),
        roots={value: plan for value, (plan, _) in roots.items()},
        journals={row["id"]: row["code"] for row in rows(rpc, JOURNALS, [], context) if row["code"]},
    )


def _account(row: Row) -> Account:
    kind = str(row["account_type"] or OFF_BALANCE)
    if kind == OFF_BALANCE:
        return Account(row["code"], row["name"] or "")
    on_result = kind.startswith(PROFIT_AND_LOSS)
    kinds = AccountType.PROFIT_AND_LOSS if on_result else AccountType.BALANCE_SHEET
    return Account(row["code"], row["name"] or "", kinds)


def _values(analytic: Iterable[Row], roots: dict[int, tuple[int, str]]) -> dict[int, AxisValue]:
    """Odoo lets analytic accounts have no code, or one that others have: their id makes them distinct."""
    plans = Counter(name for _, name in set(roots.values()))
    codes = Counter((roots[row["id"]][0], row["code"]) for row in analytic)
    return {
        row["id"]: AxisValue(
            name if plans[name] == 1 else f"{name} #{plan}",
            _code(row, shared=codes[plan, row["code"]] > 1),
            row["name"] or "",
        )
        for row in analytic
        for plan, name in [roots[row["id"]]]
    }


def _code(row: Row, *, shared: bool) -> str:
    if not row["code"]:
        return f"#{row['id']}"
    return f"{row['code']} #{row['id']}" if shared else str(row["code"])
