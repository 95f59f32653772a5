"""Accounting software for the demo: emulators within its process, so that they end however it ends."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from monitr_pipelines import emulators, settings
from monitr_pipelines.cli.entities import partition
from monitr_pipelines.cli.person import person
from monitr_pipelines.emulators.frame.contract import Kind
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.importing import connecting
from monitr_pipelines.warehouse.registry import administrations, connections
from monitr_pipelines.warehouse.registry.administrations import Choice
from monitr_pipelines.warehouse.server import database

THIS_MACHINE = "127.0.0.0/8"


@dataclass(frozen=True)
class Software:
    """An accounting software that runs here: how to connect to it, and its first company."""

    provider: str
    settings: Mapping[str, str] = field(repr=False)
    administration: str
    company: str


@contextmanager
def emulated() -> Iterator[list[Software]]:
    """Each accounting software that can be emulated, on a port of this machine until the block ends.

    Left out is one that this installation is registered with: its connections are real ones. Connectors of
    this process, and of those that it starts, may call this machine, those in preview too.
    """
    kinds = [
        kind for kind in emulators.kinds().values() if not (kind.application and _is_registered(kind.name))
    ]
    _allow(kinds)
    with ExitStack() as running:
        yield [_start(kind, seed, running) for seed, kind in enumerate(kinds, start=1)]


def connect(organisation: str, software: Software) -> str:
    """Connect to it, or connect again, and choose its first company; returns the key of that entity."""
    with database.connect(autocommit=True) as connection:
        known = [
            row["id"]
            for row in connections.listed(connection)
            if (row["organisation"], row["provider"]) == (organisation, software.provider)
        ]
        if known:
            number = known[0]
            connecting.reconnect(connection, number, software.settings, person())
        else:
            number = connecting.connect(
                connection, organisation, software.provider, software.settings, person()
            )
        administrations.choose(connection, number, {software.administration: Choice.NORMAL}, person())
        keys = {row["id"]: row["entity_key"] for row in administrations.listed(connection, number)}
    key = str(keys[software.administration])
    partition.add(key)
    return key


def _start(kind: Kind, seed: int, running: ExitStack) -> Software:
    """With companies of its own: the same ones at every start."""
    clock = Clock()
    emulator = kind.build(invented_books(replace(kind.size, seed=seed), clock), kind.without_limits)
    server = running.enter_context(serve(emulator, clock))
    first = emulator.administrations()[0]
    return Software(kind.name, emulator.settings(server.address), first.id, first.name)


def _is_registered(provider: str) -> bool:
    return settings.oauth_application(provider) is not None


def _allow(kinds: list[Kind]) -> None:
    applications = settings.oauth_applications() | {
        kind.name: kind.application for kind in kinds if kind.application
    }
    listed = {name: {"id": pair[0], "secret": pair[1]} for name, pair in applications.items()}
    previews = settings.preview_connectors() | {kind.name for kind in kinds}
    networks = [*map(str, settings.provider_networks()), THIS_MACHINE]
    os.environ.update(
        MONITR_PROVIDER_NETWORKS=",".join(networks),
        MONITR_OAUTH_APPLICATIONS=json.dumps(listed),
        MONITR_PREVIEW_CONNECTORS=",".join(sorted(previews)),
    )
