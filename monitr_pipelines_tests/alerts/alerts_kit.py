"""Companies whose imports end as wanted, and what mail servers and receivers of web hooks got."""

import json
import os
import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from monitr_pipelines.warehouse.server.database import Connection

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass
class Mailbox:
    """What the mail server got; `refuse` is what it answers instead."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuse: str | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@dataclass
class Receiver:
    """A program that takes web hooks and answers with `status`."""

    url: str
    status: int = 204
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def documents(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.requests]


class ReceivingServer(ThreadingHTTPServer):
    """Where a receiver listens, by TLS where it has a certificate."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), ReceivingHandler)
        scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
        self.got = Receiver(f"{scheme}://{host}:{self.server_address[1]}/alerts?tenant=7")
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)


class ReceivingHandler(BaseHTTPRequestHandler):
    server: ReceivingServer

    def do_POST(self) -> None:
        got = self.server.got
        body = self.rfile.read(int(self.headers["content-length"]))
        got.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(got.status)
        self.send_header("location", got.url)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Certificate:
    """A self-signed certificate for `localhost`, with its key, in one file."""

    file: Path

    def __post_init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file.write_bytes(
            made.public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )

    def context(self) -> ssl.SSLContext:
        """What a server shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


@dataclass
class Company:
    """An entity whose imports end as told; its figures are fresh unless told otherwise."""

    connection: Connection
    key: str
    entity_id: int
    organisation_id: int

    def ends(self, code: str | None, at: datetime = NOW, outcome: str | None = None) -> int:
        row = self.connection.execute(
            """
            insert into app.import
                (entity_id, trigger, run_id, requested_at, started_at, lease_until, finished_at, outcome,
                 error_code, error_message)
            select %(entity)s, 'scheduled', %(run)s, %(at)s, %(at)s, %(at)s, %(at)s, %(outcome)s, %(code)s,
                %(told)s
            returning id
            """,
            {
                "entity": self.entity_id,
                "run": f"alert-run-{uuid4()}",
                "at": at,
                "outcome": outcome or ("failed" if code else "succeeded"),
                "code": code,
                "told": f"It was {code}." if code else None,
            },
        ).fetchone()
        assert row is not None
        if code is None:
            self.has_figures_of(at)
        return int(row["id"])

    def has_figures_of(self, moment: datetime) -> None:
        self.connection.execute(
            "update app.entity set figures_at = %s where id = %s", [moment, self.entity_id]
        )

    def sets(self, **columns: object) -> None:
        for name, value in columns.items():
            self.connection.execute(
                f"update app.organisation set {name} = %s where id = %s",  # noqa: S608 - our own names
                [value, self.organisation_id],
            )

    @property
    def open_causes(self) -> list[str]:
        rows = self.connection.execute(
            "select cause from app.alert where entity_id = %s and closed_at is null", [self.entity_id]
        ).fetchall()
        return [row["cause"] for row in rows]

    @property
    def messages(self) -> list[tuple[str, str, str]]:
        rows = self.connection.execute(
            """
            select kind, channel, cause from app.alert_message as messages
            inner join app.alert as alerts on messages.alert_id = alerts.id
            where entity_id = %s and given_up_at is null order by messages.id
            """,
            [self.entity_id],
        ).fetchall()
        return [(row["kind"], row["channel"], row["cause"]) for row in rows]


def killed_child(work: Callable[[], None]) -> int:
    """How a process of its own that does the work ended: 0, 1 after an error, or what it was killed with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads here hold no lock that the child needs
        child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent sees the code
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
