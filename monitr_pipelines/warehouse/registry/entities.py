"""Entities of organisations: adding, changing, finding."""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from monitr_pipelines.ledger.guard import LARGEST_LOSS
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.lifecycle.errors import EntityGone, ImportProblem, Refused
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import changes, names, organisations
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

COLUMNS = ("name", "administration", "currency", "fiscal_year_start", "country", "result_account")
FISCAL_YEARS = "fiscal_years"
# The axis whose values may place an account elsewhere: a column, set as settings are.
PRIMARY_AXIS = "primary_axis"
BY_FILES = "file"
REMOVED = "Deleted"


@dataclass(frozen=True)
class Entity:
    """One company's administration, as an import needs to know it.

    `fiscal_year_known`: somebody told in which month its fiscal year starts; until then, January counts.
    """

    id: int
    key: str
    name: str
    provider: str
    calendar: FiscalCalendar
    settings: Mapping[str, Any]
    fiscal_year_known: bool = True

    @property
    def largest_loss(self) -> Decimal:
        """The share of its lines that a month may lose before it is a doubt."""
        return Decimal(self.settings.get("largest_loss", LARGEST_LOSS))


def add_entity(
    connection: Connection,
    organisation: str,
    provider: str,
    values: Mapping[str, Any],
    *,
    connection_id: int | None = None,
    asked_by: str = "first import",
) -> str:
    """Register an entity and return its key, made from its number and its name.

    `connection_id` is the stored connection that it is imported through; None makes one without
    credentials, for ledger files. `asked_by`: who wants it imported. Where the values of an administration
    do not tell its fiscal year, the first import asks.

    Its first import is requested with it, unless it is fed by files or its organisation does not pay.
    """
    with connection.transaction():
        _refuse_result_account(connection, None, values)
        owner = organisations.find(connection, organisation)
        integration = _connection(connection, owner, provider, connection_id)
        number = connection.execute(
            "select nextval(pg_get_serial_sequence('app.entity', 'id')) as id"
        ).fetchone()
        if integration is None or number is None:
            raise Refused("The entity could not be added.")
        key = f"{number['id']}-{_slug(values['name'])}"
        given = {name: value for name, value in values.items() if value is not None}
        row = {
            "id": number["id"],
            "key": key,
            "organisation_id": owner,
            "integration_id": integration["id"],
        }
        if connection_id is not None:
            row["fiscal_year_start"] = None
        _write(connection, "insert", row | given)
        if provider != BY_FILES:
            with suppress(ImportProblem):
                requests.request(connection, key, trigger=Trigger.FIRST, requested_by=asked_by)
    return key


def _connection(
    connection: Connection, owner: int, provider: str, connection_id: int | None
) -> dict[str, Any] | None:
    if connection_id is None:
        return database.run(
            connection,
            "registry/add_connection",
            organisation_id=owner,
            provider=provider,
            label="",
            person=None,
        ).fetchone()
    row = connection.execute(
        "select id from app.integration where id = %s and organisation_id = %s", [connection_id, owner]
    ).fetchone()
    if row is None:
        raise Refused(
            f"Connection {connection_id} is not one of this organisation.", code="unknown_connection"
        )
    return row


def change_entity(connection: Connection, key: str, values: Mapping[str, Any]) -> None:
    """Change the given columns of an entity; settings are merged into what is there.

    An empty primary axis: it has none any more.
    """
    with connection.transaction():
        entity = find(connection, key)
        given = {name: value for name, value in values.items() if value is not None}
        if given.get(PRIMARY_AXIS) == "":
            given[PRIMARY_AXIS] = None
        if "settings" in given:
            given["settings"] = {**entity.settings, **given["settings"]}
        _refuse_result_account(connection, key, given)
        if given:
            _write(connection, "update", {"id": entity.id} | given)


