"""What accounts lose their line by a structure that is to be replaced, told at the terminal."""

from collections.abc import Sequence
from typing import Any

from monitr_pipelines.cli.output import Format, print_rows, say
from monitr_pipelines.ledger.structures.lines import Structure
from monitr_pipelines.warehouse.mapping.losses import MOST_LOOKED_AT, Losses, losses
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.warehouse.reports.own_structures import Found
from monitr_pipelines.warehouse.server.database import Connection

COLUMNS = ("entity", "account", "name", "amount", "before", "after", "placed_by")


def tell_losses(connection: Connection, organisation_id: int, replaced: Found, structure: Structure) -> bool:
    """Print what would be on no line any more, or elsewhere than a person placed it; whether there is any."""
    keys = own_structures.uses(connection, replaced.id).assigned

    def replace() -> None:
        own_structures.keep(connection, organisation_id, replaced.name, structure, replace=True)

    found = losses(connection, keys, replace)
    if not found:
        return False
    print_rows(_rows(found), COLUMNS, Format.TABLE, "Accounts and adjusting entries that lose their line")
    if len(keys) > MOST_LOOKED_AT:
        say(f"{MOST_LOOKED_AT} of {len(keys)} entities were looked at")
    return True


def _rows(found: Sequence[Losses]) -> list[dict[str, Any]]:
    rows = []
    for each in found:
        for lost in each.accounts:
            account = " · ".join(filter(None, (lost.placing.account, lost.placing.value)))
            by = "person" if lost.chosen else "structure"
            after = lost.after or "unmapped"
            rows.append(
                _row(each, account, lost.name, lost.amount, lost.before) | {"after": after, "placed_by": by}
            )
        for gone in each.entries:
            name = f"adjusting entries: {gone.entries}"
            rows.append(
                _row(each, "", name, gone.amount, gone.line) | {"after": "unmapped", "placed_by": "person"}
            )
    return rows


def _row(each: Losses, account: str, name: str, amount: object, before: str) -> dict[str, Any]:
    return {"entity": each.mapping.key, "account": account, "name": name, "amount": amount, "before": before}
