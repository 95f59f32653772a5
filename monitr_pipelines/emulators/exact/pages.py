"""A page of rows: what a query asks for, which rows answer it, and the address of the next page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

from monitr_pipelines.emulators.exact.divisions import code_of
from monitr_pipelines.emulators.exact.entities import TIMESTAMP, EntitySet
from monitr_pipelines.emulators.exact.fields import Edm
from monitr_pipelines.emulators.exact.filters import (
    BadRequest,
    Comparable,
    Filter,
    comparable,
    parse_filter,
    parse_literals,
    write_literal,
)
from monitr_pipelines.emulators.exact.lines import Row
from monitr_pipelines.emulators.shared.records import Company

OPTIONS = ("$select", "$filter", "$top", "$skiptoken", "$format")
# What an address may hold as it is; the rest is escaped.
PLAIN = "'(),*:"


@dataclass(frozen=True)
class Query:
    """What is asked of an endpoint: fields (None: all), rows, how many, and behind which key."""

    select: tuple[str, ...] | None
    filter: Filter | None
    top: int | None
    behind: Comparable


@dataclass(frozen=True)
class Host:
    """Where answers say that they come from.

    Args:
        address: Of the addresses within answers.
        bare: Whether an answer without a next page is an array, as services of OData version 1 have it.
    """

    address: str
    bare: bool = False


def parse_query(entity: EntitySet, parameters: Mapping[str, str]) -> Query:
    """Read the options of an address.

    Raises:
        BadRequest: One of them is unknown or cannot be granted.
    """
    for name in parameters:
        if name.startswith("$") and name not in OPTIONS:
            raise BadRequest(f"The query option '{name}' is not supported for this resource.")
    if parameters.get("$format", "json") != "json":
        raise BadRequest("The format is not supported.")
    chosen = parameters.get("$filter")
    found = None if chosen is None else parse_filter(chosen, entity.fields)
    if found and entity.sync:
        _by_version_alone(found)
    return Query(_selected(entity, parameters), found, _top(parameters), _behind(entity, parameters))


def make_page(
    entity: EntitySet, company: Company, query: Query, parameters: Mapping[str, str], host: Host
) -> Mapping[str, object]:
    """The document of a page."""
    limit = entity.page if query.top is None else min(query.top, entity.page)
    rows = list(islice(_rows(entity, company, query), limit + 1))
    base = f"{host.address}/api/v1/{code_of(company.id)}/{entity.path}"
    if entity.path.startswith("current/"):
        base = f"{host.address}/api/v1/{entity.path}"
    results = [_shown(entity, row, query.select, base) for row in rows[:limit]]
    remaining = None if query.top is None else query.top - limit
    if len(rows) > limit and remaining != 0:
        asked = {name: text for name, text in parameters.items() if name in ("$select", "$filter")}
        if remaining is not None:
            asked["$top"] = str(remaining)
        asked["$skiptoken"] = write_literal(rows[limit - 1][entity.key], entity.fields[entity.key])
        options = "&".join(f"{name}={quote(text, safe=PLAIN)}" for name, text in asked.items())
        return {"d": {"results": results, "__next": f"{base}?{options}"}}
    return {"d": results if host.bare or query.top is not None else {"results": results}}


def _rows(entity: EntitySet, company: Company, query: Query) -> Iterable[Row]:
    if entity.sync:
        return entity.rows(company, max(_lower_bound(query.filter), _number(query.behind)))
    kind = entity.fields[entity.key]
    rows = sorted(entity.rows(company, 0), key=lambda row: _order(row[entity.key]))
    return (
        row
        for row in rows
        if (query.behind is None or _order(comparable(row[entity.key], kind)) > _order(query.behind))
        and (query.filter is None or query.filter.passes(row))
    )


def _order(key: object) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, str(key))


def _number(behind: Comparable) -> int:
    return behind if isinstance(behind, int) else -1


def _lower_bound(of: Filter | None) -> int:
    if of is None:
        return -1
    (only,) = of.comparisons
    return _number(only.literal.value) - (only.operator == "ge")


def _by_version_alone(of: Filter) -> None:
    others = sorted({each.field for each in of.comparisons} - {TIMESTAMP})
    if others:
        raise BadRequest(f"Filtering on these fields is not supported: {', '.join(others)}.")
    if len(of.comparisons) != 1 or of.comparisons[0].operator not in ("gt", "ge"):
        raise BadRequest("This $filter parameter is not supported for this resource.")


def _selected(entity: EntitySet, parameters: Mapping[str, str]) -> tuple[str, ...] | None:
    if "$select" not in parameters:
        return None
    names = tuple(name.strip() for name in parameters["$select"].split(","))
    for name in names:
        if name not in entity.fields:
            raise BadRequest(f"Could not find a property named '{name}' on type '{entity.type}'.")
    return names


def _top(parameters: Mapping[str, str]) -> int | None:
    text = parameters.get("$top")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(f"Incorrect format for $top argument '{text}'.")
    return int(text)


def _behind(entity: EntitySet, parameters: Mapping[str, str]) -> Comparable:
    text = parameters.get("$skiptoken")
    if text is None:
        return None
    literals = parse_literals(text)
    if len(literals) != 1 or literals[0].value is None or not literals[0].fits(entity.fields[entity.key]):
        raise BadRequest(f"The skip token does not fit {entity.type}.")
    return literals[0].value


def _shown(entity: EntitySet, row: Row, select: tuple[str, ...] | None, base: str) -> Row:
    uri = f"{base}({write_literal(row[entity.key], entity.fields[entity.key])})"
    shown: Row = {"__metadata": {"uri": uri, "type": entity.type}}
    for name in entity.fields if select is None else select:
        navigates = entity.fields[name] is Edm.NAVIGATION
        shown[name] = {"__deferred": {"uri": f"{uri}/{name}"}} if navigates else row.get(name)
    return shown
