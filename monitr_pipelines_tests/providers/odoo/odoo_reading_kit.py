"""Streams of the connector, applied as the loader applies them."""

import json
from collections.abc import Iterable

from odoo_server_kit import Odoo

from monitr_pipelines.ledger.changes import Cursor, Replace, Scope
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.contract import End, Item

Lines = dict[str, LedgerLine]


def read(odoo: Odoo, cursor: Cursor | None = None, company: int = 3) -> list[Item]:
    """A stream to its end; cursors come as the database gives them back."""
    source = odoo.source(company)
    try:
        items = source.transactions(cursor and json.loads(json.dumps(cursor)))
        return [
            Replace(item.scope, list(item.lines)) if isinstance(item, Replace) else item for item in items
        ]
    finally:
        source.close()


def apply(items: Iterable[Item], lines: Lines) -> End:
    """Lines that are named stay; what else lies in a scope goes when the stream ends."""
    scopes: list[Scope] = []
    named: set[str] = set()
    for item in items:
        if isinstance(item, Replace):
            scopes.append(item.scope)
            for line in item.lines:
                assert item.scope.contains(line)
                assert line.external_id not in named, "a key comes twice"
                named.add(line.external_id)
                lines[line.external_id] = line
        elif isinstance(item, End):
            for key in lines.keys() - named:
                if any(scope.contains(lines[key]) for scope in scopes):
                    del lines[key]
            return item
    raise AssertionError("the stream has no end")


def full(odoo: Odoo, company: int = 3) -> tuple[Lines, End]:
    lines: Lines = {}
    end = apply(read(odoo, None, company), lines)
    return lines, end
