"""The accounting software that entities can be imported from: a folder here is a provider.

Its package holds a `PROVIDER` that says what it is; nothing else has to be written down anywhere.
"""

import pkgutil
from functools import cache
from importlib import import_module

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.contract import Provider

FILE = "file"
NO_CONNECTOR = "There is no connector for this accounting software."


@cache
def connectors() -> tuple[str, ...]:
    """The names of all providers that have a connector."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def names() -> tuple[str, ...]:
    """What an entity can be imported from: ledger files, and whatever has a connector."""
    return (FILE, *connectors())


def find(name: str) -> Provider:
    """The provider of a name.

    Raises:
        OurFault: It has no connector (any more).
    """
    if name not in connectors():
        raise OurFault(NO_CONNECTOR, code="no_connector", detail=name)
    provider = import_module(f"{__name__}.{name}").PROVIDER
    if not isinstance(provider, Provider) or provider.name != name:
        raise OurFault(NO_CONNECTOR, code="no_connector", detail=f"{name} says that it is another one")
    return provider


def title_of(name: str) -> str:
    """A software as its maker writes it; the name itself where it has no connector (any more)."""
    return find(name).title if name in connectors() else name
