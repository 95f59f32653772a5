"""Messages by e-mail, over the server that is set."""

import smtplib
import ssl
from collections.abc import Callable
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from monitr_pipelines import settings
from monitr_pipelines.alerts.addresses import Undeliverable
from monitr_pipelines.alerts.letters import letter
from monitr_pipelines.alerts.outbox import Batch
from monitr_pipelines.web_address import is_loopback

SECONDS = 10


def send(batch: Batch) -> None:
    """Send a batch as one e-mail; raises Undeliverable, or what the network or the server objects to."""
    message = _message(batch)
    address = urlsplit(_set(settings.smtp_url, "MONITR_SMTP_URL"))
    host = str(address.hostname)
    with _connected(address.scheme, host, address.port) as server:
        encrypted = address.scheme == "smtps" or _encrypt(server)
        if address.username:
            if not encrypted and not is_loopback(host):
                raise Undeliverable(f"{host} offers no encryption, so the password was not sent")
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)


def _message(batch: Batch) -> EmailMessage:
    sender = Address(addr_spec=_set(settings.alert_from, "MONITR_ALERT_FROM"))
    written = letter(batch, settings.entities_page())
    message = EmailMessage()
    message["From"] = sender
    message["To"] = _recipient(batch.recipient)
    message["Subject"] = written.subject
    message["Message-ID"] = f"<{batch.identity}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text)
    return message


def _recipient(text: str) -> Address:
    """One address and nothing else: what would smuggle in another header or recipient is refused."""
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        raise Undeliverable("the recipient is not an e-mail address") from None


def _set(setting: Callable[[], str | None], variable: str) -> str:
    """The value of a setting that e-mail needs."""
    try:
        value = setting()
    except settings.BadSetting as wrong:
        raise Undeliverable(str(wrong).removesuffix(".")) from None
    if value is None:
        raise Undeliverable(f"{variable} is not set")
    return value


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
