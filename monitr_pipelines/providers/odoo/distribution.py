"""How an analytic distribution divides a line.

`{"3": 60.0, "4": 40.0}` are percentages of the line. A key such as `"3,7"` joins accounts of several plans,
which stand together; keys of different plans each stand for their own hundred. What the keys of a plan
leave is allocated to nobody, and what they take beyond a hundred is taken back by a part without values.

Odoo's own analytic items round each key by itself, so that thirds do not add up to the line. Here the
percentages are laid along the line and its amount is cut at the rounded ends, so that they do.
"""

from collections.abc import Iterable
from decimal import Decimal

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.odoo.chart import Chart
from monitr_pipelines.providers.odoo.faults import contradiction
from monitr_pipelines.providers.parts import Allocation, Part, cut, proportion, smallest_unit

WHOLE = Decimal(100)
MOST_KEPT = 10_000


def accounts_of(distribution: object) -> set[int]:
    """Ids of the analytic accounts in the keys of a distribution."""
    return {id_ for ids, _ in _shares(distribution) for id_ in ids}


def divided(line: LedgerLine, distribution: object, chart: Chart) -> list[LedgerLine]:
    """A line as it is, or in parts with ids like `12/1` that add up to it.

    Analytic accounts that the chart does not know were deleted: Odoo itself passes over them.
    """
    if not distribution:
        return [line]
    parts = _parts(distribution, chart)
    if _is_whole(parts):
        return [line._replace(axes=_axes(parts[0], chart))]
    shares = list(zip(parts, _amounts(line.amount, parts), _foreign(line, parts), strict=True))
    kept = [share for share in shares if share[1] or share[2]] or shares[:1]
    if len(kept) == 1:
        return [line._replace(axes=_axes(kept[0][0], chart))]
    return [
        line._replace(
            external_id=f"{line.external_id}/{number}",
            amount=amount,
            axes=_axes(part, chart),
            foreign_amount=foreign,
            foreign_currency=None if foreign is None else line.foreign_currency,
        )
        for number, (part, amount, foreign) in enumerate(kept, 1)
    ]


def axes_of_whole(distribution: object, chart: Chart) -> tuple[tuple[str, str], ...] | None:
    """The axes of a line that a distribution leaves whole; None where it may cut it, or is none."""
    if not isinstance(distribution, dict):
        return None
    key = tuple(distribution.items())
    if key not in chart.axes_of_whole:
        parts = _parts(distribution, chart)
        if len(chart.axes_of_whole) >= MOST_KEPT:
            chart.axes_of_whole.clear()
        chart.axes_of_whole[key] = _axes(parts[0], chart) if _is_whole(parts) else None
    return chart.axes_of_whole[key]


def _is_whole(parts: list[Part]) -> bool:
    """As most lines are: one piece."""
    return len(parts) == 1 and not parts[0].extra


def _parts(distribution: object, chart: Chart) -> list[Part]:
    """How a distribution cuts a hundred; many lines have the same one."""
    known = chart.parts
    key = tuple(distribution.items()) if isinstance(distribution, dict) else ()
    parts = known.get(key)
    if parts is None:
        if len(known) >= MOST_KEPT:
            known.clear()
        parts = known[key] = cut(WHOLE, list(_allocations(distribution, chart)))
    return parts


def _shares(distribution: object) -> Iterable[tuple[list[int], Decimal]]:
    if not distribution:
        return
    if not isinstance(distribution, dict):
        raise contradiction("an analytic distribution is none")
    for key, percentage in distribution.items():
        ids = key.split(",")
        if not all(id_.isdecimal() for id_ in ids) or not isinstance(percentage, int | Decimal):
            raise contradiction("an analytic distribution is none")
        yield list(map(int, ids)), Decimal(percentage)


def _allocations(distribution: object, chart: Chart) -> Iterable[Allocation]:
    """Those that join most plans first: the others find their place beside them."""
    shares = [
        (tuple(id_ for id_ in sorted(ids) if id_ in chart.values), percentage)
        for ids, percentage in _shares(distribution)
    ]
    for ids, percentage in sorted(shares, key=lambda share: (-len(share[0]), share[0])):
        values: dict[int, int] = {}
        for id_ in ids:
            if values.setdefault(chart.roots[id_], id_) != id_:  # two of one plan cannot stand together
                yield Allocation(percentage, {chart.roots[id_]: id_})
        if values:
            yield Allocation(percentage, values)


def _amounts(total: Decimal, parts: list[Part]) -> list[Decimal]:
    along = proportion(total, parts, WHOLE)
    unit = smallest_unit(total)
    beyond = [
        (total * part.amount / WHOLE).quantize(unit) if part.extra and part.values else ZERO for part in parts
    ]
    back = -sum(beyond, ZERO)
    return [
        share if share is not None else (size if part.values else back)
        for part, share, size in zip(parts, along, beyond, strict=True)
    ]


def _foreign(line: LedgerLine, parts: list[Part]) -> list[Decimal | None]:
    if line.foreign_amount is None:
        return [None] * len(parts)
    return proportion(line.foreign_amount, parts, WHOLE)


def _axes(part: Part, chart: Chart) -> tuple[tuple[str, str], ...]:
    values = (chart.values[value] for value in part.values.values())
    return tuple(sorted((value.axis, value.code) for value in values))
