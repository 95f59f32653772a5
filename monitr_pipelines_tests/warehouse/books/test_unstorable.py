"""What PostgreSQL itself refuses of lines that passed every check before is told as what it is."""

from typing import LiteralString

import psycopg
import pytest

from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.warehouse.books.unstorable import storable
from monitr_pipelines.warehouse.server.database import Connection

LONG_KEY = "select string_agg(sha256(n::text::bytea)::text, '') from generate_series(1, 200) as n"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (f"insert into keyed {LONG_KEY}", "text_too_long"),
        ("select 123456::numeric(5, 2)", "sum_too_large"),
        ("select '2026-02-30'::date", "unfit_lines"),
        ("insert into keyed values (null)", "unfit_lines"),
    ],
)
def test_a_refusal_names_who_acts(connection: Connection, statement: LiteralString, code: str) -> None:
    connection.execute("create temporary table keyed (key text primary key)")
    with pytest.raises(InconsistentData) as refused, storable():
        connection.execute(statement)
    connection.execute("drop table keyed")
    assert refused.value.code == code
    (found,) = refused.value.findings
    assert found.code == "unfit_line"
    assert found.message


def test_a_text_that_never_reached_the_server(connection: Connection) -> None:
    with pytest.raises(InconsistentData) as refused, storable():
        connection.execute("select %s", ["a\0b"])
    assert refused.value.code == "unfit_lines"


def test_what_is_no_fault_of_the_source_is_not_called_one(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable), storable():
        connection.execute("select from nowhere")
