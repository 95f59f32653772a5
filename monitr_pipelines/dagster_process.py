"""`python -m monitr_pipelines.dagster_process MODULE ...`: a program of Dagster whose log reads as ours.

It ends when its `monitr up` is gone. Where it serves pages, our guard stands before them; where it has a code
server, that stays for as long as it serves, and another one follows where it ended.
"""

import logging
import runpy
import sys
import threading
from typing import Any

import uvicorn
from dagster._api.list_repositories import sync_list_repositories_grpc
from dagster._core.errors import DagsterUserCodeProcessError, DagsterUserCodeUnreachableError
from dagster._core.remote_representation.grpc_server_registry import (
    ErrorRegistryEntry,
    GrpcServerRegistry,
    ServerRegistryEntry,
)
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._grpc.client import DagsterGrpcClient
from dagster._utils import log as dagster_log
from starlette.types import ASGIApp

from monitr_pipelines import lifeline, logs, settings

GRACE_SECONDS = 5
ANSWER_SECONDS = 5
LOOK_EVERY = 1
# One that does not even start is tried again after this.
AGAIN_SECONDS = 60

log = logging.getLogger(f"{logs.OURS}.dagster_process")  # it runs as __main__

_configure_loggers = dagster_log.configure_loggers
_serve = uvicorn.run


def _configure(handler: str = "default", formatter: str = "colored", log_level: str | int = "INFO") -> None:
    """Dagster's levels, and our handler."""
    _configure_loggers(handler, formatter, log_level)
    for name in logs.DAGSTERS:
        logging.getLogger(name).handlers.clear()


def _serve_guarded(app: ASGIApp, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
    """What Dagster serves, behind the guard: at uvicorn's door, past which no version of Dagster serves."""
    from monitr_pipelines.web.guard.door import guarded  # noqa: PLC0415 - the daemon serves nothing

    try:
        door = guarded(app)
    except settings.BadSetting as problem:
        logging.getLogger(logs.OURS).critical(str(problem))
        sys.exit(1)
    ours = {"log_config": None, "proxy_headers": False, "timeout_graceful_shutdown": GRACE_SECONDS}
    _serve(door, **{**options, **ours})


def _forget_the_lost(registry: GrpcServerRegistry) -> None:
    """The code servers that serve no longer; the daemon would forget all of them every minute.

    It starts others then, for the sake of code that changed: ours is what it was.
    """
    with registry._lock:  # noqa: SLF001 - as the method does that this one replaces
        entries = registry._active_entries  # noqa: SLF001
        for origin in [origin for origin, entry in entries.items() if not _serves(entry)]:
            del entries[origin]


def _serves(entry: ServerRegistryEntry | ErrorRegistryEntry) -> bool:
    """Whether a code server answers, and has loaded our code."""
    if isinstance(entry, ErrorRegistryEntry):
        return False
    client = DagsterGrpcClient(port=entry.process.port, socket=entry.process.socket)
    try:
        client.get_server_id(timeout=ANSWER_SECONDS)
        sync_list_repositories_grpc(client)
    except (DagsterUserCodeUnreachableError, DagsterUserCodeProcessError):
        return False
    return True


def _keep_serving(context: WorkspaceProcessContext, over: threading.Event) -> None:
    """Until then, start another code server for the pages where one has ended.

    One that the kernel killed, or that ended because a machine that slept sent it no heartbeat, is missed by
    nobody: until someone presses Reload, Dagster answers each launch with an error.
    """
    pause = LOOK_EVERY
    while not over.wait(pause):
        pause = LOOK_EVERY
        for name in _ended(context):
            log.warning("the code server of %s ended: starting another", name)
            context.reload_code_location(name)
            if context.has_code_location_error(name):
                pause = AGAIN_SECONDS


def _ended(context: WorkspaceProcessContext) -> list[str]:
    """The code locations whose server is a process of ours that has ended, or that never came to be."""
    registry = context._grpc_server_registry  # noqa: SLF001 - Dagster has no other way to its processes
    locations = context.get_current_workspace().code_location_entries
    servers = {name: registry._active_entries.get(each.origin.get_id()) for name, each in locations.items()}  # noqa: SLF001
    return [name for name, server in servers.items() if server is not None and _has_ended(server)]


def _has_ended(server: ServerRegistryEntry | ErrorRegistryEntry) -> bool:
    return isinstance(server, ErrorRegistryEntry) or server.process.server_process.poll() is not None


def _keep_pages_served() -> None:
    """Where Dagster serves its pages, it does so with code servers that are kept."""
    from dagster_webserver import cli  # noqa: PLC0415 - the daemon serves nothing

    host = cli.host_dagster_ui_with_workspace_process_context

    def hosted(context: WorkspaceProcessContext, *options: Any) -> None:  # noqa: ANN401 - Dagster's own
        over = threading.Event()
        threading.Thread(target=_keep_serving, args=(context, over), name="code servers", daemon=True).start()
        try:
            host(context, *options)
        finally:
            over.set()

    cli.host_dagster_ui_with_workspace_process_context = hosted  # type: ignore[assignment]


if __name__ == "__main__":
    logs.set_up()
    lifeline.watch()
    dagster_log.configure_loggers = _configure
    uvicorn.run = _serve_guarded  # type: ignore[assignment]  # it passes on whatever Dagster asks for
    GrpcServerRegistry.clear_all_grpc_endpoints = _forget_the_lost  # type: ignore[method-assign]
    del sys.argv[0]
    if sys.argv[0] == "dagster_webserver":
        _keep_pages_served()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
