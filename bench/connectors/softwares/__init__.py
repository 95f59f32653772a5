"""The accounting software that is measured: modules by the names of connectors, each with its `SOFTWARES`."""

import pkgutil
from importlib import import_module

from bench.connectors.software import Software


def _found() -> tuple[Software, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(each for name in names for each in import_module(f"{__name__}.{name}").SOFTWARES)


SOFTWARES = _found()
