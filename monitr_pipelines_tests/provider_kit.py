"""An accounting software that is a toy: a provider whose answers a test sets, and entities' connections."""

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from monitr_pipelines import providers
from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.providers.contract import Administration, CredentialField, Ports, Provider
from monitr_pipelines.warehouse.server.database import Connection

NAME = "toy"
REFUSAL = "Toy does not accept the password. Check it there, then connect again."


@dataclass
class Toy:
    """What the software answers: it accepts one password, which signing in exchanges for `renewed`."""

    accepts: str
    renewed: str | None = None
    companies: Sequence[Administration] = ()
    asked: list[str] = field(default_factory=list)

    def connect(self, administration: str | None, ports: Ports) -> "ToySource":
        return ToySource(self, ports)


@dataclass
class ToySource:
    """What connecting asks of a source."""

    toy: Toy
    ports: Ports

    def check(self) -> None:
        self._sign_in("check")

    def administrations(self) -> Sequence[Administration]:
        self._sign_in("administrations")
        return self.toy.companies

    def close(self) -> None:
        self.toy.asked.append("close")

    def _sign_in(self, question: str) -> None:
        self.toy.asked.append(question)
        credentials = self.ports.tokens.read()
        if credentials["password"] != self.toy.accepts:
            raise ReconnectNeeded(REFUSAL)
        if self.toy.renewed is not None:
            self.toy.accepts, self.toy.renewed = self.toy.renewed, None
            self.ports.tokens.renew(credentials, lambda old: {**old, "password": self.toy.accepts})


PROVIDER = Provider(
    name=NAME,
    title="Toy",
    fields=(CredentialField("user", "User"), CredentialField("password", "Password", secret=True)),
    connect=lambda administration, ports: Toy("").connect(administration, ports),
    bookings_balance=True,
    axes=False,
    tells_deletions=False,
    has_trial_balance=False,
)


class Connecting(Protocol):
    """What plays a software."""

    def connect(self, administration: str | None, ports: Ports) -> Any:  # noqa: ANN401 - a source
        """A source."""


@contextmanager
def installed(
    toy: Connecting, folder: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider = PROVIDER
) -> Iterator[None]:
    """The toy as one more folder of `providers/`, until the block ends."""
    (folder / NAME).mkdir()
    (folder / NAME / "__init__.py").write_text("")
    with monkeypatch.context() as patched:
        patched.setattr(providers, "__path__", [*providers.__path__, str(folder)])
        _forget()
        importlib.import_module(f"{providers.__name__}.{NAME}").PROVIDER = replace(
            provider, connect=toy.connect
        )
        yield
    _forget()


def _forget() -> None:
    providers.connectors.cache_clear()
    sys.modules.pop(f"{providers.__name__}.{NAME}", None)
    vars(providers).pop(NAME, None)


def connection_of(connection: Connection, entity: str) -> int:
    """The id of an entity's connection."""
    row = connection.execute("select integration_id from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    return int(row["integration_id"])
