"""Messages by e-mail, over the server that `MONITR_SMTP_URL` names."""

import os
import smtplib
import ssl
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from monitr_pipelines import settings
from monitr_pipelines.alerts.addresses import Undeliverable
from monitr_pipelines.alerts.letters import letter
from monitr_pipelines.alerts.outbox import Batch
from monitr_pipelines.web_address import is_loopback

SMTP_URL = "MONITR_SMTP_URL"
ALERT_FROM = "MONITR_ALERT_FROM"
SECONDS = 10


def send(batch: Batch) -> None:
    """Send a batch as one e-mail; raises Undeliverable, or what the network or the server objects to."""
    message = _message(batch)
    address = _server()
    host = str(address.hostname)
    with _connected(address.scheme, host, address.port) as server:
        encrypted = address.scheme == "smtps" or _encrypt(server)
        if address.username:
            if not encrypted and not is_loopback(host):
                raise Undeliverable(f"{host} offers no encryption, so the password was not sent")
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)


def _message(batch: Batch) -> EmailMessage:
    sender = _address(os.environ.get(ALERT_FROM, ""), ALERT_FROM)
    written = letter(batch, settings.entities_page())
    message = EmailMessage()
    message["From"] = sender
    message["To"] = _address(batch.recipient, "the recipient")
    message["Subject"] = written.subject
    message["Message-ID"] = f"<{batch.identity}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text)
    return message


def _address(text: str, whose: str) -> Address:
    """One address and nothing else: what would smuggle in another header or recipient is refused."""
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        raise Undeliverable(f"{whose} is not an e-mail address") from None


def _server() -> SplitResult:
    """The server that is set; what is wrong is told in fixed words, for an error would quote the password."""
    try:
        address = urlsplit(os.environ.get(SMTP_URL, ""))
        valid = address.scheme in ("smtp", "smtps") and address.hostname and address.port != 0
    except ValueError:
        valid = False
    if not valid or address.path.strip("/") or address.query or address.fragment:
        raise Undeliverable(
            f"{SMTP_URL} is not set to smtp(s)://user:password@host:port; "
            "in the password, write %2F for /, %3F for ? and %23 for #"
        )
    return address


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 587, timeout=SECONDS)


def _encrypt(server: smtplib.SMTP) -> bool:
    server.ehlo()
    if not server.has_extn("starttls"):
        return False
    server.starttls(context=ssl.create_default_context())
    return True
