"""Sending what is due: each attempt is noted before it is made, each success after it."""

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime

from monitr_pipelines.alerts import email, outbox, web_hook
from monitr_pipelines.alerts.outbox import Batch
from monitr_pipelines.warehouse.server.database import Connection

LONGEST_ERROR = 300
SENDERS = {"email": email.send, "hook": web_hook.send}

log = logging.getLogger(__name__)


def deliver(connection: Connection, now: datetime | None = None) -> None:
    """Send a few batches of each channel at once and note what became of them; `now` is aware.

    Takes as long as the slowest time-out at most, a minute where a mail server answers nothing: call it
    where nobody waits, on a connection outside a transaction. Never raises for what cannot be sent.
    """
    now = now or datetime.now(UTC)
    outbox.withdraw(connection, now)
    batches = [batch for channel in outbox.CHANNELS for batch in outbox.claim(connection, channel, now)]
    if not batches:
        return
    with ThreadPoolExecutor(max_workers=len(batches)) as pool:
        attempts = {pool.submit(_attempt, batch): batch for batch in batches}
        for attempt in as_completed(attempts):
            _note(connection, attempts[attempt], attempt.result(), now)


def _attempt(batch: Batch) -> str | None:
    """What went wrong, or None. Whatever it was, other messages are not held up by it."""
    try:
        SENDERS[batch.channel](batch)
    except Exception as error:  # noqa: BLE001 - noted with the message, and tried again
        return f"{type(error).__name__}: {error}".splitlines()[0][:LONGEST_ERROR]
    return None


def _note(connection: Connection, batch: Batch, error: str | None, now: datetime) -> None:
    if error is None:
        outbox.note_sent(connection, batch, now)
        return
    outbox.note_failed(connection, batch, error, now)
    outcome = "given up" if batch.last_attempt else "tried again later"
    log.warning("%s about %s, messages %s: %s; %s", batch.channel, batch.cause, batch.ids, error, outcome)
