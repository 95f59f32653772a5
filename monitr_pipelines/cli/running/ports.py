"""The ports of `monitr up`: free, or taken by whom."""

import shlex
import socket
from contextlib import suppress
from errno import EADDRINUSE
from ipaddress import ip_address

import psutil

from monitr_pipelines import settings
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

SHOWN_CHARACTERS = 90


def refuse_taken() -> tuple[int, int]:
    """The ports of the Dagster UI and of the page; ServerNotRunning where someone uses one of them."""
    dagster, hook = settings.dagster_port(), settings.hook_port()
    refuse(settings.dagster_bind(), dagster, "MONITR_DAGSTER_PORT")
    refuse(settings.hook_bind(), hook, "MONITR_HOOK_PORT")
    return dagster, hook


def refuse(address: str, port: int, variable: str) -> None:
    """ServerNotRunning where a port cannot be listened on; it names the variable that sets it."""
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            taken = error.errno == EADDRINUSE
            told = f"is taken{_user(port)}" if taken else f"of {address} cannot be used ({error.strerror})"
            raise ServerNotRunning(f"port {port} {told}; end what uses it or set {variable}") from None


def _user(port: int) -> str:
    """Who listens on a port, where the system tells; macOS tells its administrator alone."""
    with suppress(psutil.Error, OSError):
        for each in psutil.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr[1:] == (port,) and each.pid:
                command = shlex.join(psutil.Process(each.pid).cmdline())[:SHOWN_CHARACTERS]
                return f" by pid {each.pid}: {command}"
    return ""
