"""The parameters `where` and `order`, as far as readers of masters use them: equality of texts, one field."""

import re
from collections.abc import Sequence
from typing import TypeAlias

from monitr_pipelines.emulators.xero.forms import BadRequest

Row: TypeAlias = dict[str, object]

AND = re.compile(r"\s+AND\s+|\s*&&\s*")
EQUAL = re.compile(r'\s*(?P<field>\w+)\s*==\s*"(?P<text>[^"]*)"\s*')
ORDER = re.compile(r"\s*(?P<field>\w+)(?:\s+(?P<way>ASC|DESC))?\s*")


def chosen(rows: Sequence[Row], fields: frozenset[str], where: str | None, order: str | None) -> list[Row]:
    """The rows that fulfil a condition, in an order.

    Raises:
        BadRequest: One of the two cannot be understood, or speaks of a field that there is not.
    """
    found = list(rows)
    for condition in AND.split(where) if where else ():
        match = EQUAL.fullmatch(condition)
        name = _field(match, fields, condition)
        text = match["text"] if match else ""
        found = [row for row in found if row.get(name) == text]
    if order:
        match = ORDER.fullmatch(order)
        name = _field(match, fields, order)
        found.sort(key=lambda row: str(row.get(name, "")), reverse=bool(match and match["way"] == "DESC"))
    return found


def _field(match: re.Match[str] | None, fields: frozenset[str], text: str) -> str:
    if match is None:
        raise BadRequest("QueryParseException", f"Cannot parse '{text[:80]}'")
    if match["field"] not in fields:
        raise BadRequest("QueryParseException", f"No property or field '{match['field']}' exists")
    return match["field"]
