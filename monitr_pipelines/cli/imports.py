"""`monitr import`: one import through the Dagster job, in the foreground."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from monitr_pipelines.cli.files.checking import check as check_files
from monitr_pipelines.cli.files.checking import checked_json, in_turn, say_checked
from monitr_pipelines.cli.files.options import reading_of
from monitr_pipelines.cli.output import print_json, said, say, say_error, say_problem, stderr
from monitr_pipelines.cli.person import person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.cli.wording import problem_words, recorded_words, tie_out_words, with_findings
from monitr_pipelines.files import Mode, ReadSettings, open_ledger_file
from monitr_pipelines.files.tables.file import TableFile
from monitr_pipelines.importing.reading import (
    chosen,
    kept_for_others,
    read_settings,
    read_through,
    refuse_stated_year,
)
from monitr_pipelines.ledger.findings import Finding, Severity, listing
from monitr_pipelines.ledger.money import ZERO, plain
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.reported.figures import figure_findings
from monitr_pipelines.lifecycle.errors import ImportProblem, Refused
from monitr_pipelines.lifecycle.imports import ImportMode, Outcome, Trigger
from monitr_pipelines.lifecycle.status import Status
from monitr_pipelines.warehouse.queue import claims, lease, requests, uploads
from monitr_pipelines.warehouse.registry import entities, rate_limits
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

REFUSED = 2
# A file that is only looked at is not known by its content.
UNKNOWN_HASH = "0" * 64
# In seconds, as long as the server lets a statement run.
LONGEST_FOLLOWED = 60 * 60
NOT_ENDED = "The import has not ended yet. `monitr entities` tells how it ends."


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(import_entity)


def import_entity(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="The entity's key.")],
    file: Annotated[
        list[Path] | None,
        typer.Option(help="A ledger file: CSV, FEC, XAF or .xlsx; give the option once for each of several."),
    ] = None,
    mode: Annotated[Mode, typer.Option(help="What the file replaces.")] = Mode.YEARS,
    full: Annotated[bool, typer.Option("--full", help="Fetch everything, not what changed.")] = False,
    allow_unbalanced: Annotated[
        bool, typer.Option("--allow-unbalanced", help="Accept, and remember, that debit and credit differ.")
    ] = False,
    allow_shrink: Annotated[
        bool, typer.Option("--allow-shrink", help="Accept that months lose their lines.")
    ] = False,
    allow_dates: Annotated[
        bool, typer.Option("--allow-dates", help="Accept dates in the far future, or years from all others.")
    ] = False,
    keep_calendar: Annotated[
        bool, typer.Option("--keep-calendar", help="Accept a file of other fiscal years than the entity's.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only show what the import would do; nothing is stored.")
    ] = False,
    date_format: Annotated[str | None, typer.Option(help="Such as DD/MM/YYYY.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark: , or .")] = None,
    thousands: Annotated[str | None, typer.Option(help="Mark between thousands.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between columns: , ; tab or |")] = None,
    encoding: Annotated[str | None, typer.Option(help="Such as utf-8 or cp1252.")] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Of a workbook: a name, some with / between, or '*' for all.")
    ] = None,
    date_cells: Annotated[
        str | None, typer.Option(help="Of a workbook: stored, or turned (day and month exchanged).")
    ] = None,
    code_digits: Annotated[
        str | None,
        typer.Option(help="Digits of account codes, where leading zeros were lost; 0: as is."),
    ] = None,
    account_type: Annotated[
        str | None,
        typer.Option(help="Of new accounts that nothing types: balance_sheet or profit_and_loss."),
    ] = None,
    columns: Annotated[
        Path | None, typer.Option(help="JSON, or a file of it: our column names to the file's headers.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Import an entity now. Exit code 0: succeeded, 1: failed, 2: refused before it started."""
    reading = reading_of(
        date_format=date_format,
        decimal=decimal,
        thousands=thousands,
        delimiter=delimiter,
        encoding=encoding,
        sheet=sheet,
        date_cells=date_cells,
        code_digits=code_digits,
        account_type=account_type,
        columns=columns,
    )
    options = {
        "allow_unbalanced": allow_unbalanced,
        "allow_shrink": allow_shrink,
        "allow_dates": allow_dates,
        "keep_calendar": keep_calendar,
    }
    prepare()
    asked = _Asked(entity, mode, reading, options, full=full)
    if check:
        raise typer.Exit(_check(asked, file or [], as_json=as_json))
    files: list[Path | None] = [*(_in_order(asked, file) if file and len(file) > 1 else file or [])]
    ends = [_import(asked, each, as_json=as_json) for each in files or [None]]
    if as_json:
        print_json([told for _, told in ends] if len(ends) > 1 else ends[0][1])
    raise typer.Exit(max(code for code, _ in ends))


@dataclass(frozen=True)
class _Asked:
    """What a command asks for, of each of its files."""

    entity: str
    mode: Mode
    reading: dict[str, Any]
    options: dict[str, bool]
    full: bool


