"""The browse codes have the columns that the specification lists, asked as it says, and no others."""

import json

import pytest
from common_kit import reference
from twinfield_server_kit import Client, cells

from monitr_pipelines.emulators.twinfield.columns import BROWSE_CODES, REGIME

COLUMNS = "specs/twinfield/browse_columns.json"


@pytest.mark.parametrize("code", BROWSE_CODES)
def test_columns_and_how_they_may_be_asked(code: str) -> None:
    listed = json.loads(reference(COLUMNS).read_text(encoding="utf-8"))[code]
    operators = {each["field"]: each["operator"] for each in listed}
    ours = {column.field: column.operator for column in BROWSE_CODES[code].values()}
    assert ours == operators | {REGIME: "equal"}


@pytest.mark.parametrize("code", BROWSE_CODES)
def test_every_column_may_be_shown(unchanging: Client, code: str) -> None:
    fields = [field.removeprefix("fin.trs.") for field in BROWSE_CODES[code]]
    rows = cells(unchanging.browse(code, fields, yearperiod="2024/01..2024/02"))
    assert rows
    for row in rows:
        assert [name for name in row if not name.startswith("key.")] == fields
