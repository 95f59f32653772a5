"""A message that comes again asks for nothing new: it is answered as it was the first time."""

import hashlib
from collections.abc import Callable

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell.rejected import Rejected


def once(
    connection: Connection, organisation_id: int, message_id: str, body: bytes, ask: Callable[[], int]
) -> int:
    """The import that a message asked for; `ask` is called for the first of equal messages alone.

    To be called within a transaction: what `ask` raises is not remembered. Of an entity that was removed
    since, it is asked anew, and refused. Rejected when the id was used for another body.
    """
    message = {"organisation_id": organisation_id, "message_id": message_id}
    body_hash = hashlib.sha256(body).digest()
    if database.run(connection, "web/hook/claim_message", **message, body_hash=body_hash).fetchone():
        import_id = ask()
        database.run(connection, "web/hook/remember", **message, import_id=import_id)
        return import_id
    known = database.run(connection, "web/hook/remembered", **message).fetchone()
    if known is None:
        raise OurFault(detail=f"message {message_id} was forgotten while it came again")
    if bytes(known["body_hash"]) != body_hash:
        raise Rejected(
            422,
            "id_used_before",
            "This webhook-id was used with another body. Give each message an id of its own.",
        )
    return int(known["import_id"]) if known["visible"] else ask()
