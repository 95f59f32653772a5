"""Ledger files that wait for the import of an entity, and what became of them."""

from collections.abc import Callable
from typing import Any

from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import id_of

HEADER = "date,account_code,account_name,description,debit,credit,dimension1,dimension2\n"
Give = Callable[..., int]
Meet = Callable[[BaseException | None], None]


def csv(day: str, amount: int = 10) -> str:
    return f"{HEADER}{day},400000,,,{amount},,,\n{day},700000,,,,{amount},,\n"


def row(connection: Connection, upload: int) -> dict[str, Any]:
    found = connection.execute("select * from app.upload where id = %s", [upload]).fetchone()
    assert found is not None
    return found


def state(connection: Connection, upload: int) -> tuple[str, str | None]:
    found = row(connection, upload)
    return found["state"], found["error_code"]


def sums(connection: Connection, key: str) -> dict[str, int]:
    rows = connection.execute(
        "select account_code, sum(debit - credit)::int as total from raw.month_balance "
        "where entity_id = %s group by 1",
        [id_of(connection, key)],
    )
    return {one["account_code"]: one["total"] for one in rows}


def discard(connection: Connection, key: str, upload: int) -> None:
    owner = connection.execute("select organisation_id from app.entity where key = %s", [key]).fetchone()
    assert owner is not None
    with connection.transaction():
        tenancy.enter(connection, owner["organisation_id"])
        uploads.discard(connection, upload, "An")
