"""Files in the order of their import: what each would do and ask, those before it counted as imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.importing.beforehand.doubts import doubt
from monitr_pipelines.importing.beforehand.expected import expected
from monitr_pipelines.importing.beforehand.outlook import Outlook, outlook
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.lifecycle.errors import ImportProblem, Refused
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Foreseen:
    """What an import would do, and what it would ask or is refused for.

    `outlook` is None where the file was not looked at to its end, or holds no lines. `uncounted`: files
    before this one are not in the outlook, for nobody knows what they bring, or they stay behind.
    """

    outlook: Outlook | None
    problem: ImportProblem | None
    uncounted: bool = False

    @property
    def asks(self) -> bool:
        """Whether an answer lets it pass, or another look; of what is refused neither does."""
        if self.problem is None:
            return False
        answered = any(message.answers for message in self.problem.messages)
        return answered or isinstance(self.problem, NeedsAnswer | Refused)


def foresee(
    connection: Connection,
    entity: Entity,
    files: Iterable[tuple[Preview, Mapping[str, Any]]],
    today: date,
) -> list[Foreseen]:
    """What importing files one after another would do; each with what was accepted of it."""
    ledger = expected(connection, entity)
    told: list[Foreseen] = []
    uncounted = False
    for seen, accepted in files:
        problem = doubt(entity, seen, accepted, today, ledger)
        told.append(Foreseen(outlook(connection, entity, seen, ledger), problem, uncounted))
        if seen.whole and (problem is None or told[-1].asks):
            ledger = ledger.after(seen)
        else:
            uncounted = True
    return told
