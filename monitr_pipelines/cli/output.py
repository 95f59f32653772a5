"""Printing: results on stdout, everything else on stderr."""

import csv
import io
import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from monitr_pipelines import logs
from monitr_pipelines.cli.wording import problem_words, with_findings
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.ledger.formulas import quoted
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData

STYLES = {"Succeeded": "green", "Failed": "red", "In progress": "cyan", "Waiting…": "yellow"}

WIDTH_OF_A_FILE = 140
# These give way where a table is too wide; a key or an amount is never cut off.
LONG_TEXTS = frozenset({"name", "organisation", "label", "error", "tie_out"})

stdout = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


log = logging.getLogger(__name__)


class Format(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def say(text: str) -> None:
    """A sentence for the person at the keyboard, exactly as it is; a line of the log where there is one."""
    if logs.is_set_up():
        log.info(text)
    else:
        stderr.print(text, markup=False)


class _Said(logging.Handler):
    """Says what is logged to the person at the keyboard."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say the message of a record."""
        say(record.getMessage())


@contextmanager
def said(logger: logging.Logger) -> Iterator[None]:
    """What a logger tells within the block is said too; a log, where there is one, has it already."""
    if logs.is_set_up():
        yield
        return
    handler, level = _Said(logging.INFO), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def say_problem(problem: BaseException, *, entity: str = "KEY") -> None:
    """What went wrong, as one message, with what to type about it."""
    if isinstance(problem, ImportProblem):
        findings = problem.findings if isinstance(problem, InconsistentData) else ()
        say_error(with_findings(problem_words(problem, entity=entity), findings))
    else:
        say_error(str(problem))


def say_error(text: str) -> None:
    """What went wrong, as it is; a line of the log where there is one."""
    if logs.is_set_up():
        log.error(text.strip())
        return
    stderr.print(f"Error: {text.strip()}", markup=False, style="red")


def print_json(value: object) -> None:
    """A value as JSON; amounts are strings with two or more decimals, times are ISO 8601."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_as_json) + "\n")


def print_rows(
    rows: Sequence[dict[str, Any]],
    columns: Sequence[str],
    form: Format,
    title: str,
    heads: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Rows in the wanted form; a table indents statement lines by their level.

    `heads`: what stands above columns of a table, where it is not their name. Files have their names always.
    """
    if form is Format.JSON:
        print_json([{name: row[name] for name in columns} for row in rows])
    elif form is Format.CSV:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_as_text(row[name]) for name in columns] for row in rows)
        sys.stdout.write(text.getvalue())
    else:
        _print_table(rows, columns, title, heads)


def _print_table(
    rows: Sequence[dict[str, Any]], columns: Sequence[str], title: str, heads: Mapping[str, str]
) -> None:
    stdout.print(title, markup=False, style="italic", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        numeric = any(isinstance(row[name], Decimal) for row in rows)
        table.add_column(
            heads.get(name) or name.replace("_", " ").capitalize(),
            justify="right" if numeric else "left",
            no_wrap=name not in LONG_TEXTS,
        )
    for row in rows:
        indent = "  " * row.get("level", 0)
        table.add_row(
            *(f"{indent if name == 'name' else ''}{_in_table(row[name])}" for name in columns),
            style="bold" if row.get("level") == 0 and "level" in row else None,
        )
    stdout.print(table)


def _as_json(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _as_text(value: object) -> str:
    """For CSV; text that a spreadsheet would run as a formula is quoted by an apostrophe."""
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else quoted(str(value))


def _in_table(value: object) -> str:
    if isinstance(value, Decimal):
        whole, _, decimals = plain(value).partition(".")
        return f"{int(whole):,}.{decimals}" if whole != "-0" else f"-0.{decimals}"
    if isinstance(value, datetime):
        return since(value)
    return "" if value is None else escape(str(value))


def since(moment: datetime | None) -> str:
    """How long ago, and when in Brussels."""
    if moment is None:
        return "never"
    local = in_brussels(moment)
    return f"{local.diff_for_humans()} ({local.format('D MMM YYYY HH:mm')})"


def print_card(row: dict[str, Any], remark: str | None = None) -> None:
    """One entity: status, age of its figures, the error and what to do about it."""
    status = row["status"]
    style = STYLES.get(status, "dim")
    lines = [
        f"[{style}]● {status}[/{style}]   [dim]{row['provider']} · {escape(row['organisation'])}[/dim]",
        f"Latest current figures: {since(row['latest_current_figures'])}",
    ]
    message = remark or (row["error"]["message"] if row["error"] else None)
    if message:
        lines.append(f"[red]{escape(message)}[/red]")
    if row["tie_out"]:
        lines.append(escape(row["tie_out"][:1].upper() + row["tie_out"][1:]))
    title = f"[bold]{escape(row['name'])}[/bold] [dim]{row['key']}[/dim]"
    stdout.print(Panel("\n".join(lines), title=title, title_align="left", width=100))
