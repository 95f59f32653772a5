"""`monitr entities`, `monitr entity list`: every entity, or those that were removed or purged."""

from typing import Annotated, Any

import typer

from monitr_pipelines.cli.output import Format, print_json, print_rows
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.cli.wording import recorded_words, tie_out_words
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.lifecycle.imports import Outcome
from monitr_pipelines.lifecycle.status import Status, status_of
from monitr_pipelines.warehouse.server import database

LISTED = ("key", "name", "organisation", "provider", "status", "latest_current_figures", "error")
REMOVED = ("key", "name", "organisation", "provider", "removed_at", "removed_by", "purge_begun")
PURGED = ("key", "organisation", "purged_by", "purged_at")

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def list_entities(*, json: AsJson = False) -> None:
    """Every entity with the status of its imports and the age of its figures."""
    prepare()
    rows = entity_rows()
    if json:
        print_json(rows)
    else:
        shown = [row | {"error": row["error"]["message"] if row["error"] else None} for row in rows]
        print_rows(shown, LISTED, Format.TABLE, "Entities")


def list_some(
    *,
    removed: Annotated[bool, typer.Option("--removed", help="Those that are out of sight.")] = False,
    purged: Annotated[bool, typer.Option("--purged", help="Those whose data were deleted.")] = False,
    json: AsJson = False,
) -> None:
    """Every entity, as `monitr entities` lists them; or those that are not among them any more."""
    if removed and purged:
        raise Refused("Say --removed or --purged, one at a time.", code="bad_value")
    if not removed and not purged:
        list_entities(json=json)
        return
    prepare()
    columns, title = (REMOVED, "Removed entities") if removed else (PURGED, "Purged entities")
    rows = database.read("removed_entities" if removed else "purged_entities")
    print_rows(rows, columns, Format.JSON if json else Format.TABLE, title)


def entity_rows() -> list[dict[str, Any]]:
    """The entities as the command line tells them."""
    return [_row(facts) for facts in database.read("entities")]


def _row(facts: dict[str, Any]) -> dict[str, Any]:
    status = status_of(
        lease_alive=facts["lease_alive"], waiting=facts["waiting"], last_outcome=facts["last_outcome"]
    )
    error = None
    if status is Status.FAILED:
        error = {"code": facts["error_code"], "message": recorded_words(facts, entity=facts["key"])}
        if facts["last_outcome"] != Outcome.FAILED:
            error = {"code": "worker_lost", "message": "The import stopped unexpectedly. Import again."}
    return {
        "key": facts["key"],
        "name": facts["name"],
        "organisation": facts["organisation"],
        "provider": facts["provider"],
        "status": str(status),
        "latest_current_figures": facts["figures_at"],
        "error": error,
        "tie_out": tie_out_words(facts, entity=facts["key"]),
    }
