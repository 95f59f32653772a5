"""The outgoing web hook: signed, and sent nowhere but where it may go."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from alerts_kit import Certificate, Company, Receiver
from process_kit import LONGEST_WAIT
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from test_alerts_email import batch

from monitr_pipelines.alerts import web_hook
from monitr_pipelines.alerts.addresses import Undeliverable, target_of
from monitr_pipelines.warehouse.registry import vault


def signed_batch(url: str, secret: str) -> object:
    return batch(channel="hook", recipient=url, secret=vault.encrypt(secret))


def test_the_receiver_can_verify_it(receiver: Receiver, secret: str) -> None:
    web_hook.send(signed_batch(receiver.url, secret))
    ((headers, body),) = receiver.requests
    said = Webhook(secret).verify(body, headers)
    assert said["type"] == "alert.opened"
    assert said["data"]["organisation"] == "Peeters Group"
    assert said["data"]["cause"] == "reconnect_needed"
    assert [entity["key"] for entity in said["data"]["entities"]] == ["1042-bakkerij-peeters"]
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"Peeters", b"Janssens"), headers)


def test_a_receiver_of_a_good_name_gets_it_over_tls(
    secure_receiver: Receiver, secret: str, trusted: Certificate
) -> None:
    web_hook.send(signed_batch(secure_receiver.url, secret))
    ((headers, _),) = secure_receiver.requests
    assert headers["host"].startswith("localhost:")


def test_a_receiver_that_nobody_vouches_for_gets_nothing(secure_receiver: Receiver, secret: str) -> None:
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        web_hook.send(signed_batch(secure_receiver.url, secret))
    assert secure_receiver.requests == []


def test_without_a_secret_nothing_is_sent(receiver: Receiver) -> None:
    with pytest.raises(Undeliverable, match="no secret"):
        web_hook.send(batch(channel="hook", recipient=receiver.url))
    assert receiver.requests == []


@contextmanager
def answering(answer: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connected, _ = server.accept()
            with tls.wrap_socket(connected, server_side=True) if tls else connected as connected:
                connected.recv(65536)
                answer(connected)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"{'https' if tls else 'http'}://localhost:{server.getsockname()[1]}/"
        thread.join(LONGEST_WAIT)
        assert not thread.is_alive(), "nobody hung up"


def drips(connected: socket.socket) -> None:
    """A byte now and then, each in time, until the other side hangs up."""
    with suppress(OSError):
        connected.sendall(b"HTTP/1.1 ")
        while not select.select([connected], [], [], 0.05)[0]:
            connected.sendall(b"y")


def is_silent(connected: socket.socket) -> None:
    connected.recv(1)


@pytest.mark.parametrize("answer", [drips, is_silent])
@pytest.mark.parametrize("secure", [False, True])
def test_a_receiver_that_takes_its_time_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
    secret: str,
    trusted: Certificate,
    answer: Callable[[socket.socket], None],
    *,
    secure: bool,
) -> None:
    monkeypatch.setenv("MONITR_ALERT_ALLOW_LOOPBACK", "1")
    monkeypatch.setattr(web_hook, "SECONDS", 1)
    context = trusted.context() if secure else None
    with answering(answer, context) as url, pytest.raises((OSError, Undeliverable)):
        web_hook.send(signed_batch(url, secret))


@pytest.mark.parametrize(
    "answer",
    [b"", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000, b"HTTP/1.1 2\xff0 \r\n\r\n"],
)
def test_an_answer_that_is_none_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, secret: str, answer: bytes
) -> None:
    monkeypatch.setenv("MONITR_ALERT_ALLOW_LOOPBACK", "1")
    with (
        answering(lambda connected: connected.sendall(answer)) as url,
        pytest.raises((OSError, Undeliverable)),
    ):
        web_hook.send(signed_batch(url, secret))


def test_an_endless_answer_is_not_read(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("MONITR_ALERT_ALLOW_LOOPBACK", "1")

    def floods(connected: socket.socket) -> None:
        try:
            connected.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
            while True:
                connected.sendall(b"y" * 65536)
        except OSError:
            pass

    with answering(floods) as url:
        web_hook.send(signed_batch(url, secret))


def resolving(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    """Lets every name stand for the given addresses."""

    def look_up(name: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - refused is what it is
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001:0:1:2:3:4:5:6",
        "fec0::1",
        "64:ff9b:1::a00:1",
        "::127.0.0.1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "5f00::1",
        "3fff::1",
        "2001:db8::1",
        "192.0.0.8",
    ],
)
def test_no_name_leads_into_our_network(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving(monkeypatch, "93.184.216.34", address)
    with pytest.raises(Undeliverable, match="not a public address"):
        target_of("https://hooks.customer.example/alerts")


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "2002:5db8:d822::1"]
)
def test_a_public_address_is_called_by_its_number(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving(monkeypatch, address)
    target = target_of("https://hooks.customer.example/alerts?x=1")
    assert (target.address, target.port, target.path) == (address, 443, "/alerts?x=1")


def test_what_loopback_may_others_of_the_network_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_ALERT_ALLOW_LOOPBACK", "1")
    resolving(monkeypatch, "10.0.0.1")
    with pytest.raises(Undeliverable):
        target_of("https://hooks.customer.example/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.customer.example",
        "ftp://hooks.customer.example/",
        "file:///etc/passwd",
        "https:///alerts",
        "https://user:password@hooks.customer.example/",
        "https://hooks.customer.example:99999/",
        "https://hooks.customer.example:0/",
        "https://hooks.customer.example/a b",
        "https://hooks.customer.example/\r\nx-evil: 1",
        "https://hooks.customer.example/é",
        "https://[::1/",
    ],
)
def test_what_is_no_plain_url_is_refused_before_anything_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    resolving(monkeypatch)
    with pytest.raises(Undeliverable, match="not a URL"):
        target_of(url)


def test_a_public_address_is_not_called_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34")
    with pytest.raises(Undeliverable):
        target_of("http://hooks.customer.example/")


def test_a_name_that_is_unknown_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Undeliverable, match=r"nowhere\.invalid is not known"):
        target_of("https://nowhere.invalid/")


def test_a_company_without_alerts_by_web_hook_is_left_alone(
    make_company: Callable[..., Company], receiver: Receiver
) -> None:
    make_company().ends("reconnect_needed")
    assert receiver.requests == []
