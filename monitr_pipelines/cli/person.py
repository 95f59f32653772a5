"""Who gives the commands."""

import getpass

from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server.database import Connection


def person() -> str:
    """The name of whoever runs this process; `unknown` where the machine does not know it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def noted(connection: Connection, organisation_id: int, action: Action, subject: str) -> None:
    """Write down what they changed, in the transaction that changes it."""
    changes.record(connection, organisation_id, person(), action, subject)


def noted_of(connection: Connection, entity_key: str, action: Action, what: str = "") -> None:
    """The same of an entity; `what` of it, where its name does not say enough."""
    changes.record_of_entity(connection, entity_key, person(), action, what)
