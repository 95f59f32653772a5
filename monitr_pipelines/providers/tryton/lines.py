"""Rows of move lines as lines of the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.parts import Allocation, Part, cut, proportion
from monitr_pipelines.providers.tryton.chart import Chart
from monitr_pipelines.providers.tryton.faults import contradiction
from monitr_pipelines.providers.tryton.reading import Row


def lines_of(page: Iterable[Row], chart: Chart) -> Iterator[LedgerLine]:
    """The lines of a page; those that several values of an axis share in parts, with ids like `12/1`."""
    for row in page:
        whole = _line(row, chart)
        parts = cut(whole.amount, _allocations(row, chart))
        if len(parts) == 1:
            yield whole._replace(axes=_axes(parts[0], chart))
        else:
            yield from _shared(whole, parts, chart)


def accounts_in(page: Iterable[Row]) -> set[int]:
    """Ids of the accounts that a page refers to."""
    return {row["account"] for row in page}


def values_in(page: Iterable[Row]) -> set[int]:
    """Ids of the axis values that a page refers to."""
    return {allocated["account"] for row in page for allocated in row.get("analytic_lines.") or ()}


def refuse_others(page: Iterable[Row], company: int) -> None:
    """Raise InconsistentData where a line is not the company's."""
    if any(row["move."]["company"] != company for row in page):
        raise contradiction("lines of another company")


def _line(row: Row, chart: Chart) -> LedgerLine:
    move, currency = row["move."], row["second_currency."]
    journal = move["journal."]
    return LedgerLine(
        external_id=str(row["id"]),
        booking_date=move["date"],
        account_code=chart.accounts[row["account"]].code,
        amount=row["debit"] - row["credit"],
        booking=str(move["id"]),
        period=move["period."]["name"],
        journal=journal["code"] or journal["name"],
        document_number=move["number"],
        relation=row["party."]["name"] if row["party."] else None,
        description=row["description"] or move["description"] or None,
        foreign_amount=row["amount_second_currency"] if currency else None,
        foreign_currency=currency["code"] if currency else None,
    )


def _allocations(row: Row, chart: Chart) -> list[Allocation]:
    """What values take of a line, by axis. Debit positive as in the ledger, unlike Tryton's `balance`.

    Tryton does not tell how axes go together: each value is allocated by itself, by ascending ids.
    """
    taken: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for allocated in row.get("analytic_lines.") or ():
        value = allocated["account"]
        taken[chart.roots[value], value] += allocated["debit"] - allocated["credit"]
    return [Allocation(size, {axis: value}) for (axis, value), size in sorted(taken.items())]


def _axes(part: Part, chart: Chart) -> tuple[tuple[str, str], ...]:
    values = (chart.values[value] for value in part.values.values())
    return tuple(sorted((value.axis, value.code) for value in values))


def _shared(whole: LedgerLine, parts: list[Part], chart: Chart) -> Iterator[LedgerLine]:
    foreign: list[Decimal | None] = [None] * len(parts)
    if whole.foreign_amount is not None:
        foreign = proportion(whole.foreign_amount, parts, whole.amount)
    for number, (part, foreign_amount) in enumerate(zip(parts, foreign, strict=True), 1):
        yield whole._replace(
            external_id=f"{whole.external_id}/{number}",
            amount=part.amount,
            axes=_axes(part, chart),
            foreign_amount=foreign_amount,
            foreign_currency=None if foreign_amount is None else whole.foreign_currency,
        )
