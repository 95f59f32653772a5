"""Standard Webhooks: what a signed message is, signing one, verifying one."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.registry.hook_keys import public_id_of
from monitr_pipelines.web.shell.rejected import Rejected

REPLAY_WINDOW = timedelta(minutes=5)
KEY, ID, TIMESTAMP, SIGNATURE = "webhook-key", "webhook-id", "webhook-timestamp", "webhook-signature"
# Strict, so that a message is signed in one way only and nothing strange reaches the database.
SHAPES = {
    KEY: re.compile(r"[0-9a-f]{20}"),
    ID: re.compile(r"[!-~]{1,128}"),
    TIMESTAMP: re.compile(r"[1-9][0-9]{0,11}"),
    SIGNATURE: re.compile(r"[!-~]{1,200}( [!-~]{1,200}){0,9}"),
}


@dataclass(frozen=True)
class Message:
    """A request as it was signed; `key_id` is the public id of the key."""

    id: str
    key_id: str
    timestamp: int
    signatures: Sequence[str]
    content: str


def message_of(headers: Sequence[tuple[str, str]], body: bytes) -> Message:
    """Read the four headers and the body; Rejected where one is missing, doubled or malformed."""
    values = {name: _one(name, [value for given, value in headers if given == name]) for name in SHAPES}
    try:
        content = body.decode()
    except UnicodeDecodeError:
        raise Rejected(400, "malformed_json", "The body is not UTF-8. Send JSON.") from None
    return Message(
        id=values[ID],
        key_id=values[KEY],
        timestamp=int(values[TIMESTAMP]),
        signatures=values[SIGNATURE].split(" "),
        content=content,
    )


def require_fresh(message: Message, now: datetime) -> None:
    """Rejected when a message was signed more than five minutes before or after now."""
    if abs(now.timestamp() - message.timestamp) > REPLAY_WINDOW.total_seconds():
        raise Rejected(
            401,
            "timestamp_outside_window",
            f"{TIMESTAMP} is more than five minutes from now. Set the clock right, sign each attempt anew.",
        )


def is_signed_with(message: Message, key: str) -> bool:
    """Whether one of a message's signatures is made with the key. The message is fresh."""
    expected = _signature(key, message.id, message.timestamp, message.content).encode()
    return any(hmac.compare_digest(expected, given.encode()) for given in message.signatures)


def sign(key: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a request; Refused when the key, the id or the body cannot be of one."""
    try:
        content = body.decode()
    except UnicodeDecodeError:
        raise Refused("The body is not UTF-8.", code="bad_value") from None
    if not SHAPES[ID].fullmatch(message_id):
        raise Refused("An id has 1 to 128 visible ASCII characters and no space.", code="bad_value")
    timestamp = int(now.timestamp())
    return {
        KEY: public_id_of(key),
        ID: message_id,
        TIMESTAMP: str(timestamp),
        SIGNATURE: _signature(key, message_id, timestamp, content),
    }


def _signature(key: str, message_id: str, timestamp: int, content: str) -> str:
    return Webhook(key).sign(message_id, datetime.fromtimestamp(timestamp, UTC), content)


def _one(name: str, values: Sequence[str]) -> str:
    if not values:
        raise Rejected(401, "header_missing", f"The header {name} is missing.")
    if len(values) > 1 or not SHAPES[name].fullmatch(values[0]):
        raise Rejected(401, "header_malformed", f"The header {name} is not as Standard Webhooks has it.")
    return values[0]
