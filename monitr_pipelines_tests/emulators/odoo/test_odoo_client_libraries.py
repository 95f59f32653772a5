"""Published clients that we did not write read the emulator, each over what it speaks, and get the ledger.

Asserted are the requests that arrive and the rows as they come, by identity and by sums; of a library's own
totals nothing is.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType

import pytest
from odoo_emulator_kit import DATABASE, KEY, LOGIN, Odoo, Wire, running

from monitr_pipelines.emulators.odoo.emulator import VERSIONS
from monitr_pipelines.emulators.shared.records import State

REQUIRED = "MONITR_REQUIRE_LIVE"
LINE = "account.move.line"
FIELDS = ["account_id", "balance", "parent_state"]
PAGE = 700
ODOOLIB = [
    *((version, protocol) for version in VERSIONS for protocol in ("xmlrpc", "jsonrpc")),
    (19, "json2"),
]
ODOOLY = [*((version, "/jsonrpc") for version in VERSIONS), (19, "")]
Page = Callable[[list[Wire]], list[dict[str, Wire]]]


def library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{name} is not installed: install the extra `live`")
        pytest.skip(f"{name} is not installed: install the extra `live`")


def paged(page: Page, company: int) -> Iterator[dict[str, Wire]]:
    """Lines by id, page after page."""
    last = 0
    while rows := page([["company_id", "=", company], ["id", ">", last]]):
        yield from rows
        last = max(row["id"] for row in rows)


def assert_ledger(odoo: Odoo, accounts: list[dict[str, Wire]], page: Page, company: int) -> None:
    """Lines by identity, and what each account adds up to, are those of the books."""
    rows = list(paged(page, company))
    expected = [line for entry, line in odoo.books.lines() if entry.company == company]
    assert [row["id"] for row in rows] == [line.id for line in expected]
    codes = {account["id"]: account["code"] for account in accounts}
    sums: Counter[str] = Counter()
    for row in rows:
        if row["parent_state"] == "posted" and row["account_id"]:
            sums[codes[row["account_id"][0]]] += round(row["balance"] * 100)
    movements = odoo.books.movements(company, None, None)
    assert dict(sums) == {odoo.books.accounts[each].code: cents for each, cents in movements.items()}
    drafts = sum(row["parent_state"] == "draft" for row in rows)
    assert drafts == sum(
        len(entry.lines) for entry in odoo.books.company_entries(company) if entry.state is State.DRAFT
    )


# Over XML-RPC the library opens a connection for each call, and leaves it open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize(("version", "protocol"), ODOOLIB)
def test_odoo_client_lib_reads_the_ledger(version: int, protocol: str) -> None:
    odoolib = library("odoolib")
    with running(version) as odoo:
        port = int(odoo.server.address.rpartition(":")[2])
        opened = odoolib.get_connection(
            hostname="127.0.0.1", protocol=protocol, port=port, database=DATABASE, login=LOGIN, password=KEY
        )
        opened.check_login()
        model, context = opened.get_model(LINE), {"allowed_company_ids": [2]}

        def page(domain: list[Wire]) -> list[dict[str, Wire]]:
            return list(
                model.search_read(domain=domain, fields=FIELDS, limit=PAGE, order="id", context=context)
            )

        accounts = opened.get_model("account.account").search_read(
            domain=[], fields=["code"], context=context | {"active_test": False}
        )
        assert_ledger(odoo, accounts, page, 2)
        pages = -(-sum(entry.company == 2 for entry, _ in odoo.books.lines()) // PAGE)
        path = {"xmlrpc": "/xmlrpc/object", "jsonrpc": "/jsonrpc", "json2": f"/json/2/{LINE}"}[protocol]
        asked = odoo.server.exchanges.of(path)
        assert {each.status for each in asked} == {200}
        # It searches and reads; JSON-2 does both at once. Every page, the empty one after the last, accounts.
        signing_in = {"xmlrpc": 0, "jsonrpc": 1, "json2": 0}[protocol]
        assert len(asked) == (pages + 1 if protocol == "json2" else 2 * pages + 1 + 2 + signing_in)
        if protocol == "json2":
            sent = asked[0].request.headers
            assert (sent["x-odoo-database"], sent["authorization"]) == (DATABASE, f"Bearer {KEY}")


def test_odoo_client_lib_looks_up_the_arguments_of_json2() -> None:
    odoolib = library("odoolib")
    with running(19) as odoo:
        port = int(odoo.server.address.rpartition(":")[2])
        opened = odoolib.get_connection(
            hostname="127.0.0.1", protocol="json2", port=port, database=DATABASE, password=KEY
        )
        model = opened.get_model(LINE)
        assert model.search([["id", "<", 4]], 0, 2, "id") == [1, 2]
        assert [row["id"] for row in model.read([2, 999_999, 3], ["balance"])] == [2, 3]
        assert [each.request.path for each in odoo.server.exchanges.of("doc")] == [f"/doc-bearer/{LINE}.json"]


@pytest.mark.parametrize(("version", "path"), ODOOLY)
def test_odooly_reads_the_ledger(version: int, path: str) -> None:
    odooly = library("odooly")
    with running(version) as odoo:
        client = odooly.Client(f"{odoo.server.address}{path}", DATABASE, LOGIN, api_key=KEY)
        env = client.env

        def page(domain: list[Wire]) -> list[dict[str, Wire]]:
            return list(env.execute(LINE, "search_read", domain, FIELDS, 0, PAGE, "id"))

        accounts = env.execute(
            "account.account", "search_read", [], ["code"], context={"allowed_company_ids": [1]}
        )
        assert_ledger(odoo, accounts, page, 1)
        used = path or f"/json/2/{LINE}/search_read"
        assert {each.status for each in odoo.server.exchanges.of(used)} == {200}
        assert client.server_version == f"{version}.0"
