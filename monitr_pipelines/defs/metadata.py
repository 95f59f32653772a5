"""What the Dagster UI shows of a table: its columns, its size, its first rows, what was found."""

import dagster as dg
from psycopg import sql

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.ledger.tie_out import TieOut
from monitr_pipelines.warehouse.books.loader import LoadResult
from monitr_pipelines.warehouse.server.database import Connection

PREVIEW_ROWS = 5
PREVIEW_WIDTH = 40
COLUMNS = """
select attname as name, format_type(atttypid, atttypmod) as type
from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped
order by attnum
"""


def table_metadata(connection: Connection, entity_id: int, table: str) -> dict[str, dg.MetadataValue]:
    """Columns of a table, and row count and first rows of an entity in it."""
    schema, name = table.split(".")
    source = sql.Identifier(schema, name)
    counted = connection.execute(
        sql.SQL("select count(*) as rows from {} where entity_id = %s").format(source), [entity_id]
    ).fetchone()
    rows = connection.execute(
        sql.SQL("select * from {} where entity_id = %s limit {}").format(source, PREVIEW_ROWS), [entity_id]
    ).fetchall()
    metadata: dict[str, dg.MetadataValue] = {
        "dagster/row_count": dg.MetadataValue.int(counted["rows"] if counted else 0),
        "dagster/column_schema": dg.MetadataValue.table_schema(_columns(connection, table)),
    }
    if rows:
        metadata["preview"] = dg.MetadataValue.md(_markdown(rows))
    return metadata


def _columns(connection: Connection, table: str) -> dg.TableSchema:
    rows = connection.execute(COLUMNS, [table]).fetchall()
    return dg.TableSchema([dg.TableColumn(row["name"], row["type"]) for row in rows])


def load_metadata(result: LoadResult) -> dict[str, dg.MetadataValue]:
    """Counts and control totals of a load, as numbers that the UI plots over time."""
    counts = {f"lines {name}": dg.MetadataValue.int(number) for name, number in result.counts.items()}
    totals: dict[str, dg.MetadataValue] = {}
    for name, total in {"total debit": result.debit, "total credit": result.credit}.items():
        totals[name] = dg.MetadataValue.text(plain(total))
        totals[f"{name} in cents"] = dg.MetadataValue.int(int(total * 100))  # the UI plots numbers only
    return {**counts, **totals}


def findings_table(findings: list[Finding]) -> dict[str, dg.MetadataValue]:
    """Findings as a list; their number as a plot."""
    metadata: dict[str, dg.MetadataValue] = {"findings": dg.MetadataValue.int(len(findings))}
    if findings:
        listed = "\n".join(f"* {finding}" for finding in findings[:100])
        metadata["list"] = dg.MetadataValue.md(listed)
    return metadata


def tie_out_table(found: TieOut) -> dict[str, dg.MetadataValue]:
    """How many accounts were compared and differ, and the largest differences as a table."""
    metadata: dict[str, dg.MetadataValue] = {
        "accounts compared": dg.MetadataValue.int(found.compared),
        "accounts that differ": dg.MetadataValue.int(found.differing),
    }
    if found.day is not None:
        metadata["as of"] = dg.MetadataValue.text(found.day.isoformat())
    if found.differences:
        columns = ("account", "theirs", "ours", "difference")
        records = [
            dg.TableRecord(
                dict(
                    zip(
                        columns,
                        (each.account_code, *map(plain, (each.theirs, each.ours, each.amount))),
                        strict=True,
                    )
                )
            )
            for each in found.differences
        ]
        schema = dg.TableSchema([dg.TableColumn(name, "string") for name in columns])
        metadata["differences"] = dg.MetadataValue.table(records, schema)
    return metadata


def _markdown(rows: list[dict[str, object]]) -> str:
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    lines = [names, ["---"] * len(names)]
    lines += [[_cell(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    text = "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= PREVIEW_WIDTH else f"{text[:PREVIEW_WIDTH]}…"
