"""What the Dagster UI shows of a table: its columns, its size, its first rows, what was found."""

from functools import lru_cache

import dagster as dg
from psycopg import sql

from monitr_pipelines import settings
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.warehouse.imports import Connection
from monitr_pipelines.warehouse.loader import LoadResult

PREVIEW_ROWS = 5
PREVIEW_WIDTH = 40


@lru_cache(maxsize=32)
def column_schema(table: str) -> dg.TableSchema:
    """The columns of a table as its migration creates them: the definitions load without a database."""
    text = "\n".join(path.read_text() for path in sorted((settings.SQL_ROOT / "migrations").glob("*.sql")))
    body = text.split(f"create table {table} (", 1)[1].split("\n);", 1)[0]
    lines = [line.strip().rstrip(",") for line in body.splitlines() if line.startswith("    ")]
    columns = [line.split(None, 2) for line in lines if line and line[0].isalpha()]
    constraints = ("primary", "unique", "check", "foreign", "constraint")
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=name, type=kind)
            for name, kind, *_ in columns
            if name not in constraints and not line_continues(name)
        ]
    )


def line_continues(first_word: str) -> bool:
    """Whether a line of a table definition belongs to the one before."""
    return first_word in {"in", "references", "or", "and"}


def preview(connection: Connection, entity_id: int, table: str) -> dict[str, dg.MetadataValue]:
    """Row count and first rows of an entity in a table."""
    schema, name = table.split(".")
    source = sql.Identifier(schema, name)
    counted = connection.execute(
        sql.SQL("select count(*) as rows from {} where entity_id = %s").format(source), [entity_id]
    ).fetchone()
    rows = connection.execute(
        sql.SQL("select * from {} where entity_id = %s limit {}").format(source, PREVIEW_ROWS), [entity_id]
    ).fetchall()
    metadata: dict[str, dg.MetadataValue] = {
        "dagster/row_count": dg.MetadataValue.int(counted["rows"] if counted else 0)
    }
    if rows:
        metadata["preview"] = dg.MetadataValue.md(_markdown(rows))
    return metadata


def load_metadata(result: LoadResult) -> dict[str, dg.MetadataValue]:
    """Counts and control totals of a load, as numbers that the UI plots over time."""
    counts = {f"lines {name}": dg.MetadataValue.int(number) for name, number in result.counts.items()}
    totals = {"total debit": plain(result.debit), "total credit": plain(result.credit)}
    return {**counts, **{name: dg.MetadataValue.text(total) for name, total in totals.items()}}


def findings_table(findings: list[Finding]) -> dict[str, dg.MetadataValue]:
    """Findings as a list; their number as a plot."""
    metadata: dict[str, dg.MetadataValue] = {"findings": dg.MetadataValue.int(len(findings))}
    if findings:
        listed = "\n".join(f"* {finding}" for finding in findings[:100])
        metadata["list"] = dg.MetadataValue.md(listed)
    return metadata


def _markdown(rows: list[dict[str, object]]) -> str:
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    lines = [names, ["---"] * len(names)]
    lines += [[_cell(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    text = "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= PREVIEW_WIDTH else f"{text[:PREVIEW_WIDTH]}…"
