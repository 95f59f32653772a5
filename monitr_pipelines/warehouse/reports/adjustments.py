"""Adjusting entries of people: kept beside the ledger, judged before they are kept, and added to reports.

Whoever changes them takes the turn of the entity, as an import does when it makes figures, so that the mart
of adjustments never mixes two states.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from psycopg.rows import DictRow

from monitr_pipelines.ledger.findings import Finding, listing
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.reported.adjusting import AdjustingEntry, imbalances
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.books.loader import lock_entity
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

ADJUSTMENT = Mirror(
    "marts.adjustment",
    "reports/adjustment.sql",
    ("line", "month"),
    ("amount", "year_to_date"),
    stamped=False,
)


@dataclass(frozen=True)
class Changed:
    """What a change did. `repeated`: how many added entries equal ones that were there already."""

    added: int = 0
    removed: int = 0
    repeated: int = 0


def add(
    connection: Connection,
    key: str,
    entries: Sequence[AdjustingEntry],
    person: str,
    *,
    replace: bool,
    found: Sequence[Finding] = (),
) -> Changed:
    """Keep the entries of an entity, beside those that it has or in their place, and add them to reports.

    `found`: what was wrong already with what they were read from; then nothing is kept, and all is told.

    Raises:
        EntityGone: There is no such entity.
        Refused: Entries name what there is not, or a month of them does not add up to zero; all of these are
            told. Nothing was changed.
    """
    with connection.transaction():
        entity_id = _locked(connection, key)
        before = stored(connection, entity_id)
        kept = [] if replace else [_entry(row) for row in before]
        sums = [] if found else _unbalanced([*kept, *entries])
        _refuse([*found, *_unknown(connection, entity_id, entries), *sums])
        removed = _remove(connection, entity_id, [row["id"] for row in before], person) if replace else 0
        _insert(connection, entity_id, entries, person)
        ADJUSTMENT.refresh(connection, {"entity_id": entity_id})
    known = Counter(entry._replace(row=None) for entry in kept)
    new = Counter(entry._replace(row=None) for entry in entries)
    return Changed(len(entries), removed, sum((known & new).values()))


def remove(connection: Connection, key: str, wanted: Callable[[DictRow], bool], person: str) -> Changed:
    """Take the entries that are `wanted` out of reports; they stay in the history, with who removed them.

    Raises:
        EntityGone: There is no such entity.
        Refused: What is left of a month would not add up to zero. Nothing was changed.
    """
    with connection.transaction():
        entity_id = _locked(connection, key)
        before = stored(connection, entity_id)
        gone = [row["id"] for row in before if wanted(row)]
        _refuse(_unbalanced([_entry(row) for row in before if row["id"] not in gone]))
        removed = _remove(connection, entity_id, gone, person)
        ADJUSTMENT.refresh(connection, {"entity_id": entity_id})
    return Changed(removed=removed)


def stored(connection: Connection, entity_id: int, *, with_removed: bool = False) -> list[DictRow]:
    """The entries of an entity by month, in the order in which they were added."""
    return database.run(
        connection, "adjustments/stored", entity_id=entity_id, with_removed=with_removed
    ).fetchall()


def entries_of(connection: Connection, key: str) -> list[AdjustingEntry]:
    """The entries of an entity as they were written; EntityGone where there is no such entity."""
    return [_entry(row) for row in stored(connection, entity_of(connection, key))]


def entity_of(connection: Connection, key: str) -> int:
    """The id of an entity; EntityGone where there is none of that key."""
    row = connection.execute(
        "select id from app.entity where key = %s and status <> 'Deleted'", [key]
    ).fetchone()
    if row is None:
        raise EntityGone(f"There is no entity {key!r}.", code="unknown_entity")
    return int(row["id"])


def _locked(connection: Connection, key: str) -> int:
    entity_id = entity_of(connection, key)
    lock_entity(connection, entity_id)
    return entity_id


def _entry(row: DictRow) -> AdjustingEntry:
    return AdjustingEntry(
        Month.of(row["month"]),
        row["account"],
        row["line"],
        row["axis"],
        row["axis_value"],
        row["amount"],
        row["reason"],
    )


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise Refused(f"Nothing was changed.\n{listing(findings)}")


def _unbalanced(entries: Sequence[AdjustingEntry]) -> list[Finding]:
    return [
        Finding("adjusting_sum", sentence("adjusting_sum", month=month, amount=total))
        for month, total in imbalances(entries).items()
    ]


def _unknown(connection: Connection, entity_id: int, entries: Sequence[AdjustingEntry]) -> list[Finding]:
    """Entries on accounts, lines and axis values that the entity does not have."""
    rows = database.run(
        connection,
        "adjustments/unknown",
        entity_id=entity_id,
        numbers=list(range(len(entries))),
        accounts=[entry.account for entry in entries],
        lines=[entry.line for entry in entries],
        axes=[entry.axis for entry in entries],
        axis_values=[entry.axis_value for entry in entries],
    ).fetchall()
    findings = []
    for row in rows:
        entry = entries[row["number"]]
        told = {
            "account": sentence("adjusting_unknown_account", account=entry.account),
            "line": sentence("adjusting_unknown_line", line=entry.line),
            "axis": sentence("adjusting_unknown_axis", axis=entry.axis, value=entry.axis_value),
        }[row["what"]]
        findings.append(Finding(told.kind, told, line=entry.row, column=row["what"]))
    return findings


def _insert(connection: Connection, entity_id: int, entries: Sequence[AdjustingEntry], person: str) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            database.statement("adjustments/add.sql"),
            [
                {
                    **entry._asdict(),
                    "entity_id": entity_id,
                    "month": entry.month.first_day,
                    "person": person,
                }
                for entry in entries
            ],
        )


def _remove(connection: Connection, entity_id: int, ids: Collection[int], person: str) -> int:
    return database.run(
        connection, "adjustments/remove", entity_id=entity_id, ids=list(ids), person=person
    ).rowcount
