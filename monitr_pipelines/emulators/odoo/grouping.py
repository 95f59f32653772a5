"""Sums and counts by group: `read_group`, and `formatted_read_group` from 19 on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from monitr_pipelines.emulators.odoo.errors import BadValue
from monitr_pipelines.emulators.odoo.models import Field, Row
from monitr_pipelines.emulators.odoo.orm import Records
from monitr_pipelines.emulators.odoo.wire import FLOAT, Plain, Raw, date_label, plain

MONTHS = {"month": 1, "quarter": 3, "year": 12}
UNITS = ("", "day", *MONTHS)
SUMMED = frozenset({"monetary", FLOAT, "integer"})
AGGREGATES: dict[str, Callable[[list[Raw]], Raw]] = {
    "sum": sum,
    "min": min,
    "max": max,
    "count": len,
    "count_distinct": lambda values: len(set(values)),
}


@dataclass(frozen=True)
class Group:
    """A key to group by: a field, and `day`, `month`, `quarter` or `year` where it is a date."""

    spec: str
    name: str
    field: Field
    unit: str

    def of(self, records: Records, row: Row) -> Raw:
        """The value that a row is grouped under."""
        value = self.field.get(records.env, row)
        if value is None or not self.unit:
            return value
        return self.first(value)

    def first(self, value: date) -> date:
        """The first day of the group that a day is in."""
        months = MONTHS.get(self.unit)
        if months is None:
            return value
        return value.replace(month=(value.month - 1) // months * months + 1, day=1)

    def label(self, records: Records, value: Raw) -> Plain:
        """The value as `read_group` answers it."""
        if value is None:
            return False
        if self.field.relation:
            return records.named(self.field, value, {})
        if self.unit:
            return date_label(self.unit, value)
        return plain(self.field.kind, value)

    def until(self, value: date) -> date:
        """The first day after a group's."""
        months = MONTHS.get(self.unit)
        return self.first(value + timedelta(days=31 * months if months else 1))

    def domain(self, value: Raw) -> list[Plain]:
        """What narrows a search to a group."""
        if self.unit and value is not None:
            until = self.until(value)
            bounds = [[self.name, ">=", value.isoformat()], [self.name, "<", until.isoformat()]]
            return ["&", *bounds]
        return [[self.name, "=", False if value is None else plain(self.field.kind, value)]]


@dataclass
class Gathered:
    """The rows of one group, and what is answered of them."""

    values: tuple[Raw, ...]
    rows: list[Row] = field(default_factory=list)
    answer: dict[str, Plain] = field(default_factory=dict)


def read_group(  # noqa: PLR0917 - as clients give them
    records: Records,
    domain: Raw,
    fields: Sequence[str],
    groupby: Raw,
    offset: int = 0,
    limit: int | None = None,
    orderby: Raw = None,
    lazy: bool = True,  # noqa: FBT001, FBT002 - as clients give it
) -> list[dict[str, Plain]]:
    """Groups with sums; `lazy` (the default) looks at the first key alone.

    A field without an aggregate is summed all the same, if it is a number.
    """
    specs = [groupby] if isinstance(groupby, str) else list(groupby)
    groups = [_group(records, spec) for spec in (specs[:1] if lazy else specs)]
    sums = [_aggregate(records, spec) for spec in fields]
    wanted = [each for each in sums if each is not None and each[0] not in {group.name for group in groups}]
    all_groups = _gather(records, domain, groups)
    for gathered in all_groups:
        found: dict[str, Plain] = {}
        ranges: dict[str, Plain] = {}
        narrowed: list[Plain] = []
        for group, value in zip(groups, gathered.values, strict=True):
            found[group.spec] = group.label(records, value)
            narrowed += group.domain(value)
            if group.unit:
                within = {"from": value.isoformat(), "to": group.until(value).isoformat()} if value else False
                ranges[group.spec] = within
        count = f"{groups[0].name}_count" if lazy and groups else "__count"
        found[count] = len(gathered.rows)
        for name, how, _ in wanted:
            found[name] = _total(records, name, how, gathered.rows)
        if ranges:
            found["__range"] = ranges
        found["__domain"] = [*narrowed, *domain]
        if lazy and len(specs) > 1:
            found["__context"] = {"group_by": specs[1:]}
        gathered.answer = found
    return _page(all_groups, groups, orderby, offset, limit)


