"""`monitr serve`: the web application on its port, of loopback unless the settings say otherwise."""

import gc
import logging
import signal
import socket
import sys
from errno import EADDRINUSE
from ipaddress import ip_address
from types import FrameType

import uvicorn
from fastapi import FastAPI

from monitr_pipelines import lifeline, logs, settings
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning
from monitr_pipelines.web.app import create_app

BACKLOG = 2048
GRACE_SECONDS = 5
# How long a page that is being made may keep the threads that answer others waiting, each time that one of
# these hears from the database: Python's own 5 ms add up to the time of the page.
SWITCH_SECONDS = 0.00005

log = logging.getLogger(__name__)


class WithoutQuery(logging.Filter):
    """Keeps what follows a `?`, and the secret of a sign-in link, out of the access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut the path of uvicorn's record (client, method, path, version, status); keep the record."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, version, status = record.args
            record.args = (client, method, _shown(str(path)), version, status)
        return True


class Server(uvicorn.Server):
    """Ends the streams of open pages first: it would wait for them until its patience is over."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is under way, and stop."""
        app: FastAPI = self.config.app  # type: ignore[assignment]  # what `_config` put there
        app.state.exchange.close()
        await super().shutdown(sockets)
        tenancy.close_pool()


def serve(port: int) -> None:
    """Answer until SIGTERM or SIGINT; ServerNotRunning where the port is taken."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with _listen(settings.hook_bind(), port) as listening:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
        server = Server(_config())
        # What was imported stays for good: to look through it again and again would hold up every answer.
        gc.freeze()
        server.run(sockets=[listening])


def main() -> None:
    """Serve on the port that the environment tells; the database runs already."""
    logs.set_up()
    lifeline.watch()
    try:
        settings.check()
        serve(settings.hook_port())
    except (ServerNotRunning, ImportProblem, settings.BadSetting) as problem:
        log.critical(str(problem))
        sys.exit(1)


def _config() -> uvicorn.Config:
    config = uvicorn.Config(
        create_app(),
        log_config=None,  # its loggers write through the handler of the process
        log_level="info",
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    logging.getLogger("uvicorn.access").addFilter(WithoutQuery())
    return config


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
    except OSError as error:
        listening.close()
        if error.errno != EADDRINUSE:
            raise ServerNotRunning(f"MONITR_HOOK_BIND: {address} cannot be used ({error.strerror})") from None
        raise ServerNotRunning(
            f"port {port} is taken; end what uses it or set MONITR_HOOK_PORT to another"
        ) from None
    return listening


def _end(_number: int, _frame: FrameType | None) -> None:
    """Uvicorn raises the signal again once it has answered what was under way: let callers clean up."""
    raise SystemExit(0)


def _shown(path: str) -> str:
    plain = path.partition("?")[0]
    return "/sign-in/..." if plain.startswith("/sign-in/") else plain


if __name__ == "__main__":
    main()
