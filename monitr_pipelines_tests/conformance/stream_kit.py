"""Streams of a source, read to their end and applied to books in memory as the loader does."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from conformance_kit import Case, Software, credentials

from monitr_pipelines.importing.ports import NoLimits, UnstoredTokens
from monitr_pipelines.ledger.changes import Cursor, Delete, Replace, Scope, Upsert
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.contract import End, Item, Ports, Source

Lines = dict[str, LedgerLine]


@contextmanager
def connected(case: Case, software: Software) -> Iterator[Source]:
    """A source of the administration that is imported, with credentials of its own."""
    ports = Ports(UnstoredTokens(credentials(software)), NoLimits(), case.conformance.application)
    source = case.provider.connect(software.administration, ports)
    try:
        yield source
    finally:
        source.close()


def read(case: Case, software: Software, cursor: Cursor | None = None) -> list[Item]:
    """A stream of a source of its own, its lines in lists so that they can be looked at twice."""
    with connected(case, software) as source:
        return played(source.transactions(as_stored(cursor)))


def played(items: Iterable[Item]) -> list[Item]:
    return [
        replace(item, lines=list(item.lines)) if isinstance(item, Replace | Upsert) else item
        for item in items
    ]


def as_stored(cursor: Cursor | None) -> Any:  # noqa: ANN401 - whatever JSON can say
    """A cursor as the database gives it back."""
    return None if cursor is None else json.loads(json.dumps(cursor))


def changed_lines(items: Iterable[Item]) -> list[LedgerLine]:
    """All lines of a stream, in its order."""
    return [line for item in items if isinstance(item, Replace | Upsert) for line in item.lines]


def deleted_keys(items: Iterable[Item]) -> list[str]:
    return [key for item in items if isinstance(item, Delete) for key in item.keys]


def end_of(items: Iterable[Item]) -> End:
    """The last item of a stream; there is no other of its kind."""
    (end,) = [item for item in items if isinstance(item, End)]
    return end


def applied(items: Iterable[Item], books: Lines) -> Lines:
    """What books are after a stream: scopes without what no part of them named, changes, deletions."""
    found: Lines = {}
    scopes: list[Scope] = []
    gone: set[str] = set()
    for item in items:
        match item:
            case Replace(scope, lines):
                assert all(scope.contains(line) for line in lines)
                scopes.append(scope)
                _take(lines, found)
            case Upsert(lines):
                _take(lines, found)
            case Delete(keys):
                gone |= set(keys)
    kept = {
        key: line for key, line in books.items() if not any(scope.contains(line) for scope in scopes)
    } | found
    return {key: line for key, line in sorted(kept.items()) if key not in gone}


def _take(lines: Iterable[LedgerLine], found: Lines) -> None:
    """A key that comes twice is the same, or of different versions, of which the higher counts."""
    for line in lines:
        known = found.get(line.external_id)
        assert known is None or known == line or known.version != line.version, line.external_id
        if known is None or known.version < line.version:
            found[line.external_id] = line
