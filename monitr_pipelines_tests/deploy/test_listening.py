"""Where the web process listens: loopback unless told otherwise, which containers need."""

import pytest
from process_kit import free_ports, taken_port

from monitr_pipelines import settings
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning
from monitr_pipelines.web import server

# Of nobody, by RFC 5737: no machine has it.
ELSEWHERE = "192.0.2.1"


def test_nobody_else_reaches_it_unless_someone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONITR_HOOK_BIND", raising=False)
    assert settings.hook_bind() == "127.0.0.1"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_it_listens_where_it_is_told(address: str) -> None:
    (port,) = free_ports(1)
    with server._listen(address, port) as listening:
        assert listening.getsockname() == (address, port)


def test_an_address_that_is_not_of_this_machine_is_told_by_its_variable() -> None:
    (port,) = free_ports(1)
    with pytest.raises(ServerNotRunning, match=f"MONITR_HOOK_BIND: {ELSEWHERE} cannot be used"):
        server._listen(ELSEWHERE, port)


def test_a_port_that_is_taken_is_told_by_its_variable() -> None:
    with taken_port() as port, pytest.raises(ServerNotRunning, match="MONITR_HOOK_PORT"):
        server._listen("127.0.0.1", port)