def _import(asked: _Asked, file: Path | None, *, as_json: bool) -> tuple[int, dict[str, Any]]:
    """One import to its end: the exit code, and what is told of it."""
    try:
        import_id = _request(asked.entity, file, asked.mode, asked.reading, asked.options, full=asked.full)
    except ImportProblem as problem:
        if not as_json:
            say_problem(problem, entity=asked.entity)
        return REFUSED, _refusal(problem, asked.entity)
    outcome = run(asked.entity, import_id)
    if not as_json:
        _show(outcome)
    return int(outcome["status"] != "Succeeded"), outcome


def _check(asked: _Asked, files: Sequence[Path], *, as_json: bool) -> int:
    """Look at files and store nothing; the exit code is that of an import that is refused, or 0."""
    if not files:
        raise Refused("Say which --file is to be checked.", code="no_file")
    with database.connect(autocommit=True) as connection:
        entity, settings = _as_read(connection, asked, files)
        every = check_files(connection, entity, files, settings, {**asked.reading, **asked.options})
    if as_json:
        told = [checked_json(each, asked.entity) for each in every]
        print_json(told if len(told) > 1 else told[0])
    else:
        for each in every:
            say_checked(each, asked.entity)
    return REFUSED if any(each.problem for each in every) else 0


def _in_order(asked: _Asked, files: Sequence[Path]) -> list[Path]:
    """Several files in the order in which they belong: charts of accounts, then by their first month."""
    with database.connect(autocommit=True) as connection:
        _, settings = _as_read(connection, asked, files)
    return [file for file, _ in in_turn(files, settings, to_the_end=False)]


def _as_read(
    connection: Connection, asked: _Asked, files: Sequence[Path]
) -> tuple[entities.Entity, ReadSettings]:
    """The entity, and how its files are read; Refused where one of them is not there."""
    entity = _by_files(entities.find(connection, asked.entity))
    for file in files:
        _opened(file).close()
    kept = chosen(entity, asked.reading)
    return entity, read_settings(entity.calendar, kept, mode=asked.mode, content_hash=UNKNOWN_HASH)


def look_through(file: Path, mode: Mode, reading: Mapping[str, Any]) -> None:
    """Read a file to its end as a new entity's first import would; ImportProblem where it is refused."""
    settings = read_settings(FiscalCalendar(), reading, mode=mode, content_hash=UNKNOWN_HASH)
    with _opened(file) as content:
        read_through(content, settings)


def request_file_import(entity_key: str, file: Path) -> int:
    """Keep a file and ask for the import that loads it; returns the import's id."""
    return _request(entity_key, file, Mode.YEARS, {}, {}, full=False)


def request_import(entity_key: str) -> int:
    """Ask for an import of what changed in the accounting software; returns the import's id."""
    return _request(entity_key, None, Mode.YEARS, {}, {}, full=False)


def run(entity_key: str, import_id: int) -> dict[str, Any]:
    """Run a requested import through Dagster; returns what the command line prints of it."""
    from monitr_pipelines.cli.dagster_run import run_import  # noqa: PLC0415 - Dagster takes a second to load

    with stderr.status(f"importing {entity_key}"), said(rate_limits.log):
        run_import(entity_key, import_id)
        _follow(import_id)
    return outcome_of(entity_key, import_id)


def outcome_of(entity_key: str, import_id: int) -> dict[str, Any]:
    """An import as the command line tells it."""
    row = database.read("import_result", import_id=import_id)[0]
    ended = row["finished_at"] and row["started_at"]
    seconds = (row["finished_at"] - row["started_at"]).total_seconds() if ended else 0
    status, error = _told(entity_key, row)
    return {
        "status": str(status),
        "import_id": import_id,
        "mode": row["mode"],
        "error": error,
        "counts": {name: number for name, number in row["counts"].items() if name != "marts"},
        "totals": {"debit": plain(row["total_debit"] or ZERO), "credit": plain(row["total_credit"] or ZERO)},
        "findings": database.read("import_findings", import_id=import_id),
        "figures": database.read("import_figures", import_id=import_id),
        "files": database.read("import_readings", import_id=import_id),
        "tie_out": tie_out_words(row, entity=entity_key),
        "differences": database.read("import_differences", import_id=import_id),
        "seconds": round(seconds, 3),
    }


def _told(entity_key: str, row: dict[str, Any]) -> tuple[Status, dict[str, str] | None]:
    if row["finished_at"] is None:
        status = Status.IN_PROGRESS if row["started_at"] else Status.WAITING
        return status, {"code": "not_ended", "message": NOT_ENDED}
    if row["outcome"] == Outcome.SUCCEEDED:
        return Status.SUCCEEDED, None
    return Status.FAILED, {"code": row["error_code"], "message": recorded_words(row, entity=entity_key)}


def _follow(import_id: int) -> None:
    """Wait for the end where another run claimed the import first; nobody else may look whether that died."""
    deadline = time.monotonic() + LONGEST_FOLLOWED
    with database.connect(autocommit=True) as connection:
        connection.execute(f"listen {database.CHANNEL}")
        while not _has_ended(connection, import_id) and time.monotonic() < deadline:
            for _ in connection.notifies(timeout=lease.LEASE.total_seconds(), stop_after=1):
                pass
            claims.expire_lost(connection)