def find(connection: Connection, key: str, *, removed: bool = False) -> Entity:
    """The entity with a key; EntityGone when there is none, or it was removed and `removed` is not wanted."""
    row = connection.execute(
        """
        select e.id, e.key, e.name, e.status, i.provider, e.fiscal_year_start, e.settings
        from app.entity as e inner join app.integration as i on e.integration_id = i.id
        where e.key = %s
        """,
        [key],
    ).fetchone()
    if row is None:
        raise EntityGone(f"There is no entity {key!r}.", code="unknown_entity")
    if row["status"] == REMOVED and not removed:
        raise EntityGone(Message("entity_removed"), code="entity_removed")
    start = row["fiscal_year_start"]
    return Entity(
        row["id"],
        row["key"],
        row["name"],
        row["provider"],
        FiscalCalendar.parse(start or 1, row["settings"].get(FISCAL_YEARS, "")),
        row["settings"],
        fiscal_year_known=start is not None,
    )


def set_fiscal_year(connection: Connection, entity: Entity, start_month: int) -> Entity:
    """Note where the accounting software starts the fiscal year, unless somebody told meanwhile."""
    connection.execute(
        "update app.entity set fiscal_year_start = %s where id = %s and fiscal_year_start is null",
        [start_month, entity.id],
    )
    return find(connection, entity.key, removed=True)


def reset(connection: Connection, key: str, asked_by: str) -> None:
    """Make the next import a full one; what is stored stays until that commits."""
    with connection.transaction():
        connection.execute(
            "update app.entity set reset_at = clock_timestamp(), reset_by = %s where id = %s",
            [asked_by, find(connection, key).id],
        )
        changes.record_of_entity(connection, key, asked_by, Action.RESET_ASKED)


def mark_not_found(connection: Connection, entity_id: int) -> None:
    """The accounting software no longer has the administration: imports stop until a check finds it."""
    connection.execute(
        "update app.entity set status = 'Not found' where id = %s and status = 'Active'", [entity_id]
    )


def mark_found(connection: Connection, entity_id: int) -> None:
    """A check found the administration again, where the stored credentials work: imports go on."""
    connection.execute(
        "update app.entity set status = 'Active' where id = %s and status = 'Not found'", [entity_id]
    )
    connection.execute(
        """
        update app.integration set state = 'connected'
        where state <> 'removed' and id = (select integration_id from app.entity where id = %s)
        """,
        [entity_id],
    )


def mark_reconnect_needed(connection: Connection, entity_id: int, *, import_id: int | None = None) -> None:
    """The entity's credentials no longer work: imports stop until someone connects again.

    What an import learned counts only where nobody has connected again since it started.
    """
    connection.execute(
        """
        update app.integration set state = 'reconnect needed'
        where
            id = (select integration_id from app.entity where id = %s)
            and state <> 'removed'
            and not exists (
                select from app.import
                where import.id = %s and import.started_at < integration.connected_at
            )
        """,
        [entity_id, import_id],
    )


def _refuse_result_account(connection: Connection, key: str | None, values: Mapping[str, Any]) -> None:
    """Refuse an account of profit and loss: what is booked on it would be missing there."""
    code = values.get("result_account")
    if code is None:
        return
    found = database.run(
        connection,
        "registry/statement_of_account",
        entity_key=key,
        code=code,
        country=values.get("country"),
    ).fetchone()
    if found is not None and found["type"] == "profit_and_loss":
        raise Refused(
            f"{code} is an account of profit and loss, and the result is carried to one of equity. Where the "
            "opening entries of a year hold such accounts, the year before was not closed: nothing needs to "
            "be set.",
            code="bad_value",
        )


def _write(connection: Connection, verb: str, row: Mapping[str, Any]) -> None:
    values = {name: Jsonb(value) if name == "settings" else value for name, value in row.items()}
    if "name" in values:
        values["name"] = names.tidied(row["name"])
    columns = [sql.Identifier(name) for name in values]
    if verb == "insert":
        statement = sql.SQL("insert into app.entity ({}) overriding system value values ({})").format(
            sql.SQL(", ").join(columns), sql.SQL(", ").join(map(sql.Placeholder, values))
        )
    else:
        pairs = (sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values)
        statement = sql.SQL("update app.entity set {} where id = %(id)s").format(
            sql.SQL(", ").join(pair for pair, name in zip(pairs, values, strict=True) if name != "id")
        )
    try:
        connection.execute(statement, values)
    except psycopg.errors.CheckViolation as error:
        constraint = (error.diag.constraint_name or "").removeprefix("entity_").removesuffix("_check")
        raise Refused(f"{values.get(constraint)!r} is not a {constraint}.", code="bad_value") from None


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-") or "entity"
