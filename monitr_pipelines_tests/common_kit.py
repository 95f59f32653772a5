"""What tests of several folders look at: the rows of an entity, and real ledger files."""

import json
import os
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from process_kit import LONGEST_WAIT

from monitr_pipelines.warehouse.server.database import CHANNEL, Connection

SHARED = Path(__file__).parents[1] / "../shared/reference"
MARK = "that is all"
RAW = ("raw.gl_transaction", "raw.account")
MARTS = (
    "mapped.account_line",
    "mapped.fiscal_month",
    "marts.balance_month",
    "marts.trial_balance",
    "marts.profit_and_loss",
    "marts.balance_sheet",
    "marts.cash_flow",
    "marts.axis_report",
)


def entity_id(connection: Connection, entity: str) -> int:
    row = connection.execute("select id from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    return int(row["id"])


def organisation_of(connection: Connection, entity: str) -> dict[str, Any]:
    row = connection.execute(
        "select o.* from app.organisation as o inner join app.entity as e on o.id = e.organisation_id "
        "where e.key = %s",
        [entity],
    ).fetchone()
    assert row is not None
    return row


def set_organisation(connection: Connection, entity: str, assignment: str) -> None:
    """Change the organisation of an entity, such as `subscription = 'canceled'`."""
    connection.execute(
        f"update app.organisation set {assignment} "  # noqa: S608 - of a test
        "where id = (select organisation_id from app.entity where key = %s)",
        [entity],
    )


def cancel_waiting(connection: Connection) -> None:
    """What other tests left waiting is launched by no reconciler."""
    connection.execute(
        "update app.import set outcome = 'canceled', finished_at = now() "
        "where started_at is null and finished_at is null"
    )


def heard(listener: Connection) -> list[Any]:
    """What was told on the channel since this connection listens, or asked last: all of what is committed.

    A mark of its own comes behind it. A stream that is left open would keep the connection to itself.
    """
    listener.execute("select pg_notify(%s, %s)", [CHANNEL, MARK])
    payloads = []
    with closing(listener.notifies(timeout=LONGEST_WAIT)) as news:
        for each in news:
            if each.payload == MARK:
                break
            payloads.append(json.loads(each.payload))
    return payloads


def contents(
    connection: Connection, entity: str, tables: Iterable[str] = (*RAW, *MARTS)
) -> dict[str, list[str]]:
    """Every row of an entity, comparable with another's and with those of another import."""
    return {
        table: sorted(
            repr(row["row"])
            for row in connection.execute(
                "select to_jsonb(t) - '{entity_id,import_id,updated_at}'::text[] as row "  # noqa: S608
                f"from {table} as t where entity_id = %s",
                [entity_id(connection, entity)],
            )
        )
        for table in tables
    }


def reference(*path: str) -> Path:
    """A real file; the test is skipped where the files are absent, unless they are required."""
    found = SHARED.joinpath(*path)
    if not found.is_file():
        if os.environ.get("MONITR_REQUIRE_REFERENCE") == "1":
            pytest.fail(f"{found} is required and absent")
        pytest.skip(f"the reference file {'/'.join(path)} is not on this machine")
    return found
