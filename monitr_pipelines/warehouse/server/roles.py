"""The database's own idea of who may do what: a role for each kind of process.

The owner migrates; `monitr_importer` changes rows and nothing else; `monitr_web` sees one organisation
at a time (`tenancy.py`); `monitr_backup` reads.
"""

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.warehouse.server import database

ROLES = {
    database.IMPORTER: "login bypassrls",
    database.WEB: "login",
    database.BACKUP: "login",
}


class RolesMissing(OurFault):
    """The roles do not exist, and whoever migrates may not create them."""

    code = "roles_missing"


def create(connection: psycopg.Connection[DictRow]) -> None:
    """Create the roles that the server lacks; RolesMissing tells its operator what to execute."""
    try:
        database.run(connection, "server/create")
    except psycopg.errors.InsufficientPrivilege as refusal:
        wanted = "; ".join(f"create role {role} {attributes}" for role, attributes in ROLES.items())
        raise RolesMissing(
            f"The roles of the database cannot be created by {connection.info.user}. "
            f"Have an administrator of the server execute: {wanted}; "
            f"grant {', '.join(ROLES)} to {connection.info.user};",
            detail=str(refusal).strip(),
        ) from None


def grant(connection: psycopg.Connection[DictRow]) -> None:
    """Give every role its rights in this database, on tables of the newest migration too."""
    database.run(connection, "server/grant")
