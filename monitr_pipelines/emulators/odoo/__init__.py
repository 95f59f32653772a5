"""Odoo 16 to 19: XML-RPC, JSON-RPC, and JSON-2 from 19 on.

Written from Odoo's public documentation and from answers of running servers, not from the connector.
"""

from collections.abc import Mapping

from monitr_pipelines.emulators.frame.contract import Emulator, Kind
from monitr_pipelines.emulators.odoo.emulator import VERSIONS, OdooEmulator
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.invented import Size


def _build(books: SharedBooks, options: Mapping[str, str]) -> Emulator:
    return OdooEmulator(books, options.get("version", "18"))


KIND = Kind(
    name="odoo",
    build=_build,
    options={"version": f"one of {', '.join(map(str, VERSIONS))}; 18 by default"},
    size=Size(splits=True, remarks=True),
)
