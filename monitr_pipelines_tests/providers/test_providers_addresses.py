"""Addresses that people enter for their accounting software lead nowhere but where they may."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from http_kit import HASTY, CountingLimits, Order, Server, serve

from monitr_pipelines.lifecycle.errors import ProviderDown, ReconnectNeeded
from monitr_pipelines.providers.addresses import address_to_call
from monitr_pipelines.providers.http import Client
from monitr_pipelines_tests.alerts.alerts_kit import Certificate

NETWORKS = "MONITR_PROVIDER_NETWORKS"
PUBLIC = "93.184.216.34"
Resolve = Callable[..., list[str]]


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as served:
        served.order(Order())
        yield served


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Lets every name stand for an address, one look-up after the other; returns the names looked up."""

    def resolve(*answers: str) -> list[str]:
        asked: list[str] = []

        def look_up(name: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
            number = name
            if name[0].isalpha():
                asked.append(name)
                number = answers[min(len(asked), len(answers)) - 1]
            family = socket.AF_INET6 if ":" in number else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (number, port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked

    return resolve


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
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2001:db8::1",
        "198.18.0.1",
    ],
)
def test_no_name_leads_into_our_network(
    resolving: Resolve, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(NETWORKS, "")
    resolving(address)
    with pytest.raises(ReconnectNeeded, match=r"books\.example leads to no server on the public internet"):
        address_to_call("books.example", 443)


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::ffff:7f00:1]"])
def test_numbers_in_other_forms_are_the_same_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv(NETWORKS, "")
    client = Client("Books", f"https://{host}", CountingLimits(), patience=HASTY)
    with pytest.raises(ReconnectNeeded) as raised:
        client.ask("GET", "/")
    assert raised.value.messages[0].kind == "address_not_public"
    client.close()


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_called_by_their_number(resolving: Resolve, address: str) -> None:
    resolving(address)
    assert address_to_call("books.example", 443) == address


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ("10.1.0.0/16, 127.0.0.0/8", "10.1.2.3", True),
        ("10.1.0.0/16,127.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.1.0.0/16", "10.2.0.1", False),
        ("::1/128", "::1", True),
        ("::1/128", "127.0.0.1", False),
    ],
)
def test_networks_are_allowed_by_name(
    resolving: Resolve, monkeypatch: pytest.MonkeyPatch, networks: str, address: str, *, allowed: bool
) -> None:
    monkeypatch.setenv(NETWORKS, networks)
    resolving(address)
    if allowed:
        assert ip_address(address_to_call("books.example", 443)) == ip_address(address)
    else:
        with pytest.raises(ReconnectNeeded):
            address_to_call("books.example", 443)


def test_this_machine_answers_only_where_that_is_set(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.ask().document == {"ok": 1}
    monkeypatch.setenv(NETWORKS, "")
    with pytest.raises(ReconnectNeeded):
        server.ask()
    assert len(server.asked) == 1


def test_what_was_checked_is_what_is_called(server: Server, resolving: Resolve) -> None:
    """A second look-up would lead elsewhere: there is none."""
    port = server.address.rpartition(":")[2]
    asked = resolving("127.0.0.1", "10.0.0.1")
    client = Client("Books", f"http://localhost:{port}", CountingLimits(), patience=HASTY)
    assert client.ask("GET", "/").document == {"ok": 1}
    assert asked == ["localhost"]
    client.close()


def test_each_new_connection_is_checked_anew(server: Server, resolving: Resolve) -> None:
    port = server.address.rpartition(":")[2]
    resolving("127.0.0.1", "10.0.0.1")
    client = Client("Books", f"http://localhost:{port}", CountingLimits(), patience=HASTY)
    server.order(Order(200, b"{}", {"Connection": "close"}))
    client.ask("GET", "/")
    with pytest.raises(ReconnectNeeded):
        client.ask("GET", "/")
    client.close()


def test_an_unknown_name_is_no_reason_to_connect_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = Client("Books", "https://books.example", CountingLimits(), patience=HASTY)
    with pytest.raises(ProviderDown):
        client.ask("GET", "/")
    client.close()


def test_redirects_lead_nowhere(server: Server) -> None:
    server.order(Order(302, headers={"Location": "http://169.254.169.254/latest/"}), Order())
    with pytest.raises(ReconnectNeeded, match="has moved"):
        server.ask()
    assert len(server.asked) == 1


class _Greeting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"host": "%s"}' % self.headers["Host"].encode())

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(("name", "vouched_for"), [("localhost", True), ("books.example", False)])
def test_certificates_are_of_the_name(
    tmp_path: Path, resolving: Resolve, name: str, *, vouched_for: bool
) -> None:
    certificate = Certificate(tmp_path / "localhost.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Greeting) as secure:
        secure.socket = certificate.context().wrap_socket(secure.socket, server_side=True)
        thread = threading.Thread(target=secure.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        resolving("127.0.0.1")
        port = secure.server_address[1]
        client = Client("Books", f"https://{name}:{port}", CountingLimits(), patience=HASTY)
        client._transport._session.verify = str(certificate.file)
        try:
            if vouched_for:
                assert client.ask("GET", "/").document == {"host": f"{name}:{port}"}
            else:
                with pytest.raises(ProviderDown, match="does not answer") as raised:
                    client.ask("GET", "/")
                assert "SSLError" in raised.value.detail
        finally:
            client.close()
            secure.shutdown()
            thread.join()
