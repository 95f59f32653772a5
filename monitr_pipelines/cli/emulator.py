"""`monitr emulator`: a strict stand-in of an accounting software, to try a connector without an account."""

import json
import shlex
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from monitr_pipelines import emulators, providers
from monitr_pipelines.cli.output import say
from monitr_pipelines.emulators.frame.contract import Kind
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.lifecycle.errors import Refused


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(emulator)


def emulator(
    provider: Annotated[str, typer.Argument(help="The accounting software.")],
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of 127.0.0.1; 0 takes a free one.")] = 0,
    lines: Annotated[
        int | None, typer.Option(min=2, help="So many ledger lines; without it, two small companies.")
    ] = None,
    companies: Annotated[int, typer.Option(min=1, help="How many companies.")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same books.")] = 1,
    choices: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="What the emulator lets choose, as its version."),
    ] = None,
    latency: Annotated[int, typer.Option(min=0, help="Milliseconds before each answer.")] = 0,
    remember: Annotated[
        bool, typer.Option("--remember", help="Keep each answer, so that the next one costs nothing.")
    ] = False,
) -> None:
    """Stand in for an accounting software, with invented books; Ctrl-C ends it.

    The first line of the standard output is JSON: `settings` go as they are into
    `monitr connection add --set`, `administrations` are what that connection can see. Then it says what to
    type to connect.
    """
    kinds = emulators.kinds()
    if provider not in kinds:
        raise Refused(f"There is no emulator {provider!r}; there is {', '.join(kinds)}.", code="bad_value")
    kind = kinds[provider]
    options = dict(_pair(text, kind.options) for text in choices or [])
    size = replace(kind.size, lines=lines, companies=companies, seed=seed)
    clock = Clock()
    try:
        made = kind.build(invented_books(size, clock), options)
    except ValueError as wrong:
        raise Refused(str(wrong), code="bad_value") from wrong
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with serve(
            made, clock, port=port, latency=timedelta(milliseconds=latency), remember_pages=remember
        ) as server:
            announced = {
                "provider": provider,
                "settings": dict(made.settings(server.address)),
                "administrations": [shown._asdict() for shown in made.administrations()],
            }
            sys.stdout.write(json.dumps(announced, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            say(_how_to_connect(kind, made.settings(server.address)))
            ended.wait()
    except OSError as taken:
        raise Refused(f"Port {port} of 127.0.0.1: {taken.strerror}.", code="bad_value") from taken


def _how_to_connect(kind: Kind, settings: Mapping[str, str]) -> str:
    """Two lines for another terminal: what lets connectors call this machine, and the connection."""
    allowed = {"MONITR_PROVIDER_NETWORKS": "127.0.0.0/8"}
    if kind.application:
        known = {kind.name: dict(zip(("id", "secret"), kind.application, strict=True))}
        allowed["MONITR_OAUTH_APPLICATIONS"] = json.dumps(known)
    if kind.name in providers.connectors() and providers.find(kind.name).preview:
        allowed["MONITR_PREVIEW_CONNECTORS"] = kind.name
    given = (f"--set {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    exported = (f"{name}={shlex.quote(value)}" for name, value in allowed.items())
    return (
        "to connect, in another terminal:\n"
        f"export {' '.join(exported)}\n"
        f"monitr connection add --provider {kind.name} {' '.join(given)}"
    )


def _pair(text: str, known: Mapping[str, str]) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or name not in known:
        raise Refused(f"Write --option NAME=VALUE, of {', '.join(known) or 'none'}.", code="bad_value")
    return name, value
