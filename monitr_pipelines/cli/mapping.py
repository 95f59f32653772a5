"""`monitr mapping`: where an entity's accounts stand on the lines of its statements."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer

from monitr_pipelines.cli.entities.naming import Key
from monitr_pipelines.cli.imports import request_import, run
from monitr_pipelines.cli.output import Format, print_rows, say, say_error
from monitr_pipelines.cli.person import person
from monitr_pipelines.cli.reports import Form, Words
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.mapping import table
from monitr_pipelines.ledger.mapping.check import problems
from monitr_pipelines.ledger.mapping.lines import Lines
from monitr_pipelines.ledger.mapping.placing import Choice, Choices, Given, Placing, changed, differences
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.reports.words import Language
from monitr_pipelines.warehouse.mapping import choices
from monitr_pipelines.warehouse.mapping.choices import Unplaceable
from monitr_pipelines.warehouse.mapping.effects import effect_of
from monitr_pipelines.warehouse.mapping.reading import (
    Account,
    EntityMapping,
    Value,
    read_accounts,
    read_grounds,
    read_mapping,
    read_values,
)
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

LISTED = ("account", "name", "value", "line", "line_name", "by", "amount", "comment")
DIFFERENT = ("account", "value", "before", "after", "comment")
SHIFTED = ("statement", "line", "name", "before", "after", "difference")
TOLD = ("change", "changed_at", "person", "account", "value", "before", "after")
# Of the history, and of what an act in it changed.
MOST_ACTS, MOST_OF_ACT = 100, 5_000

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV table, as `monitr mapping export` writes.")]
Append = Annotated[bool, typer.Option("--append", help="Keep the choices that the file does not name.")]
Unmapped = Annotated[bool, typer.Option("--unmapped", help="Accounts that stand on no line.")]

commands = typer.Typer(
    no_args_is_help=True, help="Where an entity's accounts stand on its statements' lines."
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(commands, name="mapping")


@commands.command("list")
def list_accounts(
    entity: Key, *, unmapped: Unmapped = False, form: Form = Format.TABLE, language: Words = Language.EN
) -> None:
    """Every account with its line, who or what puts it there, and its balance; debit positive."""
    with _opened() as connection:
        mapping = read_mapping(connection, entity)
        accounts = read_accounts(connection, mapping)
        values = read_values(connection, mapping, [each.placed.code for each in accounts])
    shown = [each for each in accounts if each.placed.is_unmapped or not unmapped]
    rows = [row for each in shown for row in _rows(mapping, each, values, language)]
    print_rows(rows, LISTED, form, f"Mapping of {mapping.name} in {mapping.structure} ({mapping.currency})")


@commands.command("export")
def export(
    entity: Key,
    *,
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="Unmapped accounts too, with an empty line to be filled in.")
    ] = False,
) -> None:
    """Print the choices that people made, as a CSV table that can be imported again."""
    with _opened() as connection:
        mapping = read_mapping(connection, entity)
        accounts = {each.placed.code: each.placed for each in read_accounts(connection, mapping)}
    names = {code: each.name for code, each in accounts.items()}
    chosen = {placing.account for placing in mapping.choices if not placing.value}
    left = [code for code, each in accounts.items() if each.is_unmapped and code not in chosen]
    sys.stdout.write(table.written(mapping.choices, names, left if unmapped else ()))


@commands.command("diff")
def diff(
    entity: Key,
    file: File,
    *,
    append: Append = False,
    effect: Annotated[
        bool, typer.Option("--effect", help="Show the lines of the statements that change instead.")
    ] = False,
    form: Form = Format.TABLE,
    language: Words = Language.EN,
) -> None:
    """Show what importing a file would change; nothing is stored."""
    with _opened() as connection:
        mapping = read_mapping(connection, entity)
        wanted = _wanted(connection, mapping, file, append=append)
        if effect:
            rows = _shifted(connection, mapping, wanted, language)
            print_rows(rows, SHIFTED, form, f"Effect on {mapping.name}, {_until(mapping)}")
            return
    found = differences(mapping.choices, wanted)
    rows = [_change_row(each.placing, each.before, each.after) for each in found]
    print_rows(rows, DIFFERENT, form, f"Changes of the mapping of {mapping.name}")


@commands.command("import")
def import_file(
    entity: Key,
    file: File,
    *,
    append: Append = False,
    now: Annotated[
        bool, typer.Option("--now", help="Import the entity at once, for figures to follow.")
    ] = False,
) -> None:
    """Make the choices of a file those of the entity; the next import applies them to all history.

    All choices for the entity's structure are replaced, unless --append is given. Where anything is wrong
    with the file, all of it is told and nothing is stored.
    """
    with _opened() as connection:
        mapping = read_mapping(connection, entity)
        given = _read(mapping.lines, mapping.axis, file)
        change = _told(lambda: choices.save(connection, entity, given, person(), whole=not append))
    _say_change(entity, change)
    if now and change:
        _import_now(entity)


@commands.command("history")
def show_history(entity: Key, *, form: Form = Format.TABLE) -> None:
    """Who changed what, the latest first; `monitr mapping undo` takes a change back."""
    with _opened() as connection:
        mapping = read_mapping(connection, entity)
        acts = choices.history(connection, mapping, most=MOST_ACTS, shown=MOST_OF_ACT)
    rows = [
        {"change": str(act.change), "changed_at": act.at, "person": act.person}
        | _change_row(each.placing, each.before, each.after)
        for act in acts
        for each in act.differences
    ]
    print_rows(rows, TOLD, form, f"Changes of the mapping of {mapping.name}")


@commands.command("undo")
def undo(
    entity: Key, change: Annotated[UUID, typer.Argument(help="As `monitr mapping history` names it.")]
) -> None:
    """Take a change back; refused where something of it was changed since, which is told."""
    with _opened() as connection:
        undone = _told(lambda: choices.undo(connection, entity, change, person()))
    _say_change(entity, undone)


@contextmanager
def _opened() -> Iterator[Connection]:
    prepare()
    with database.connect(autocommit=True) as connection:
        yield connection


def _told(change: Callable[[], UUID | None]) -> UUID | None:
    """What a change answers; all that is wrong is printed, one a line."""
    try:
        return change()
    except Unplaceable as problem:
        _end(problem.findings)


def _end(findings: Sequence[Finding]) -> NoReturn:
    say_error("\n".join(["Nothing was changed.", *map(str, findings)]))
    raise typer.Exit(1)


def _wanted(connection: Connection, mapping: EntityMapping, file: Path, *, append: bool) -> Choices:
    """The choices that importing a file would leave."""
    given = _read(mapping.lines, mapping.axis, file)
    found = problems(given, read_grounds(connection, mapping), mapping.choices if append else {})
    if found:
        _end(found)
    return changed(mapping.choices if append else {}, given)


def _read(lines: Lines, axis: str, file: Path) -> Sequence[Given]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.", code="no_file") from None
    found = table.read(content, lines, axis)
    if found.findings:
        _end(found.findings)
    return found.given


def _say_change(entity: str, change: UUID | None) -> None:
    if change is None:
        say("nothing changes")
        return
    say(f"change {change}: the next import applies it to all history (monitr import {entity})")


def _import_now(entity: str) -> None:
    outcome = run(entity, request_import(entity))
    if outcome["error"]:
        say_error(outcome["error"]["message"])
        raise typer.Exit(1)
    say(f"import {outcome['import_id']} applied it")


def _rows(
    mapping: EntityMapping, account: Account, values: Sequence[Value], language: str
) -> Iterator[dict[str, Any]]:
    placed = account.placed
    yield {
        "account": placed.code,
        "name": placed.name,
        "value": "",
        "line": placed.line,
        "line_name": _name(mapping.lines, placed.line, language),
        "by": _by(account),
        "amount": account.amount,
        "comment": account.choice.comment if account.choice else "",
    }
    for each in values:
        if each.account == placed.code and each.choice:
            yield {
                "account": placed.code,
                "name": each.name,
                "value": each.value,
                "line": each.choice.line,
                "line_name": _name(mapping.lines, each.choice.line, language),
                "by": "choice",
                "amount": each.amount,
                "comment": each.choice.comment,
            }


def _by(account: Account) -> str:
    if not account.in_books:
        return "in advance"
    if account.is_chosen:
        return "choice"
    return "unmapped" if account.placed.is_unmapped else "structure"


def _name(lines: Lines, line: str, language: str) -> str:
    found = lines.get(line)
    return found.names[language] if found else ""


def _change_row(placing: Placing, before: Choice | None, after: Choice | None) -> dict[str, Any]:
    return {
        "account": placing.account,
        "value": placing.value,
        "before": before.line if before else "",
        "after": after.line if after else "",
        "comment": after.comment if after else "",
    }


def _shifted(
    connection: Connection, mapping: EntityMapping, wanted: Choices, language: str
) -> list[dict[str, Any]]:
    return [
        {
            "statement": shift.line.statement,
            "line": shift.line.line,
            "name": shift.line.names[language],
            "before": shift.before or ZERO,
            "after": shift.after or ZERO,
            "difference": shift.difference,
        }
        for shift in effect_of(connection, mapping, wanted)
    ]


def _until(mapping: EntityMapping) -> str:
    return f"up to {mapping.month:%Y-%m}" if mapping.month else "which has no figures yet"
