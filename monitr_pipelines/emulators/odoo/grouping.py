"""Sums and counts by group: `read_group`, and `formatted_read_group` from 19 on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from monitr_pipelines.emulators.odoo.errors import BadValue
from monitr_pipelines.emulators.odoo.models import Field, Row
from monitr_pipelines.emulators.odoo.orm import Records
from monitr_pipelines.emulators.odoo.wire import FLOAT, Plain, Raw, month_label, plain

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
    """A key to group by: a field, and `month` or `year` where it is a date."""

    spec: str
    name: str
    field: Field
    unit: str

    def of(self, records: Records, row: Row) -> Raw:
        """The value that a row is grouped under."""
        value = self.field.get(records.env, row)
        if value is None or not self.unit:
            return value
        return value.replace(day=1) if self.unit == "month" else value.replace(month=1, day=1)

    def label(self, records: Records, value: Raw) -> Plain:
        """The value as `read_group` answers it."""
        if value is None:
            return False
        if self.field.relation:
            return records.named(self.field, value, {})
        if self.unit:
            return month_label(value) if self.unit == "month" else f"{value:%Y}"
        return plain(self.field.kind, value)

    def until(self, value: date) -> date:
        """The first day after a group's."""
        days = 31 if self.unit == "month" else 366
        later = value + timedelta(days=days)
        return later.replace(day=1) if self.unit == "month" else later.replace(month=1, day=1)

    def domain(self, value: Raw) -> list[Plain]:
        """What narrows a search to a group."""
        if self.unit and value is not None:
            until = self.until(value)
            bounds = [[self.name, ">=", value.isoformat()], [self.name, "<", until.isoformat()]]
            return ["&", *bounds]
        return [[self.name, "=", False if value is None else plain(self.field.kind, value)]]


@dataclass
class Gathered:
    """The rows of one group."""

    values: tuple[Raw, ...]
    rows: list[Row] = field(default_factory=list)


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
    if orderby not in (False, None, ""):
        raise BadValue(f"Invalid order {orderby!r}")
    specs = [groupby] if isinstance(groupby, str) else list(groupby)
    groups = [_group(records, spec) for spec in (specs[:1] if lazy else specs)]
    sums = [_aggregate(records, spec) for spec in fields]
    wanted = [each for each in sums if each is not None and each[0] not in {group.name for group in groups}]
    answer: list[dict[str, Plain]] = []
    for gathered in _gather(records, domain, groups)[offset : offset + limit if limit else None]:
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
        answer.append(found)
    return answer


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
    if having or order:
        raise BadValue("Invalid having or order")
    groups = [_group(records, spec) for spec in groupby]
    answer: list[dict[str, Plain]] = []
    for gathered in _gather(records, domain, groups)[offset : offset + limit if limit else None]:
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
        answer.append(found)
    return answer


def _group(records: Records, spec: str) -> Group:
    name, _, unit = spec.partition(":")
    known = records.model.fields.get(name)
    if known is None:
        raise BadValue(f"Invalid field {name!r} on model '{records.model.name}'")
    if unit not in ("", "month", "year") or (unit and known.kind not in ("date", "datetime")):
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
