"""From nothing to the reports of four companies, and to accounting software that is imported, by Dagster.

Two organisations, one active and one canceled, and four entities whose books the project generates,
writes as ledger files and reads back as anyone's; and one of each accounting software that can be
emulated. Or, with `--books`, the user's own ledger file.
"""

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitr_pipelines import settings
from monitr_pipelines.cli import imports, reports
from monitr_pipelines.cli.demo import software
from monitr_pipelines.cli.entities import partition
from monitr_pipelines.cli.entities.listing import entity_rows
from monitr_pipelines.cli.files.options import reading_of
from monitr_pipelines.cli.imports import request_file_import, request_import, run
from monitr_pipelines.cli.output import Format, print_card, print_rows, say, say_problem, stderr
from monitr_pipelines.cli.services import prepare, serve, stop_server, whole_home
from monitr_pipelines.cli.tokens import sign_in_address
from monitr_pipelines.cli.wording import problem_words
from monitr_pipelines.emulators.books import Books, generate_books
from monitr_pipelines.emulators.company.charts import BELGIAN, DUTCH
from monitr_pipelines.emulators.writers import write_csv, write_fec, write_xaf
from monitr_pipelines.importing.reading import OPTIONS
from monitr_pipelines.lifecycle.errors import ImportProblem, NameTaken
from monitr_pipelines.providers import title_of
from monitr_pipelines.warehouse.queue import lease
from monitr_pipelines.warehouse.registry import access_tokens, entities, organisations
from monitr_pipelines.warehouse.server import database

ACTIVE = "Demo Accountants"
CANCELED = "Former Customer"
FIRST_YEAR = 2024
YEARS = (2024, 2025)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True)
class Company:
    """A company of the demo: whose it is, and how its books are made."""

    organisation: str
    name: str
    country: str
    result_account: str
    write: Callable[[Books, Path], list[Path]]


def _as_csv(books: Books, folder: Path) -> list[Path]:
    path = folder / "books.csv"
    write_csv(books, path)
    return [path]


def _as_fec(books: Books, folder: Path) -> list[Path]:
    paths = [folder / f"fec-{year}.txt" for year in YEARS]
    for year, path in zip(YEARS, paths, strict=True):
        write_fec(books, path, year)
    return paths


def _as_xaf(books: Books, folder: Path) -> list[Path]:
    paths = [folder / f"audit-file-{year}.xaf" for year in YEARS]
    for year, path in zip(YEARS, paths, strict=True):
        write_xaf(books, path, year)
    return paths


COMPANIES = (
    Company(ACTIVE, "Bakkerij Peeters", "BE", "140000", _as_csv),
    Company(ACTIVE, "Brasserie Lambert", "BE", "140000", _as_fec),
    Company(ACTIVE, "Fietsen van Dam", "NL", "0590", _as_xaf),
    Company(CANCELED, "Drukkerij Claes", "BE", "140000", _as_csv),
)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Exit instead of serving the pages.")] = False,
    books: Annotated[Path | None, typer.Option(help="Your own ledger file instead.")] = None,
    options: Annotated[str, typer.Option(help="Options of `monitr import` for that file.")] = "",
) -> None:
    """Import the demo's companies, or your own books, and show what came out."""
    say("starting PostgreSQL and bringing the database up to date")
    with _database() if once else whole_home(), nullcontext() if books else software.emulated() as running:
        failed = _own_books(books, shlex.split(options)) if books else _everything(running or [])
        if not once:
            say(f"sign in to the Entities page, once: {_sign_in_link()}")
            serve()
    raise typer.Exit(1 if failed else 0)


@contextmanager
def _database() -> Iterator[None]:
    """The database alone, beside a `monitr up` where one runs."""
    started = prepare()
    try:
        yield
    finally:
        stop_server(started=started)


def _sign_in_link() -> str:
    with database.connect(autocommit=True) as connection:
        _, secret = access_tokens.create(connection, ACTIVE, "Demo", access_tokens.LINK)
    return f"{sign_in_address()}/{secret}"


def _everything(running: Sequence[software.Software]) -> bool:
    return any([_companies(), *map(_software, running)])


