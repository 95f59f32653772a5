"""`monitr upload`: the ledger files of an entity, what became of them, and how one is thrown away."""

from typing import Annotated, Any

import typer

from monitr_pipelines.cli.output import Format, print_json, print_rows, say, say_error, since
from monitr_pipelines.cli.person import noted, person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.cli.wording import recorded_words, with_findings
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.lifecycle.imports import DISCARDABLE
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database, tenancy

LISTED = (
    "id",
    "file",
    "mode",
    "state",
    "received_at",
    "settled_at",
    "applied_number",
    "discarded_by",
    "error",
)
TOLD = ("entity", "state", "mode", "bytes", "sha256", "applied_number", "import_id", "discarded_by")
TIMES = ("received_at", "settled_at")

commands = typer.Typer(no_args_is_help=True, help="Ledger files of entities, and what became of them.")

Id = Annotated[int, typer.Argument(metavar="ID", help="As `monitr upload list` shows it.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(commands, name="upload")


@commands.command("list")
def list_uploads(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="The entity's key.")],
    most: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 50,
    *,
    json: Json = False,
) -> None:
    """Show the files of an entity: waiting, in the books, set aside or discarded."""
    prepare()
    with database.connect(autocommit=True) as connection:
        entities.find(connection, entity)
    rows = database.read("uploads", entity=entity, most=most)
    print_json(rows) if json else print_rows(rows, LISTED, Format.TABLE, f"Files of {entity}")


@commands.command("show")
def show(upload_id: Id, *, json: Json = False) -> None:
    """Tell all that is known of a file: how it is read, why it was set aside, what was found in it."""
    prepare()
    row = _find(upload_id)
    findings = database.read("upload_findings", upload_id=upload_id)
    told = {name: value for name, value in row.items() if name != "organisation_id"}
    if json:
        print_json(told | {"findings": findings})
        return
    lines = [f"File {upload_id}: {row['file']}"]
    lines += [f"{name.replace('_', ' ')}: {row[name]}" for name in TOLD if row[name] is not None]
    lines += [f"{name.replace('_', ' ')}: {since(row[name])}" for name in TIMES if row[name] is not None]
    lines += [
        f"{name}: {value}" for name, value in {**row["settings"], **row["interpretation"]}.items() if value
    ]
    lines += [f"met before: {trouble}" for trouble in row["troubles"]]
    typer.echo("\n".join(lines))
    if row["error_code"]:
        found = [
            Finding(one["code"], one["message"], Severity(one["severity"]), one["line"], one["column"])
            for one in findings
        ]
        words = f"{row['error_code']}: {recorded_words(row, entity=row['entity'])}"
        say_error(with_findings(words, found))


@commands.command("discard")
def discard(upload_id: Id) -> None:
    """Throw a file away that is not in the books: its content goes, what is known of it stays in the list."""
    prepare()
    row = _find(upload_id)
    with database.connect() as connection:
        tenancy.enter(connection, row["organisation_id"])
        uploads.discard(connection, upload_id, person())
        if row["state"] in DISCARDABLE:
            noted(connection, row["organisation_id"], Action.FILE_DISCARDED, row["file"])
    if row["state"] in DISCARDABLE:
        say(f"File {upload_id} ({row['file']}) of {row['entity']} is discarded.")
    else:
        say(f"File {upload_id} was discarded before.")


def _find(upload_id: int) -> dict[str, Any]:
    rows = database.read("upload", upload_id=upload_id)
    if not rows:
        raise Refused(f"There is no file {upload_id}.", code="unknown_upload")
    return rows[0]