def _has_ended(connection: database.Connection, import_id: int) -> bool:
    found = "select from app.import where id = %s and finished_at is not null"
    return connection.execute(found, [import_id]).fetchone() is not None


def _request(
    entity_key: str,
    file: Path | None,
    mode: Mode,
    reading: dict[str, Any],
    options: dict[str, bool],
    *,
    full: bool,
) -> int:
    """Ask for the import; what only the user can answer is asked before anything is stored."""
    with database.connect(autocommit=True) as connection:
        entity = entities.find(connection, entity_key)
        kept = chosen(entity, reading)
        headers: Sequence[str] = ()
        if file is not None:
            headers = _refuse_unreadable(
                entity, file, mode, kept, keep_calendar=bool(options.get("keep_calendar"))
            )
        with connection.transaction():
            for_others = kept_for_others(reading, headers)
            if "columns" in reading:
                for_others["columns"] = reading["columns"]
            if for_others:
                entities.change_entity(connection, entity_key, {"settings": for_others})
            if file is not None:
                _store(connection, entity.id, file, mode, {**kept, **options})
            import_id = requests.request(
                connection,
                entity_key,
                trigger=Trigger.CLI if file is None else Trigger.FILE,
                requested_by=person(),
                mode=ImportMode.FULL if full else ImportMode.INCREMENTAL,
                options=options if file is None or full else None,
            )
            requests.launch_here(connection, import_id)
    return import_id


def _store(connection: Connection, entity_id: int, file: Path, mode: Mode, said: Mapping[str, Any]) -> None:
    with file.open("rb") as content:
        name = file.name.encode(errors="replace").decode()  # names on a disk need not be text
        uploads.store(connection, entity_id, content, file_name=name, mode=mode, settings=said)


def _refuse_unreadable(
    entity: entities.Entity, file: Path, mode: Mode, kept: dict[str, Any], *, keep_calendar: bool
) -> Sequence[str]:
    """Open the file as the import will, which asks what cannot be found out from its content.

    The header of a table, nothing of any other file.
    """
    _by_files(entity)
    with _opened(file) as content:
        settings = read_settings(entity.calendar, kept, mode=mode, content_hash=UNKNOWN_HASH)
        opened = open_ledger_file(content, settings)
        if not keep_calendar:
            refuse_stated_year(opened, entity.calendar)
        return opened.headers if isinstance(opened, TableFile) else ()


def _by_files(entity: entities.Entity) -> entities.Entity:
    if entity.provider != entities.BY_FILES:
        raise Refused(f"{entity.key} is imported from {entity.provider}, not from files.")
    return entity


def _opened(file: Path) -> BinaryIO:
    try:
        if file.is_file():
            return file.open("rb")
        found = "is a folder, not a file" if file.is_dir() else "is no file that can be read twice"
        told = f"{file} {found}." if file.exists() else f"There is no file {file}."
    except OSError as error:
        raise Refused(f"{file} cannot be opened: {error.strerror}.", code="no_file") from None
    raise Refused(told, code="no_file")


def _refusal(problem: ImportProblem, entity_key: str) -> dict[str, Any]:
    """An import that was refused before it started, as the command line tells an import."""
    return {
        "status": "Refused",
        "error": {"code": problem.code, "message": problem_words(problem, entity=entity_key)},
        "counts": {},
        "totals": {"debit": "0.00", "credit": "0.00"},
        "findings": [_as_row(finding) for finding in getattr(problem, "findings", ())],
        "seconds": 0,
    }


def _show(outcome: dict[str, Any]) -> None:
    for file in outcome["files"]:
        reading = "; ".join(f"{name}: {value}" for name, value in file["interpretation"].items())
        say(f"{file['file_name']} read as {reading}" if reading else f"{file['file_name']} was set aside")
    found = [Finding(row["code"], row["message"], Severity(row["severity"]), row["line"], row["column"])
             for row in outcome["findings"]]  # fmt: skip
    figures = figure_findings(outcome["figures"])
    if outcome["error"]:
        say_error(with_findings(outcome["error"]["message"], found))
    elif found:
        say(f"Worth a look:\n{listing(found)}")
    if figures:
        say(f"About the figures:\n{listing(figures)}")
    if outcome["error"]:
        return
    _show_tie_out(outcome)
    counted = ", ".join(f"{number} {name}" for name, number in outcome["counts"].items())
    totals = outcome["totals"]
    say(f"Succeeded in {outcome['seconds']} s: {counted}; debit {totals['debit']}, credit {totals['credit']}")


def _show_tie_out(outcome: dict[str, Any]) -> None:
    if outcome["tie_out"] is None:
        return
    accounts = (
        f"  {each['account']}: {plain(each['theirs'])} there, {plain(each['ours'])} here"
        for each in outcome["differences"]
    )
    say("\n".join([f"The ledger {outcome['tie_out']}", *accounts]))


def _as_row(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "line": finding.line,
        "column": finding.column,
    }
