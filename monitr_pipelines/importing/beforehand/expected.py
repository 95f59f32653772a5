"""The ledger that a file is shown beside: what is stored, and files before it as if they were imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.beforehand.outlook import Cell, Total, kept, together
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Expected:
    """The totals of a ledger, and of accounts that files before brought what these say of them."""

    cells: Mapping[Cell, Total]
    brought: Mapping[str, AccountType | None] = field(default_factory=dict)

    def left_by(self, seen: Preview) -> dict[Cell, Total]:
        """What a file that was looked at does not replace."""
        return kept(self.cells, seen.replaces)

    def after(self, seen: Preview) -> "Expected":
        """The ledger once a file that was looked at to its end is imported."""
        told = {code: kind for code, kind in seen.types.items() if kind or code not in self.brought}
        return replace(
            self,
            cells=together(self.left_by(seen), seen.totals.cells),
            brought={**self.brought, **told, **_used(seen, {*self.brought, *told})},
        )


def expected(connection: Connection, entity: Entity) -> Expected:
    """The ledger as it is stored."""
    rows = database.run(connection, "books/totals_of_months", entity_id=entity.id)
    return Expected(
        {
            Cell(row["account_code"], Month.of(row["month"]), row["opening"]): Total(
                row["amount"], row["lines"]
            )
            for row in rows
        }
    )


def _used(seen: Preview, told: set[str]) -> dict[str, AccountType | None]:
    """Accounts of lines of which nothing is told: a file need not list its accounts."""
    return {cell.account: None for cell in seen.totals.cells if cell.account not in told}
