"""The default reporting structures: tables of `sql/reports/structures`, which the database follows."""

import csv
from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines import shipped

# The structure of a country; None is the one for every other country.
STRUCTURES = {"be_nbb": "BE", "fr_groups": "FR", "nl_groups": "NL", "plain": None}
FOLDER = shipped.SQL / "reports" / "structures"
STATEMENTS = ("balance_sheet", "profit_and_loss")
# The columns with the prefixes of accounts, and on which side the accounts' balances are then.
SIDES = {"accounts": "", "accounts_debit": "debit", "accounts_credit": "credit"}
LAST_POSITION = 1_000_000


class ReportLine(NamedTuple):
    """A line of a report; `role` marks the lines that are computed or looked for by name.

    `cash_flow_line`: the line of the cash flow statement that a leaf of another statement counts in.
    """

    line: str
    statement: str
    parent: str | None
    position: int
    level: int
    name_en: str
    name_nl: str
    name_fr: str
    role: str | None
    cash_flow_line: str | None


class Mapping(NamedTuple):
    """Accounts of a statement whose code starts with the prefix belong to the line.

    `side`: only while their balance is a `debit` or a `credit`; empty for either.
    """

    statement: str
    prefix: str
    side: str
    line: str


@dataclass(frozen=True)
class Structure:
    """The report lines of both statements and the accounts that belong to them."""

    lines: set[ReportLine]
    mappings: set[Mapping]


def read_structure(name: str) -> Structure:
    """Read `sql/reports/structures/NAME.csv` and add the lines that every structure has."""
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["position"]))
    structure = Structure(set(), set())
    levels: dict[str, int] = {}
    for row in rows:
        levels[row["line"]] = levels[row["parent"]] + 1 if row["parent"] else 0
        line = ReportLine(
            row["line"],
            row["statement"],
            row["parent"] or None,
            int(row["position"]) * 10,
            levels[row["line"]],
            row["name_en"],
            row["name_nl"],
            row["name_fr"],
            row["role"] or None,
            row["cash_flow"] or None,
        )
        structure.lines.add(line)
        if line.role == "result_of_year":
            structure.lines.add(_carried_forward(line))
        for column, side in SIDES.items():
            prefixes = ["" if prefix == "*" else prefix for prefix in row[column].split()]
            structure.mappings.update(Mapping(line.statement, prefix, side, line.line) for prefix in prefixes)
    structure.lines.update(map(_unmapped, STATEMENTS))
    return structure


def _carried_forward(result_of_year: ReportLine) -> ReportLine:
    """Where results of earlier years stand that no entry carried over, and no result account takes."""
    return result_of_year._replace(
        line="(result)",
        position=result_of_year.position + 1,
        name_en="Result carried forward",
        name_nl="Overgedragen resultaat",
        name_fr="Résultat reporté",
        role="result_carried_forward",
    )


def _unmapped(statement: str) -> ReportLine:
    names = ("Unmapped", "Niet toegewezen", "Non affecté")
    return ReportLine(f"unmapped:{statement}", statement, None, LAST_POSITION, 0, *names, "unmapped", None)


def synchronise(connection: psycopg.Connection[DictRow]) -> None:
    """Make the database's default structures equal to the files."""
    for name, country in STRUCTURES.items():
        with connection.transaction():
            _synchronise(connection, name, country)


def _synchronise(connection: psycopg.Connection[DictRow], name: str, country: str | None) -> None:
    wanted = read_structure(name)
    connection.execute(
        "insert into app.reporting_structure (name, country) values (%s, %s) on conflict (name) do nothing",
        [name, country],
    )
    row = connection.execute("select id from app.reporting_structure where name = %s for update", [name])
    structure_id = (row.fetchone() or {})["id"]
    if _stored(connection, structure_id) == wanted:
        return
    connection.execute("delete from app.report_line where structure_id = %s", [structure_id])
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into app.report_line
                (
                    structure_id, line, statement, parent, position, level, name_en, name_nl, name_fr,
                    role, cash_flow_line
                )
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [(structure_id, *line) for line in wanted.lines],
        )
        cursor.executemany(
            """
            insert into app.account_mapping (structure_id, statement, prefix, side, line)
            values (%s, %s, %s, %s, %s)
            """,
            [(structure_id, *mapping) for mapping in wanted.mappings],
        )


def _stored(connection: psycopg.Connection[DictRow], structure_id: int) -> Structure:
    lines = connection.execute(
        """
        select line, statement, parent, position, level, name_en, name_nl, name_fr, role, cash_flow_line
        from app.report_line where structure_id = %s
        """,
        [structure_id],
    )
    mappings = connection.execute(
        "select statement, prefix, side, line from app.account_mapping where structure_id = %s",
        [structure_id],
    )
    return Structure({ReportLine(**row) for row in lines}, {Mapping(**row) for row in mappings})
