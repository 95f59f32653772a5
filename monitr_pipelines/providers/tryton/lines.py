"""Records of Tryton's move lines as ledger lines, with their shares of the analytic axes."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import InconsistentData

# A value of an axis: the codes of both.
Value: TypeAlias = tuple[str, str]
# What one axis says of a line: how much of it belongs to which value; None where to none.
Shares: TypeAlias = list[tuple[Value | None, Decimal]]


def code_of(account: Mapping[str, Any]) -> str:
    """The code of an account; Tryton lets it be empty, and then its id stands for it."""
    return str(account["code"] or f"#{account['id']}")


def ledger_lines(record: Mapping[str, Any], values: Mapping[int, Value]) -> Iterator[LedgerLine]:
    """The ledger lines of a move line: one, or its parts where an axis divides it.

    Amounts are debit - credit, which Tryton allows to be negative on either side. Parts are numbered
    behind the id of the line and add up to it exactly; so do their foreign amounts, and the parts of each
    value to what Tryton has for it. The dates of analytic lines, which may differ, are not the ledger's.
    """
    amount = record["debit"] - record["credit"]
    parts = divided(amount, shares_of(record, values))
    foreign = _in_proportion(record["amount_second_currency"], [share for _, share in parts])
    for number, ((axes, share), foreign_share) in enumerate(zip(parts, foreign, strict=True), 1):
        external_id = str(record["id"]) if len(parts) == 1 else f"{record['id']}/{number}"
        yield _line(record, external_id, share, axes, foreign_share)


def shares_of(record: Mapping[str, Any], values: Mapping[int, Value]) -> list[Shares]:
    """What each axis says of a line, in the order of the axes; a rest that no value has comes last."""
    amount = record["debit"] - record["credit"]
    by_axis: dict[str, dict[Value, Decimal]] = {}
    for share in record["analytic_lines."] or ():
        value = values.get(share["account"])
        if value is None:
            raise InconsistentData(
                "Tryton has an analytic line whose analytic account it does not list.",
                detail=f"line {record['id']}, analytic account {share['account']}",
            )
        of_axis = by_axis.setdefault(value[0], {})
        of_axis[value] = of_axis.get(value, ZERO) + share["debit"] - share["credit"]
    found = []
    for _, of_axis in sorted(by_axis.items()):
        shares: Shares = [(value, share) for value, share in sorted(of_axis.items()) if share]
        rest = amount - sum((share for _, share in shares), ZERO)
        found.append([*shares, (None, rest)] if rest or not shares else shares)
    return found


def divided(amount: Decimal, axes: list[Shares]) -> list[tuple[tuple[Value, ...], Decimal]]:
    """A line's parts: sets of values and the amount of each, which add up to the line.

    The shares of each axis are laid side by side along the line, and every cut of any axis is a cut: which
    of two values of different axes meet is for nobody to know, but what each value has is exact. Where
    shares point the other way than the line, or go beyond it, each is a part of its own, and the rest one.
    """
    if all(_lies_along(amount, shares) for shares in axes):
        return _side_by_side(amount, axes)
    parts: list[tuple[tuple[Value, ...], Decimal]] = [
        ((value,), share) for shares in axes for value, share in shares if value is not None
    ]
    rest = amount - sum((share for _, share in parts), ZERO)
    return [*parts, ((), rest)] if rest else parts


def _lies_along(amount: Decimal, shares: Shares) -> bool:
    return all(share * amount >= 0 for _, share in shares)


def _side_by_side(amount: Decimal, axes: list[Shares]) -> list[tuple[tuple[Value, ...], Decimal]]:
    ends = [_ends(shares) for shares in axes]
    cuts = sorted({ZERO, amount, *(end for axis in ends for end, _ in axis)}, key=abs)
    if len(cuts) == 1:  # a line of nothing
        return [((), amount)]
    parts = []
    for start, stop in pairwise(cuts):
        held = (next(value for end, value in axis if abs(end) > abs(start)) for axis in ends)
        parts.append((tuple(value for value in held if value is not None), stop - start))
    return parts


def _ends(shares: Shares) -> list[tuple[Decimal, Value | None]]:
    """Where each share of an axis ends along the line."""
    position, found = ZERO, []
    for value, share in shares:
        position += share
        found.append((position, value))
    return found


def _in_proportion(total: Decimal | None, shares: list[Decimal]) -> list[Decimal | None]:
    """An amount divided like other ones, to its own smallest unit; the parts add up to it."""
    if total is None or len(shares) == 1:
        return [total] * len(shares)
    whole = sum(shares, ZERO)
    unit = Decimal(1).scaleb(total.as_tuple().exponent)  # type: ignore[arg-type]  # it is finite
    reached, given, found = ZERO, ZERO, []
    for share in shares:
        reached += share
        stop = (total * reached / whole).quantize(unit) if whole else ZERO
        found.append(stop - given)
        given = stop
    found[-1] += total - given
    return list(found)


def _line(
    record: Mapping[str, Any],
    external_id: str,
    amount: Decimal,
    axes: tuple[Value, ...],
    foreign: Decimal | None,
) -> LedgerLine:
    move = record["move."]
    return LedgerLine(
        external_id=external_id,
        booking_date=move["date"],
        account_code=code_of(record["account."]),
        amount=amount,
        booking=str(move["id"]),
        line_number=str(record["id"]),
        period=move["period."]["name"],
        journal=move["journal."]["code"] or move["journal."]["name"],
        document_number=move["number"],
        relation=record["party."] and record["party."]["name"],
        description=record["description"] or move["description"],
        foreign_amount=foreign,
        foreign_currency=record["second_currency."] and record["second_currency."]["code"],
        axes=axes,
    )
