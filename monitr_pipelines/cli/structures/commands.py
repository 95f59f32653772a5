"""`monitr structure`: which trees of lines reports are read by, as files in and out, and for whom."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitr_pipelines.cli.entities.asking import confirm
from monitr_pipelines.cli.entities.naming import Key
from monitr_pipelines.cli.output import Format, print_rows, say
from monitr_pipelines.cli.person import noted, noted_of
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.cli.structures.telling import tell_losses
from monitr_pipelines.ledger.structures.lines import Structure
from monitr_pipelines.ledger.structures.problems import BadStructure
from monitr_pipelines.ledger.structures.reading import LARGEST_FILE, read
from monitr_pipelines.ledger.structures.writing import write
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.mapping.reading import read_mapping
from monitr_pipelines.warehouse.registry import organisations
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.warehouse.reports.own_structures import Uses
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

LISTED = ("name", "organisation", "country", "lines", "entities")
MOST_SHOWN = 10

commands = typer.Typer(no_args_is_help=True, help="Reporting structures: trees of lines, as CSV in and out.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The structure's name.")]
Org = Annotated[str, typer.Option("--org", help="Name or id of the organisation that has it.")]
SomeOrg = Annotated[
    str | None, typer.Option("--org", help="Its own structures too; default templates alone.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this folder."""
    app.add_typer(commands, name="structure")


@commands.command("list")
def show(
    org: Annotated[str | None, typer.Option("--org", help="Those of one organisation; default all.")] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The templates, the structures of organisations, and how many entities were put on each."""
    prepare()
    with database.connect(autocommit=True) as connection:
        rows = own_structures.listed(connection, _organisation(connection, org))
    print_rows(rows, LISTED, Format.JSON if json else Format.TABLE, "Reporting structures")


@commands.command("export")
def export(
    name: Name,
    org: SomeOrg = None,
    output: Annotated[Path | None, typer.Option(help="The file to write; default: print it.")] = None,
) -> None:
    """Write a structure as CSV, which `monitr structure import` takes back: to edit it, to have it twice."""
    prepare()
    with database.connect(autocommit=True) as connection:
        found = own_structures.find(connection, _organisation(connection, org), name)
        text = write(own_structures.export(connection, found.id))
    if output is None:
        sys.stdout.write(text)
    else:
        # Spreadsheets take a file for UTF-8 by its mark alone.
        output.write_text(text, encoding="utf-8-sig")
        say(f"{name} is in {output}")


@commands.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, as `monitr structure export` writes it.")],
    name: Annotated[str, typer.Option(help="What the organisation calls it.")],
    org: Org,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the lines of the one that has this name.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask where accounts lose their line.")] = False,
) -> None:
    """Check a structure and keep it for an organisation; where anything is wrong, all of it is said.

    Accounts that people placed on a line stay there if the line is still in it. What would stand on no line,
    or elsewhere than a person placed it, is told with its amount before anything is stored.
    """
    structure = _read(file)
    prepare()
    with database.connect(autocommit=True) as connection:
        owner = organisations.find(connection, org)
        replaced = own_structures.own(connection, owner, name) if replace else None
        seen = None if replaced is None else own_structures.state_of(connection, replaced.id)
        if replaced is not None and tell_losses(connection, owner, replaced, structure):
            confirm(f"Replace {name}?", yes=yes)
        with connection.transaction():
            found = own_structures.keep(connection, owner, name, structure, replace=replace, seen=seen)
            noted(connection, owner, Action.STRUCTURE_IMPORTED, name)
    say(f"{name} has {len(structure.lines)} lines{_until_imported(found)}")


@commands.command("assign")
def assign(
    entity: Key,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The structure's name.")] = None,
    *,
    default: Annotated[bool, typer.Option("--default", help="The one of its country again.")] = False,
) -> None:
    """Read an entity by a structure, from its next import on; its figures stay as they are until then."""
    if (name is None) != default:
        raise Refused("Name a structure, or say --default.", code="bad_value")
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        own_structures.assign(connection, entity, name)
        structure = read_mapping(connection, entity).structure
        noted_of(connection, entity, Action.STRUCTURE_ASSIGNED, structure)
    say(f"{entity} is read by {name or 'the structure of its country'} from its next import on")


@commands.command("delete")
def delete(
    name: Name,
    org: Org,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a structure of an organisation, and what people placed on it; refused while it is used."""
    prepare()
    with database.connect(autocommit=True) as connection:
        owner = organisations.find(connection, org)
        found = own_structures.find(connection, owner, name)
        if not found.own:
            raise Refused(f"{name} is a template, which nobody deletes.", code="bad_value")
        placed = own_structures.uses(connection, found.id).placed
        say(f"{name}: its lines go, and {placed} places that people chose for accounts")
        confirm(f"Delete {name}?", yes=yes)
        with connection.transaction():
            own_structures.delete(connection, found.id)
            noted(connection, owner, Action.STRUCTURE_DELETED, name)
    say(f"{name} is deleted")


def _organisation(connection: Connection, org: str | None) -> int | None:
    return None if org is None else organisations.find(connection, org)


def _read(file: Path) -> Structure:
    """The structure that a file tells; Refused with everything that is wrong with it."""
    try:
        with file.open("rb") as content:
            return read(content.read(LARGEST_FILE + 1))
    except BadStructure as bad:
        raise Refused(*(problem.text for problem in bad.problems), code="bad_value") from None
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.", code="bad_value") from None


def _until_imported(found: Uses) -> str:
    keys = found.entities
    if not keys:
        return ""
    more = f" and {len(keys) - MOST_SHOWN} more" if len(keys) > MOST_SHOWN else ""
    return f"; figures of {', '.join(keys[:MOST_SHOWN])}{more} follow it at their next import"
