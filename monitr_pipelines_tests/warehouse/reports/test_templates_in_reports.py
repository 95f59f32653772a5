"""Each template in the reports of an entity: figures on its lines, and all of the cash flow linked."""

from collections.abc import Callable

import pytest
from warehouse_kit import booking, load, report, whole

from monitr_pipelines.ledger.records import Account
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.warehouse.server.database import Connection

# Accounts by country: capital, bank, customers, fixed assets, their depreciation, sales, costs, depreciation.
CHARTS = {
    "BE": ("100000", "550000", "400000", "240000", "240900", "700000", "610000", "630200"),
    "FR": ("101300", "512000", "411000", "218300", "281830", "706000", "613000", "681120"),
    "NL": ("05010", "10201", "13010", "02250", "02250.1", "80300", "45100", "43200"),
}
# Where capital, bank, customers, sales and costs stand, and the net result.
LINES = {
    "be_nbb_abridged": ("BE", "100", "54/58", "40", "70", "60/61", "9904"),
    "be_nbb_association": ("BE", "10", "54/58", "40", "70", "61", "9904"),
    "fr_pcg": ("FR", "DA", "CF", "BX", "FI", "FW", "HN"),
    "nl_rgs": ("NL", "BEivGok", "BLimBan", "BVorDeb", "WOmzNoh", "WBedHui", "W"),
    "plain_groups": ("NL", "BS:05", "BS:10", "BS:13", "PL:80", "PL:45", "PL"),
}


@pytest.mark.parametrize("name", LINES)
def test_figures_stand_on_the_lines_of_the_template(
    connection: Connection, make_entity: Callable[..., str], name: str
) -> None:
    country, *lines = LINES[name]
    capital, bank, customers, assets, depreciated, sales, costs, depreciation = CHARTS[country]
    entity = make_entity(country=country)
    own_structures.assign(connection, entity, name)
    booked = [
        *booking("1", "2025-01", (bank, 1000), (capital, -1000)),
        *booking("2", "2025-01", (customers, 400), (sales, -400)),
        *booking("3", "2025-01", (costs, 150), (bank, -150)),
        *booking("4", "2025-01", (assets, 300), (bank, -300)),
        *booking("5", "2025-01", (depreciation, 60), (depreciated, -60)),
    ]
    load(connection, entity, whole(booked, accounts={code: Account(code, code) for code in CHARTS[country]}))
    assets_and_debts = report(connection, entity, "balance_sheet", "2025-01")
    result = report(connection, entity, "profit_and_loss", "2025-01")
    figures = assets_and_debts | result
    assert [figures[line]["amount"] for line in lines] == [-1000, 550, 400, 400, -150, 190]
    assert not [line for line in figures if line.startswith("unmapped")]
    assert assets_and_debts["RES"]["amount"] == -190
    flows = report(connection, entity, "cash_flow", "2025-01")
    assert "unmapped:cash_flow" not in flows
    assert all(flows[line]["amount"] == -300 for line in flows if line == "CF:I1"), "without depreciation"
