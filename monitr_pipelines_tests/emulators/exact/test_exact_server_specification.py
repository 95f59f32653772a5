"""Every endpoint answers the fields that the reference pages name, all of them, in the recorded form."""

import json

import pytest
from common_kit import reference
from exact_server_kit import FIELDS, exact_server

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.emulators.shared.records import Axis, Stamp

# The entity of the reference file by the path that is asked.
PATHS = {
    "current/Me": "Me",
    "system/Divisions": "SystemDivision",
    "system/AllDivisions": "AllDivision",
    "sync/Financial/TransactionLines": "SyncTransactionLine",
    "sync/Financial/GLAccounts": "SyncGLAccount",
    "sync/Project/Projects": "SyncProject",
    "sync/Deleted": "SyncDeleted",
    "hrm/Costcenters": "Costcenter",
    "hrm/Costunits": "Costunit",
    "financial/FinancialPeriods": "FinancialPeriod",
    "financial/ReportingBalance": "ReportingBalance",
    "financial/Journals": "Journal",
    "financial/GLAccounts": "GLAccount",
    "read/sync/Sync/SyncTimestamp": "SyncTimestamp",
}


@pytest.mark.parametrize("path", PATHS)
def test_all_fields_of_the_reference_and_no_others(path: str) -> None:
    entity = json.loads(reference(FIELDS).read_text(encoding="utf-8"))[PATHS[path]]
    assert entity["path"] == path
    books = invented_books()
    books.axes[99] = Axis(99, "region", "Region", Stamp(1, 0))
    keeper = Bookkeeper(books)
    keeper.add_value(99, "N", "North")
    keeper.delete(next(iter(books.entries)))
    arguments = "?modified=datetime'2025-01-01'&endPoint='GLAccounts'" if path.startswith("read/") else ""
    with exact_server(books) as client:
        rows = client.get(path + arguments).rows
    assert rows
    for row in rows:
        assert set(row) - {"__metadata"} == set(entity["fields"])


def test_accounts_have_the_form_of_recorded_ones() -> None:
    text = reference("specs/exact_online/fixtures_dotnet_sdk/Response_Json_Array_GLAccount.txt").read_text(
        "utf-8-sig"
    )
    recorded = json.loads(text)["d"]["results"][0]
    with exact_server(invented_books()) as client:
        ours = client.get("financial/GLAccounts").rows[0]
    for name, value in recorded.items():
        if name in ours and value is not None and ours[name] is not None:
            assert type(ours[name]) is type(value), name
    assert ours["__metadata"].keys() == recorded["__metadata"].keys()
    assert ours["__metadata"]["type"] == recorded["__metadata"]["type"]
    assert ours["__metadata"]["uri"].rpartition("/")[2].startswith("GLAccounts(guid'")
