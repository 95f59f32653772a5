"""Changing where accounts stand: whole or not at all, with who did it; the next import applies it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.mapping.check import named, problems
from monitr_pipelines.ledger.mapping.placing import Choice, Difference, Given, Placing, changed, differences
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.errors import InconsistentData, Refused
from monitr_pipelines.warehouse.mapping.reading import EntityMapping, read_grounds, read_mapping
from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


class Unplaceable(InconsistentData):
    """Choices that cannot be stored; `findings` tell all that is wrong with them."""

    code = "bad_value"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("Nothing was changed:", findings=findings)


class Overtaken(Refused):
    """Somebody changed the mapping since it was looked at; nothing was changed."""


@dataclass(frozen=True)
class Act:
    """What a person changed at once; `placings` counts all of it, `differences` may be the first of them."""

    change: UUID
    person: str
    at: datetime
    placings: int
    differences: Sequence[Difference]


def save(
    connection: Connection,
    key: str,
    given: Iterable[Given],
    person: str,
    *,
    whole: bool = False,
    seen: int | None = None,
) -> UUID | None:
    """Store what someone wants; returns the id of the change, None where nothing is other than it was.

    `whole`: these are all choices that there shall be. `seen`: the newest change that the person knew of.

    Raises EntityGone, Overtaken where there is a newer one, and Unplaceable with everything that is wrong:
    nothing is stored then.
    """
    every = list(given)
    with database.together(connection):
        mapping = _locked(connection, key)
        if seen is not None and seen != mapping.last_change:
            raise Overtaken("The mapping was changed meanwhile.")
        kept = {} if whole else mapping.choices
        found = problems(every, read_grounds(connection, mapping), kept)
        if found:
            raise Unplaceable(found)
        wanted = changed(kept, every)
        return _apply(
            connection, mapping, differences(mapping.choices, wanted), person, Action.MAPPING_CHANGED
        )


def undo(connection: Connection, key: str, change: UUID, person: str) -> UUID | None:
    """Take a change back, as a change of its own.

    Raises EntityGone, Refused where the entity's structure has no such change, and Unplaceable where
    something of it was changed since, which would be lost.
    """
    with database.together(connection):
        mapping = _locked(connection, key)
        rows = database.run(
            connection, "mapping/change", entity_id=mapping.entity_id, change=change
        ).fetchall()
        if not rows or rows[0]["structure_id"] != mapping.structure_id:
            raise Refused(f"{change} is no change of this mapping.", code="bad_value")
        found = [_difference(row) for row in rows]
        now = {_placing(row): _choice(row["line_now"], row["comment_now"]) for row in rows}
        lost = [each.placing for each in found if now[each.placing] != each.after]
        if lost:
            raise Unplaceable([_lost(each) for each in lost])
        back = [Difference(each.placing, each.after, each.before) for each in found]
        return _apply(connection, mapping, back, person, Action.MAPPING_UNDONE)


def history(connection: Connection, mapping: EntityMapping, *, most: int, shown: int) -> list[Act]:
    """The last changes of a mapping, the latest first; of each the first placings."""
    rows = database.run(
        connection,
        "mapping/history",
        entity_id=mapping.entity_id,
        structure_id=mapping.structure_id,
        most=most,
        shown=shown,
    ).fetchall()
    acts: dict[UUID, Act] = {}
    for row in rows:
        known = acts.get(row["change"])
        before = known.differences if known else ()
        acts[row["change"]] = Act(
            row["change"], row["person"], row["changed_at"], row["placings"], [*before, _difference(row)]
        )
    return list(acts.values())


def _locked(connection: Connection, key: str) -> EntityMapping:
    """The mapping of an entity that nobody else changes until the transaction ends."""
    database.run(connection, "queue/lock_entity", key=key)
    return read_mapping(connection, key)


def _apply(
    connection: Connection,
    mapping: EntityMapping,
    wanted: Sequence[Difference],
    person: str,
    action: Action,
) -> UUID | None:
    if not wanted:
        return None
    change = uuid4()
    columns = {
        "entity_id": mapping.entity_id,
        "structure_id": mapping.structure_id,
        "accounts": [each.placing.account for each in wanted],
        "axes": [each.placing.axis for each in wanted],
        "values": [each.placing.value for each in wanted],
        "lines_before": [each.before and each.before.line for each in wanted],
        "lines": [each.after and each.after.line for each in wanted],
        "comments_before": [each.before and each.before.comment for each in wanted],
        "comments": [each.after and each.after.comment for each in wanted],
        "change": change,
        "person": person,
    }
    for name in ("record", "remove", "store"):
        database.run(connection, f"mapping/{name}", **columns)
    changes.record_of_entity(connection, mapping.key, person, action)
    return change


def _lost(placing: Placing) -> Finding:
    told = sentence("mapping_gone", account=named(placing))
    return Finding(told.kind, told)


def _difference(row: Mapping[str, object]) -> Difference:
    return Difference(
        _placing(row),
        _choice(row["line_before"], row["comment_before"]),
        _choice(row["line_after"], row["comment_after"]),
    )


def _placing(row: Mapping[str, object]) -> Placing:
    return Placing(str(row["account"]), str(row["axis"]), str(row["value"]))


def _choice(line: object, comment: object) -> Choice | None:
    return None if line is None else Choice(str(line), str(comment or ""))
