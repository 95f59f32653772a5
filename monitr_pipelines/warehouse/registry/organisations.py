"""Organisations: who pays, and who is told when something is wrong."""

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from monitr_pipelines.lifecycle.errors import NameTaken, Refused
from monitr_pipelines.warehouse.registry import names, vault
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web_address import parts_of

ALERT_SECRET_BYTES = 32
# As Standard Webhooks mark a secret with which messages are signed.
SECRET_PREFIX = "whsec_"  # noqa: S105 - a mark, not a secret


def add(connection: Connection, name: str, subscription: str) -> int:
    """Register an organisation; Refused when the name is taken, or is none."""
    names.checked(name)
    try:
        row = connection.execute(
            "insert into app.organisation (name, subscription, subscription_applied) "
            "values (%(name)s, %(subscription)s, %(subscription)s) returning id",
            {"name": name, "subscription": subscription},
        ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise NameTaken(f"There is an organisation {name!r} already.") from None
    except psycopg.errors.CheckViolation:
        raise _unknown_state(subscription) from None
    return int(row["id"]) if row else 0


def find(connection: Connection, given: str) -> int:
    """The id of an organisation, by name or id; Refused when there is none."""
    row = connection.execute(
        "select id from app.organisation where %(given)s in (name, id::text) order by name <> %(given)s",
        {"given": given},
    ).fetchone()
    if row is None:
        raise Refused(f"There is no organisation {given!r}.", code="unknown_organisation")
    return int(row["id"])


def only_one(connection: Connection) -> str | None:
    """The name of the organisation that is meant where none is named; None where there is none.

    Raises:
        Refused: There are several that are active, or none of them is.
    """
    rows = connection.execute(
        "select name, subscription in ('active', 'trialing') as pays from app.organisation"
    )
    found = rows.fetchall()
    paying = [str(row["name"]) for row in found if row["pays"]]
    if found and len(paying) != 1:
        raise Refused("Say which organisation with --org; `monitr org list` shows them.", code="bad_value")
    return paying[0] if paying else None


def change(connection: Connection, organisation: str, values: Mapping[str, str | None]) -> str | None:
    """Change columns of an organisation: empty clears, None leaves alone; the gate follows at once.

    Returns the new secret with which messages to a given `alert_url` are signed: shown once, kept
    encrypted. A state that is set by hand counts as verified now.
    """
    given: dict[str, Any] = {name: value or None for name, value in values.items() if value is not None}
    _refuse_bad_addresses(given)
    secret = None
    if "alert_url" in given:
        secret = _new_secret() if given["alert_url"] else None
        given["alert_secret"] = vault.encrypt(secret) if secret else None
    pairs: list[sql.Composable] = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in given
    ]
    if "subscription" in given:
        pairs.append(
            sql.SQL("subscription_read_at = case when subscription_read_at is not null then now() end")
        )
    owner = find(connection, organisation)
    if pairs:
        statement = sql.SQL("update app.organisation set {} where id = %(id)s").format(
            sql.SQL(", ").join(pairs)
        )
        _update(connection, statement, given | {"id": owner})
    return secret


def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every organisation with its billing, who is alerted and how many active entities it has."""
    return database.run(connection, "queries/organisations").fetchall()


def _update(connection: Connection, statement: sql.Composed, values: Mapping[str, Any]) -> None:
    try:
        connection.execute(statement, values)
    except psycopg.errors.UniqueViolation:
        raise NameTaken(f"Customer {values['billing_customer']!r} is another organisation's.") from None
    except (psycopg.errors.CheckViolation, psycopg.errors.NotNullViolation):
        raise _unknown_state(values["subscription"]) from None


def _unknown_state(subscription: object) -> Refused:
    return Refused(f"{subscription!r} is not a subscription state.", code="bad_value")


def _refuse_bad_addresses(given: Mapping[str, str | None]) -> None:
    email, url = given.get("alert_email"), given.get("alert_url")
    if email and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", email):
        raise Refused(f"{email!r} is not an e-mail address.", code="bad_value")
    if url:
        try:
            parts_of(url)
        except ValueError as error:
            raise Refused(f"The address of the web hook is {error}.", code="bad_value") from None


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(ALERT_SECRET_BYTES)).decode()
