"""Messages to a program of the customer's: one signed POST, as Standard Webhooks describe it."""

import json
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from standardwebhooks.webhooks import Webhook

from monitr_pipelines import settings
from monitr_pipelines.alerts.addresses import Target, Undeliverable, target_of
from monitr_pipelines.alerts.letters import document
from monitr_pipelines.alerts.outbox import Batch
from monitr_pipelines.warehouse.registry import vault

SECONDS = 10


def send(batch: Batch) -> None:
    """Post a batch; raises Undeliverable unless the answer is a 2xx, or what the network objects to."""
    if batch.secret is None:
        raise Undeliverable("the organisation has no secret to sign with: set its alert URL again")
    body = json.dumps(document(batch, settings.entities_page()))
    identity, moment = f"msg_{batch.identity}", datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "user-agent": "monitr",
        "webhook-id": identity,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(vault.decrypt(batch.secret)).sign(identity, moment, body),
    }
    status = _post(target_of(batch.recipient), body.encode(), headers)
    if not 200 <= status < 300:
        raise Undeliverable(f"the receiver answered {status}")


def _post(target: Target, body: bytes, headers: dict[str, str]) -> int:
    """The status that the receiver answers with; nothing more of the answer is read, no redirect followed."""
    kind = HTTPSConnection if target.secure else HTTPConnection
    connection = kind(target.name, target.port, timeout=SECONDS)
    # The checked address is called, not whatever the name stands for by now.
    connected = socket.create_connection((target.address, target.port), timeout=SECONDS)
    if target.secure:
        connected = ssl.create_default_context().wrap_socket(
            connected, server_hostname=target.name, do_handshake_on_connect=False
        )
    connection.sock = connected
    # A time-out of a socket counts from byte to byte: who answers drop by drop is cut off.
    deadline = threading.Timer(SECONDS, _cut, [connected])
    deadline.start()
    try:
        if isinstance(connected, ssl.SSLSocket):
            connected.do_handshake()
        connection.request("POST", target.path, body, headers)
        return connection.getresponse().status
    except HTTPException as error:
        raise Undeliverable(f"the receiver's answer is not HTTP: {type(error).__name__}") from None
    finally:
        deadline.cancel()
        connection.close()


def _cut(connected: socket.socket) -> None:
    """End the connection below TLS, which would wait for the other side to agree."""
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
