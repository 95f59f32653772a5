"""What is not as it should be about an installation: server, migrations, roles and what each may do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.roles import ROLES
from monitr_pipelines.warehouse.upkeep import migrations

ADDRESSES: dict[str, Callable[[], str]] = {
    "the owner": database.owner_url,
    "imports": database.url,
    "the web process": database.web_url,
    "back-ups": database.backup_url,
}
# What each finding of `sql/upkeep/rights.sql` means, and what to do; NOTES are no problems.
TEXTS = {
    "role_missing": "The role {subject} does not exist. Run `monitr migrate`; where that may not create "
    "roles, have an administrator of the server create it.",
    "role_mighty": "The role {subject} may do more than its process needs. Have an administrator execute: "
    "alter role {subject} nosuperuser nocreatedb nocreaterole noreplication; and for others than "
    "monitr_importer: alter role {subject} nobypassrls.",
    "role_no_login": "The role {subject} cannot sign in. Have an administrator execute: "
    "alter role {subject} login.",
    "no_bypass": "The role {subject} does not bypass row level security, so that first imports take longer. "
    "Have an administrator execute: alter role {subject} bypassrls.",
    "table_open": "Row level security is not forced on {subject}: the web process may see rows of every "
    "tenant. A migration must call app.protect for it.",
    "web_turn": "The web process has rights on {subject} and could hold imports up. Run `monitr migrate`.",
    "web_temporary": "The web process may make temporary tables or schemas in the database {subject}. Have "
    "its owner execute: revoke temporary, create on database {subject} from public.",
    "web_creates": "The web process may make tables in the schema {subject}. Have its owner execute: "
    "revoke create on schema {subject} from public.",
    "large_objects": "The web process may make large objects, which belong to no tenant and fill the disk. "
    "Have an administrator of the server execute in this database: revoke execute on function {subject} "
    "from public.",
}
NOTES = frozenset({"no_bypass"})


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, and what to do; a note is no problem."""

    code: str
    text: str

    @property
    def is_problem(self) -> bool:
        """Whether someone must act."""
        return self.code not in NOTES


def check() -> list[Finding]:
    """Everything that is found about the database of the books, the worst first. It changes nothing."""
    unreachable = list(_unreachable())
    if any(finding.code == "owner_unreachable" for finding in unreachable):
        return unreachable
    with database.connect_as_owner(autocommit=True) as connection:
        if connection.info.server_version < migrations.OLDEST_SERVER:
            return [Finding("server_old", "PostgreSQL 17 or newer is needed. Move the database to one.")]
        rights = [
            Finding(row["code"], TEXTS[row["code"]].format(**row))
            for row in database.run(connection, "upkeep/rights", roles=list(ROLES))
        ]
        found = [*unreachable, *_migrations(connection), *rights]
    return sorted(found, key=lambda finding: not finding.is_problem)


def _unreachable() -> Iterator[Finding]:
    for who, address in ADDRESSES.items():
        try:
            psycopg.connect(address(), connect_timeout=database.CONNECT_SECONDS).close()
        except psycopg.OperationalError as refusal:
            code = "owner_unreachable" if who == "the owner" else "unreachable"
            told = str(refusal).strip().splitlines()[-1]
            yield Finding(code, f"The database of the books cannot be reached as {who} reaches it: {told}.")


def _migrations(connection: psycopg.Connection[DictRow]) -> Iterator[Finding]:
    try:
        missing = migrations.pending(connection)
    except migrations.MigrationEdited as edited:
        yield Finding("migration_edited", f"{edited}. Run the program that this database was migrated by.")
        return
    if missing:
        names = ", ".join(missing)
        yield Finding("not_migrated", f"The database lacks {names}. Run `monitr migrate`.")
