"""An emulated Odoo, asked over each of its interfaces by plain clients."""

import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import requests
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.odoo.emulator import DATABASE, KEY, LOGIN, USER_ID, OdooEmulator
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.invented import Size, invented_books

# A value as XML-RPC and JSON have it.
Wire: TypeAlias = Any
EVERYTHING = Size(splits=True, remarks=True)


@dataclass(frozen=True)
class Odoo:
    """A running emulator with the books that it shows."""

    emulator: OdooEmulator
    server: Server

    @property
    def books(self) -> SharedBooks:
        return self.emulator.state.books

    @property
    def keeper(self) -> Bookkeeper:
        return Bookkeeper(self.books)

    def xml(self, model: str, method: str, *arguments: Wire, key: str = KEY, **named: Wire) -> Wire:
        """`execute_kw` over XML-RPC."""
        with xmlrpc.client.ServerProxy(f"{self.server.address}/xmlrpc/2/object", allow_none=True) as server:
            return server.execute_kw(DATABASE, USER_ID, key, model, method, list(arguments), named)

    def common(self, method: str, *arguments: Wire) -> Wire:
        with xmlrpc.client.ServerProxy(f"{self.server.address}/xmlrpc/2/common") as server:
            return getattr(server, method)(*arguments)

    def rpc(self, service: str, method: str, *arguments: Wire, id: Wire = 7) -> dict[str, Wire]:  # noqa: A002
        """The envelope of an answer of JSON-RPC."""
        params = {"service": service, "method": method, "args": arguments}
        envelope = {"jsonrpc": "2.0", "id": id, "method": "call", "params": params}
        answer = requests.post(f"{self.server.address}/jsonrpc", json=envelope, timeout=LONGEST_WAIT)
        assert answer.status_code == 200
        return dict(answer.json())

    def json(
        self,
        model: str,
        method: str,
        *arguments: Wire,
        id: Wire = 7,  # noqa: A002 - as JSON-RPC names it
        **named: Wire,
    ) -> dict[str, Wire]:
        asked = (DATABASE, USER_ID, KEY, model, method, arguments, named)
        return self.rpc("object", "execute_kw", *asked, id=id)

    def json2(self, model: str, method: str, key: str | None = KEY, **named: Wire) -> requests.Response:
        headers = {"X-Odoo-Database": DATABASE} | ({"Authorization": f"bearer {key}"} if key else {})
        url = f"{self.server.address}/json/2/{model}/{method}"
        return requests.post(url, json=named, headers=headers, timeout=LONGEST_WAIT)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.server.address}{path}", timeout=LONGEST_WAIT)

    def posted(self, company: int) -> dict[int, int]:
        """Cents by the id of the account record, of all that is posted, as the books have it."""
        lines = self.xml(
            "account.move.line",
            "search_read",
            [["parent_state", "=", "posted"], ["account_id", "!=", False]],
            ["account_id", "balance"],
            load="",
            context={"allowed_company_ids": [company]},
        )
        sums: dict[int, int] = {}
        for line in lines:
            sums[line["account_id"]] = sums.get(line["account_id"], 0) + round(line["balance"] * 100)
        return sums


@contextmanager
def running(version: int = 18, size: Size = EVERYTHING) -> Iterator[Odoo]:
    emulator = OdooEmulator(invented_books(size), version)
    with serve(emulator, emulator.state.books.clock) as server:
        yield Odoo(emulator, server)


def fault(call: Callable[[], Wire]) -> tuple[int, str]:
    """The code and the text of the fault that a call ends in."""
    try:
        call()
    except xmlrpc.client.Fault as raised:
        return raised.faultCode, raised.faultString
    raise AssertionError("the call did not end in a fault")


CREDENTIALS = (DATABASE, LOGIN, KEY)