def formatted_read_group(  # noqa: PLR0917 - as clients give them
    records: Records,
    domain: Raw,
    groupby: Sequence[str] = (),
    aggregates: Sequence[str] = (),
    having: Raw = (),
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
) -> list[dict[str, Plain]]:
    """Groups with what is asked for: `balance:sum`, `__count`; a date is its first day with a label."""
    if having:
        raise BadValue(f"Invalid having clause {having!r}")
    groups = [_group(records, spec) for spec in groupby]
    all_groups = _gather(records, domain, groups)
    for gathered in all_groups:
        found: dict[str, Plain] = {}
        narrowed: list[Plain] = []
        for group, value in zip(groups, gathered.values, strict=True):
            label = group.label(records, value)
            found[group.spec] = [value.isoformat(), label] if group.unit and value else label
            narrowed += group.domain(value)
        for spec in aggregates:
            name, _, how = spec.partition(":")
            if spec == "__count":
                found[spec] = len(gathered.rows)
            else:
                found[spec] = _total(records, name, how, gathered.rows)
        found["__extra_domain"] = narrowed
        gathered.answer = found
    return _page(all_groups, groups, order, offset, limit)


def _group(records: Records, spec: str) -> Group:
    name, _, unit = spec.partition(":")
    known = records.model.fields.get(name)
    if known is None:
        raise BadValue(f"Invalid field {name!r} on model '{records.model.name}'")
    if unit not in UNITS or (unit and known.kind not in ("date", "datetime")):
        raise BadValue(f"Invalid groupby {spec!r}")
    return Group(spec, name, known, unit or ("month" if known.kind == "date" else ""))


def _aggregate(records: Records, spec: str) -> tuple[str, str, Field] | None:
    name, _, how = spec.partition(":")
    how, _, inner = how.partition("(")
    source = inner.rstrip(")") or name
    known = records.model.fields.get(source)
    if known is None:
        raise BadValue(f"Invalid field {source!r} on model '{records.model.name}'")
    if not how and known.kind not in SUMMED:
        return None
    if name == "id" and not how:
        return None
    return source, how or "sum", known


def _gather(records: Records, domain: Raw, groups: Sequence[Group]) -> list[Gathered]:
    records.model.check(records.env, "read")
    found: dict[tuple[Raw, ...], Gathered] = {}
    for row in records.filtered(domain):
        key = tuple(group.of(records, row) for group in groups)
        found.setdefault(key, Gathered(key)).rows.append(row)
    if not groups and not found:
        found[()] = Gathered(())
    return [found[key] for key in sorted(found, key=_sortable)]


def _page(
    found: list[Gathered], groups: Sequence[Group], order: Raw, offset: int, limit: int | None
) -> list[dict[str, Plain]]:
    """Some groups, ordered by keys and by totals; by the keys where no order is asked for."""
    for term in reversed([text for text in str(order or "").split(",") if text.strip()]):
        name, _, direction = term.strip().partition(" ")
        found.sort(key=_order_key(name, groups), reverse=direction.strip().lower() == "desc")
    return [each.answer for each in found[offset : offset + limit if limit else None]]


def _order_key(name: str, groups: Sequence[Group]) -> Callable[[Gathered], Raw]:
    for position, group in enumerate(groups):
        if name in (group.spec, group.name):
            return lambda gathered: _sortable((gathered.values[position],))

    def total(gathered: Gathered) -> Raw:
        if name not in gathered.answer:
            raise BadValue(f"Order term {name!r} is not a valid aggregate nor valid groupby")
        return gathered.answer[name]

    return total


def _sortable(key: tuple[Raw, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, f"{value:020d}" if isinstance(value, int) else str(value)) for value in key)


def _total(records: Records, name: str, how: str, rows: Sequence[Row]) -> Plain:
    known = records.model.fields.get(name)
    if known is None or how not in AGGREGATES:
        raise BadValue(f"Invalid aggregate '{name}:{how}' on model '{records.model.name}'")
    values = [value for row in rows if (value := known.get(records.env, row)) is not None]
    if how in ("count", "count_distinct"):
        return AGGREGATES[how](values)
    return plain(known.kind, AGGREGATES[how](values)) if values else False
