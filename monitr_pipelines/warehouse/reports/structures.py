"""Reporting structures as tables: templates, which follow `sql/reports/structures`, and those like them."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines import shipped
from monitr_pipelines.ledger.structures import reading
from monitr_pipelines.ledger.structures.lines import LANGUAGES, SIDES, Line, Role, Statement, Structure
from monitr_pipelines.warehouse.server import database

# The template of a country; None is the one for every other country, '' one that somebody has to choose.
CHOSEN = ""
TEMPLATES = {
    "be_nbb": "BE",
    "fr_groups": "FR",
    "nl_groups": "NL",
    "plain": None,
    "be_nbb_abridged": CHOSEN,
    "be_nbb_association": CHOSEN,
    "fr_pcg": CHOSEN,
    "nl_rgs": CHOSEN,
    "plain_groups": CHOSEN,
}
FOLDER = shipped.SQL / "reports" / "structures"
# Where the program adds a line for what no line takes.
STATEMENTS = (Statement.BALANCE_SHEET, Statement.PROFIT_AND_LOSS)
LAST_POSITION = 1_000_000
# Between two lines there is room for one that the program adds.
STEP = 10


class ReportLine(NamedTuple):
    """A line of a report; `role` marks the lines that are computed or looked for by name.

    `cash_flow_line`: the line of the cash flow statement that a leaf of another statement counts in.
    `top`: it is a main line: pages show these alone where that is asked for.
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
    top: bool


class Mapping(NamedTuple):
    """Accounts of a statement whose code starts with the prefix belong to the line.

    `side`: only while their balance is a `debit` or a `credit`; empty for either.
    """

    statement: str
    prefix: str
    side: str
    line: str


@dataclass(frozen=True)
class Stored:
    """The rows of a structure: the report lines of its statements and the accounts that belong to them."""

    lines: set[ReportLine]
    mappings: set[Mapping]


def read_template(name: str) -> Structure:
    """The structure that `sql/reports/structures/NAME.csv` tells."""
    return reading.read((FOLDER / f"{name}.csv").read_bytes())


def rows_of(structure: Structure) -> Stored:
    """A structure as rows, with the lines that every structure has."""
    rows = Stored(set(), set())
    for place, (level, line) in enumerate(structure.in_order(), start=1):
        row = _row(line, place * STEP, level)
        rows.lines.add(row)
        if line.role == Role.RESULT_OF_YEAR:
            rows.lines.add(_carried_forward(row))
        for column, side in SIDES.items():
            rows.mappings.update(
                Mapping(line.statement, prefix, side, line.line) for prefix in line.accounts[column]
            )
    rows.lines.update(map(_unmapped, STATEMENTS))
    if any(line.statement == Statement.CASH_FLOW for line in structure.lines):
        rows.lines.add(_not_linked())
    return rows


def _row(line: Line, position: int, level: int) -> ReportLine:
    name_en, name_nl, name_fr = (line.names[language] for language in LANGUAGES)
    return ReportLine(
        line.line,
        line.statement,
        line.parent or None,
        position,
        level,
        name_en,
        name_nl,
        name_fr,
        line.role,
        line.cash_flow or None,
        line.top,
    )


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
    return ReportLine(
        f"unmapped:{statement}", statement, None, LAST_POSITION, 0, *names, "unmapped", None, top=True
    )


def _not_linked() -> ReportLine:
    """What changed cash, and is on no line of the cash flow statement."""
    return _unmapped(Statement.CASH_FLOW)._replace(
        name_en="Not linked", name_nl="Niet gekoppeld", name_fr="Non relié"
    )


def structure_of(rows: Stored) -> Structure:
    """The structure that rows tell, without the lines that every one is given; ranks are counted anew."""
    accounts: dict[tuple[str, str], list[str]] = {}
    for mapping in sorted(rows.mappings):
        accounts.setdefault((mapping.line, mapping.side), []).append(mapping.prefix)
    told = [row for row in rows.lines if row.role is None or row.role in set(Role)]
    return Structure(
        tuple(
            Line(
                row.line,
                Statement(row.statement),
                row.parent or "",
                place,
                row.top,
                {"en": row.name_en, "nl": row.name_nl, "fr": row.name_fr},
                {column: tuple(accounts.get((row.line, side), ())) for column, side in SIDES.items()},
                row.cash_flow_line or "",
                Role(row.role) if row.role else None,
            )
            for place, row in enumerate(sorted(told, key=lambda row: row.position), start=1)
        )
    )


def synchronise(connection: psycopg.Connection[DictRow]) -> None:
    """Make the database's templates equal to the files; what people placed on their lines stays.

    Those that are as this program made them of their files are not read.
    """
    sums = _sums(connection)
    for name, country in TEMPLATES.items():
        made_from = _made_from(name)
        if sums.get(name) == (made_from, True):
            continue
        with connection.transaction():
            structure_id = _template(connection, name, country)
            write(connection, structure_id, rows_of(read_template(name)))
            held = _held(connection)[name]
            connection.execute(
                "update app.reporting_structure set kept = %s where id = %s",
                [f"{made_from} {held}", structure_id],
            )


def _sums(connection: psycopg.Connection[DictRow]) -> dict[str, tuple[str, bool]]:
    """Of each template what it was made from, and whether its rows are still those that were made."""
    rows = database.run(connection, "reports/structure_sums").fetchall()
    found = {row["name"]: ((row["kept"] or " ").split(" "), row["held"]) for row in rows}
    return {name: (made_from, was == held) for name, ((made_from, was), held) in found.items()}


def _held(connection: psycopg.Connection[DictRow]) -> dict[str, str]:
    return {row["name"]: row["held"] for row in database.run(connection, "reports/structure_sums")}


def _made_from(name: str) -> str:
    """The file of a template, and what the program makes of it."""
    return sha256(b"\n".join(((FOLDER / f"{name}.csv").read_bytes(), *_programme()))).hexdigest()


@cache
def _programme() -> tuple[bytes, ...]:
    return tuple(shipped.sources("ledger/structures", "warehouse/reports/structures.py"))


def _template(connection: psycopg.Connection[DictRow], name: str, country: str | None) -> int:
    connection.execute(
        "insert into app.reporting_structure (name, country) values (%s, %s) "
        "on conflict on constraint structure_of_an_organisation do nothing",
        [name, country],
    )
    row = connection.execute(
        "select id from app.reporting_structure where name = %s and organisation_id is null for update",
        [name],
    ).fetchone()
    return int((row or {})["id"])


def write(connection: psycopg.Connection[DictRow], structure_id: int, wanted: Stored) -> None:
    """Make the rows of a structure, which the caller locked, equal to the wanted ones."""
    if stored(connection, structure_id) == wanted:
        return
    connection.execute("delete from app.report_line where structure_id = %s", [structure_id])
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into app.report_line
                (
                    structure_id, line, statement, parent, position, level, name_en, name_nl, name_fr,
                    role, cash_flow_line, top
                )
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
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
    connection.execute("call app.keep_ancestry(%s)", [structure_id])


def stored(connection: psycopg.Connection[DictRow], structure_id: int) -> Stored:
    """The rows of a structure."""
    lines = connection.execute(
        """
        select
            line, statement, parent, position, level, name_en, name_nl, name_fr, role, cash_flow_line, top
        from app.report_line where structure_id = %s
        """,
        [structure_id],
    )
    mappings = connection.execute(
        "select statement, prefix, side, line from app.account_mapping where structure_id = %s",
        [structure_id],
    )
    return Stored({ReportLine(**row) for row in lines}, {Mapping(**row) for row in mappings})
