"""What stands on no line of the statements, and what of it is new since the import before."""

from dataclasses import dataclass
from typing import Any

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

MOST_NAMED = 50


@dataclass(frozen=True)
class Unmapped:
    """Accounts with their values of the primary axis that no line takes; None before the first figures."""

    combinations: frozenset[tuple[str, str]] | None

    def told_since(self, before: "Unmapped") -> dict[str, Any]:
        """What an import records of it: how many accounts, how many combinations are new, the first of them.

        Nothing is new where there were no figures before.
        """
        now = self.combinations or frozenset()
        new = sorted(now - before.combinations) if before.combinations is not None else []
        accounts = {account for account, _ in now}
        return {"unmapped": len(accounts), "newly_unmapped": len(new), "new": new[:MOST_NAMED]}


def read_unmapped(connection: Connection, entity_id: int) -> Unmapped:
    """What is unmapped now, by the figures that are there."""
    has_figures = connection.execute(
        "select from mapped.fiscal_month where entity_id = %s limit 1", [entity_id]
    ).fetchone()
    if has_figures is None:
        return Unmapped(None)
    rows = database.run(connection, "reports/unmapped", entity_id=entity_id)
    return Unmapped(frozenset((row["account"], row["value"]) for row in rows))
