"""A mail server and a receiver of web hooks on loopback, and companies beside which nobody has alerts."""

import secrets
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from alerts_kit import NOW, Certificate, Company, Mailbox, Receiver, ReceivingServer

from monitr_pipelines.warehouse.registry import vault
from monitr_pipelines.warehouse.server.database import Connection


class MailServer(Controller):
    """On whatever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def _serving(box: Mailbox, **options: object) -> Iterator[int]:
    server = MailServer(box, hostname="127.0.0.1", port=0, **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    box = Mailbox()
    monkeypatch.setenv("MONITR_ALERT_FROM", "alerts@monitr.example")
    with _serving(box) as port:
        monkeypatch.setenv("MONITR_SMTP_URL", f"smtp://127.0.0.1:{port}")
        yield box


@pytest.fixture
def strict_mailbox(monkeypatch: pytest.MonkeyPatch, certificate: Certificate) -> Iterator[Mailbox]:
    """Encrypts where the client wants it, and lets nobody send without the password `open: sesame`."""
    box = Mailbox()
    monkeypatch.setenv("MONITR_ALERT_FROM", "alerts@monitr.example")

    def knows(*given: object) -> AuthResult:
        login = given[-1]
        return AuthResult(success=isinstance(login, LoginPassword) and login.password == b"open: sesame")

    options = {"tls_context": certificate.context(), "authenticator": knows, "auth_required": True}
    with _serving(box, **options) as port:
        monkeypatch.setenv("MONITR_SMTP_URL", f"smtp://monitr:open%3A%20sesame@localhost:{port}")
        yield box


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for `localhost` that nobody trusts who is not told to."""
    return Certificate(tmp_path_factory.mktemp("certificate") / "localhost.pem")


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate


@contextmanager
def _receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    server = ReceivingServer(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("MONITR_ALERT_ALLOW_LOOPBACK", "1")
    with _receiving() as got:
        yield got


@pytest.fixture
def secure_receiver(monkeypatch: pytest.MonkeyPatch, certificate: Certificate) -> Iterator[Receiver]:
    monkeypatch.setenv("MONITR_ALERT_ALLOW_LOOPBACK", "1")
    with _receiving(certificate.context()) as got:
        yield got


@pytest.fixture
def make_company(
    connection: Connection, make_entity: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Company]:
    """Companies beside which nobody else has alerts."""
    monkeypatch.delenv("MONITR_OPERATIONS_EMAIL", raising=False)
    connection.execute("delete from app.alert_message")
    connection.execute("delete from app.alert")
    connection.execute("update app.entity set status = 'Deleted'")

    def make(
        *, email: str | None = "books@customer.example", beside: Company | None = None, **options: object
    ) -> Company:
        key = make_entity(**options, organisation=beside and beside.organisation_id)
        row = connection.execute(
            "select id, organisation_id from app.entity where key = %s", [key]
        ).fetchone()
        assert row is not None
        company = Company(connection, key, row["id"], row["organisation_id"])
        company.sets(alert_email=email)
        company.has_figures_of(NOW - timedelta(hours=3))
        return company

    return make


@pytest.fixture
def secret(home: Path) -> str:
    """What a customer verifies signatures with."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture
def listens(receiver: Receiver, secret: str) -> Callable[[Company], None]:
    """Lets an organisation have its alerts by web hook."""
    return lambda company: company.sets(alert_url=receiver.url, alert_secret=vault.encrypt(secret))
