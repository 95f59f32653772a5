"""Files in the order of their import: what each would do and ask, those before it counted as imported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from monitr_pipelines.files.reading.printed.codes import typed
from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.importing.beforehand.doubts import doubt
from monitr_pipelines.importing.beforehand.expected import expected
from monitr_pipelines.importing.beforehand.outlook import Outlook, outlook
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import ImportProblem, Refused
from monitr_pipelines.lifecycle.messages import Option
from monitr_pipelines.warehouse.books.doubts import opening_stated_again
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Foreseen:
    """What an import would do, and what it would ask or is refused for.

    `outlook` is None where the file was not looked at to its end, or holds no lines. `uncounted`: files
    before this one are not in the outlook, for nobody knows what they bring, or they stay behind.
    `findings`: what the import would tell besides what the reading of the file found.
    """

    outlook: Outlook | None
    problem: ImportProblem | None
    uncounted: bool = False
    findings: Sequence[Finding] = ()

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
    for looked, accepted in files:
        said = accepted.get(Option.ACCOUNT_TYPE)
        known = said if said in set(AccountType) else None
        seen = replace(looked, told=typed(looked.told, ledger.accounts, known))
        problem = doubt(entity, seen, accepted, today, ledger)
        coming = outlook(connection, entity, seen, ledger)
        told.append(Foreseen(coming, problem, uncounted, list(_told(seen)) if seen.whole else ()))
        if seen.whole and (problem is None or told[-1].asks):
            ledger = ledger.after(seen)
        else:
            uncounted = True
    return told


def _told(seen: Preview) -> Iterator[Finding]:
    """Openings that stand twice in a file, on the first days of its fiscal years."""
    for day, lines in sorted(seen.totals.turns.items()):
        if day.day != 1:
            continue
        opened = {
            cell.account: total.amount
            for cell, total in seen.totals.cells.items()
            if cell.opening and cell.month == Month.of(day)
        }
        yield from opening_stated_again(day, lines, opened)
