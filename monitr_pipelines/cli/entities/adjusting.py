"""`monitr adjustment`: adjusting entries of an entity, in and out, and who made and removed them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.person import noted_of, person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.reported.adjusting import as_csv, read_entries
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.reports import adjustments
from monitr_pipelines.warehouse.server import database

LISTED = ("id", "month", "account", "line", "axis", "axis_value", "amount", "reason", "added_at", "added_by")
REMOVED = ("removed_at", "removed_by")

commands = typer.Typer(
    no_args_is_help=True,
    help="Adjusting entries of an entity: beside its ledger, with a reason, by month.\n\nAmounts are debit "
    "positive, as in the ledger, also on report lines; those of a month add up to zero.",
)

EntityKey = Annotated[str, typer.Argument(metavar="ENTITY", help="The entity's key.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(commands, name="adjustment")


@commands.command("list")
def list_entries(
    entity: EntityKey,
    *,
    removed: Annotated[
        bool, typer.Option("--removed", help="Those that were removed too, with who did that.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the adjusting entries of an entity by month: amount (debit positive), reason, who and when."""
    prepare()
    with database.connect(autocommit=True) as connection:
        entity_id = adjustments.entity_of(connection, entity)
        rows = adjustments.stored(connection, entity_id, with_removed=removed)
    told = [row | {"month": str(Month.of(row["month"]))} for row in rows]
    columns = LISTED + REMOVED if removed else LISTED
    if json:
        print_json([{name: row[name] for name in columns} for row in told])
    else:
        print_rows(told, columns, Format.TABLE, f"Adjusting entries of {entity}")


@commands.command("import")
def import_entries(
    entity: EntityKey,
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV with month (2026-01), account or line, amount (debit positive), reason, and where "
            "wanted axis and axis_value."
        ),
    ],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="In the place of all that there are; otherwise beside them.")
    ] = False,
) -> None:
    """Take in adjusting entries; all that is wrong with a file is told at once, and then nothing changes.

    Reports show them at once.
    """
    prepare()
    read = read_entries(_text(file))
    with database.connect(autocommit=True) as connection, connection.transaction():
        changed = adjustments.add(
            connection, entity, read.entries, person(), replace=replace, found=read.findings
        )
        noted_of(connection, entity, Action.ADJUSTED)
    say(f"{changed.added} adjusting entries of {entity} were added, {changed.removed} removed.")
    if changed.repeated:
        say(
            f"{changed.repeated} of them equal entries that were there already. If that was an oversight, "
            f"import the whole list with --replace."
        )


@commands.command("export")
def export(
    entity: EntityKey,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; default: standard output.")
    ] = None,
) -> None:
    """Write the adjusting entries of an entity as CSV, as `monitr adjustment import` reads them."""
    prepare()
    with database.connect(autocommit=True) as connection:
        text = as_csv(adjustments.entries_of(connection, entity))
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")


@commands.command("remove")
def remove(
    entity: EntityKey,
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="ID...", help="As `monitr adjustment list` shows them.")
    ] = None,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="All entries of a month instead.")
    ] = None,
) -> None:
    """Take adjusting entries out of reports; they stay in the list, with who removed them and when.

    What is left of each month must add up to zero: remove all entries that belong together at once.
    """
    prepare()
    if bool(ids) == bool(month):
        raise Refused("Say which entries are to be removed: by their ids, or with --month.")
    try:
        wanted = Month.parse(month) if month else None
    except ValueError as error:
        raise Refused(str(error)) from None
    chosen = set(ids or ())
    with database.connect(autocommit=True) as connection, connection.transaction():
        changed = adjustments.remove(
            connection,
            entity,
            lambda row: row["id"] in chosen or (wanted is not None and Month.of(row["month"]) == wanted),
            person(),
        )
        if changed.removed < len(chosen) or not changed.removed:
            raise Refused("There are no such adjusting entries of this entity; nothing was changed.")
        noted_of(connection, entity, Action.ADJUSTED)
    say(f"{changed.removed} adjusting entries of {entity} were removed.")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not in UTF-8; save it as CSV UTF-8.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be opened: {error.strerror}.", code="no_file") from None
