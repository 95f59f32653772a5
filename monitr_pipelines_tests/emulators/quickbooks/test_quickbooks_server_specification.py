"""Every name in an answer is one of Intuit's schemas; the kit checks each answer that a test gets."""

import pytest
from quickbooks_schema_kit import allowed, matches_schema
from quickbooks_server_kit import EVER, GL, HOME, Client


@pytest.fixture(autouse=True)
def _known() -> None:
    if not allowed():
        pytest.skip("Intuit's schemas are not on this machine")


@pytest.mark.parametrize("name", ["Invoice", "Bill", "Purchase", "JournalEntry", "Account", "Preferences"])
def test_entities_have_the_names_of_the_schemas_and_no_others(reader: Client, name: str) -> None:
    document = reader.get("query", {"query": f"SELECT * FROM {name}"}).document  # noqa: S608 - it reads
    row = document["QueryResponse"][name][0]
    assert allowed()[name] >= row.keys()
    with pytest.raises(AssertionError, match="Colour"):
        matches_schema({"QueryResponse": {name: [{**row, "Colour": "red"}]}})


def test_a_report_has_a_cell_for_each_column(reader: Client) -> None:
    report = reader.get(GL, EVER | {"columns": HOME}).document
    report["Columns"]["Column"].pop()
    with pytest.raises(AssertionError):
        matches_schema(report)
