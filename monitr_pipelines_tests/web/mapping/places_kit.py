"""A company with many accounts that stand on no line of its statements."""

from collections.abc import Iterator

from monitr_pipelines.ledger.records import Account, LedgerLine
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import ACCOUNTS, BANK, SALES, booking, load, whole
from monitr_pipelines_tests.web.page_kit import Company, make_company

UNMAPPED = [f"9{nth:02}000" for nth in range(1, 23)]
NAMED = ACCOUNTS | {code: Account(code, f"Oven {code[1:3]}") for code in UNMAPPED}
NAMED |= {"640000": Account("640000", '=HYPERLINK("http://example.invalid")')}


def books() -> Iterator[LedgerLine]:
    """Sales of two departments; what ovens cost stands on accounts of no class, the last the dearest."""
    yield from booking("S1", "2026-01", (BANK, 9_000), (SALES, -9_000), axes=(("cost", "1"),))
    yield from booking("S2", "2026-02", (BANK, 4_000), (SALES, -4_000), axes=(("cost", "2"),))
    yield from booking("B1", "2026-02", ("640000", 12), (BANK, -12))
    for nth, code in enumerate(UNMAPPED, 1):
        yield from booking(f"O{nth}", "2026-02", (code, 100 * nth), (BANK, -100 * nth))


def make_unmapped(connection: Connection, *, name: str | None = None, provider: str = "file") -> Company:
    """Its first entity has the books and cost as its primary axis, its second none."""
    company = make_company(connection, ("Bakkerij Peeters", "Nieuw & Co"), provider=provider, name=name)
    connection.execute(
        "update app.entity set country = 'BE', primary_axis = 'cost' where key = any(%s)",
        [list(company.keys)],
    )
    load(connection, company.key, whole(list(books()), accounts=NAMED))
    return company
