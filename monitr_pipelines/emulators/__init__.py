"""Invented companies and their books, and servers that show them as accounting software does.

For the demo, the tests and the benchmarks; no customer's data. A folder here whose package holds a `KIND`
is an accounting software that can be emulated, by the name of its connector; nothing else has to be
written down.
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitr_pipelines.emulators.frame.contract import Kind


@cache
def kinds() -> "dict[str, Kind]":
    """Every accounting software that can be emulated, by name."""
    folders = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    found = {name: getattr(import_module(f"{__name__}.{name}"), "KIND", None) for name in folders}
    return {name: kind for name, kind in found.items() if kind is not None}