def _software(running: software.Software) -> bool:
    """Connect an accounting software and import its first company; tells whether that failed."""
    title = title_of(running.provider)
    say(f"{running.company}: importing from {title}; that waits while {title} allows no further call")
    key = software.connect(ACTIVE, running)
    refused = _imported(key, lambda: request_import(key))
    row = next(row for row in entity_rows() if row["key"] == key)
    print_card(row, refused)
    return bool(row["status"] == "Failed")


def _companies() -> bool:
    remarks: dict[str, str] = {}
    keys = [_entity(company) for company in COMPANIES]
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=stderr) as progress:
        for number, (company, key) in enumerate(zip(COMPANIES, keys, strict=True)):
            task = progress.add_task(f"{company.name}: writing its books", total=1)
            folder = settings.home() / "demo" / key
            folder.mkdir(parents=True, exist_ok=True)
            chart = DUTCH if company.country == "NL" else BELGIAN
            files = company.write(generate_books(number + 1, company.name, FIRST_YEAR, chart=chart), folder)
            for file in files:
                progress.update(task, description=f"{company.name}: importing {file.name}")
                refused = _imported(key, partial(request_file_import, key, file))
                if refused:
                    remarks[key] = refused
            progress.update(task, description=f"{company.name}: done", completed=1)
    return any([_show(key, remarks.get(key)) for key in keys])  # noqa: C419 - show all of them


def _own_books(file: Path, options: list[str]) -> bool:
    """Import the user's own file; one that is refused leaves nothing behind, not even its entity."""
    company = Company(ACTIVE, f"My books: {file.stem}", "BE", "", _as_csv)
    app = typer.Typer()
    imports.register(app)
    command = typer.main.get_command(app)
    arguments = ["--file", str(file), *options]
    asked = command.make_context("import", ["KEY", *arguments]).params
    key = _known(company)
    if key is None:
        try:
            _look(asked)
        except ImportProblem as refused:
            say_problem(refused)
            return _answered_by_options(file)
        key = _entity(company)
    if command([key, *arguments], standalone_mode=False):
        return _answered_by_options(file)
    return _show(key, None)


def _look(asked: Mapping[str, Any]) -> None:
    reading = reading_of(**{name: asked[name] for name in ("columns", *OPTIONS)})
    for file in asked["file"]:
        say(f"looking at {file.name}")
        imports.look_through(file, asked["mode"], reading)


def _answered_by_options(file: Path) -> bool:
    say(f'The answer goes into OPTIONS: make demo BOOKS={file} OPTIONS="..."')
    return True


def _known(company: Company) -> str | None:
    """The key of the company's entity, where it was registered before."""
    for row in entity_rows():
        if (row["organisation"], row["name"]) == (company.organisation, company.name):
            return str(row["key"])
    return None


def _entity(company: Company) -> str:
    """The company's entity, registered the first time."""
    key = _known(company)
    if key is not None:
        return key
    with database.connect(autocommit=True) as connection:
        with suppress(NameTaken):
            subscription = "canceled" if company.organisation == CANCELED else "active"
            organisations.add(connection, company.organisation, subscription)
        values = {
            "name": company.name,
            "country": company.country,
            "result_account": company.result_account or None,
        }
        key = entities.add_entity(connection, company.organisation, "file", values)
    partition.add(key)
    return key


def _imported(key: str, request: Callable[[], int]) -> str | None:
    """Import what is asked for; the reason where that is refused before it starts.

    An import that a killed demo left behind counts as running until its lease runs out.
    """
    deadline = time.monotonic() + 3 * lease.LEASE.total_seconds()
    while True:
        try:
            import_id = request()
            break
        except ImportProblem as refused:
            if refused.code != "already_running" or time.monotonic() > deadline:
                return problem_words(refused, entity=key)
            time.sleep(1)
    run(key, import_id)
    return None


def _show(key: str, remark: str | None) -> bool:
    """Print card and reports; tells whether the import failed."""
    row = next(row for row in entity_rows() if row["key"] == key)
    print_card(row, remark)
    if row["latest_current_figures"]:
        print_rows(reports.trial_balance_rows(key), reports.TRIAL_BALANCE, Format.TABLE, "Trial balance")
        statement = reports.statement_rows("profit_and_loss", key)
        print_rows(statement, reports.STATEMENT, Format.TABLE, "Profit and loss")
    return bool(row["status"] == "Failed")
