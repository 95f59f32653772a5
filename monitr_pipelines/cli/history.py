"""`monitr history`: the last imports of an entity, as the drawer of its card shows them."""

from typing import Annotated, Any

import typer

from monitr_pipelines.cli.entities.naming import Key
from monitr_pipelines.cli.output import Format, print_json, print_rows
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.cli.wording import recorded_words, tie_out_words
from monitr_pipelines.lifecycle.imports import state_of
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import database

LISTED = ("id", "requested_at", "trigger", "requested_by", "mode", "outcome", "seconds", "error", "tie_out")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("history")(show_history)


def show_history(
    entity: Key, *, json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False
) -> None:
    """The last thirty imports of an entity, the latest first; of one that was removed too."""
    prepare()
    with database.connect(autocommit=True) as connection:
        entities.find(connection, entity, removed=True)
        found = database.run(connection, "web/entities/history", key=entity).fetchall()
    rows = [_row(past, entity) for past in found]
    print_json(rows) if json else print_rows(rows, LISTED, Format.TABLE, f"Imports of {entity}")


def _row(past: dict[str, Any], entity: str) -> dict[str, Any]:
    began, ended = past["started_at"], past["finished_at"]
    told = recorded_words(past, entity=entity) if past["error_code"] else None
    return {
        "id": past["id"],
        "requested_at": past["requested_at"],
        "trigger": past["trigger"],
        "requested_by": past["requested_by"],
        "mode": past["mode"],
        "outcome": str(
            state_of(outcome=past["outcome"], started=began is not None, lease_alive=past["lease_alive"])
        ),
        "seconds": int((ended - began).total_seconds()) if began and ended else None,
        "counts": past["counts"],
        "error_code": past["error_code"],
        "error": told,
        "tie_out": tie_out_words(past, entity=entity),
    }
