"""What Xero itself publishes: its description of the API, read in place, and journals of a real size."""

import csv
import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
import yaml
from common_kit import reference
from msgspec import structs
from xero_kit import Number, as_json

from monitr_pipelines.ledger.records import Account
from monitr_pipelines.providers.xero import datasets
from monitr_pipelines.providers.xero.chart import Chart, code_of
from monitr_pipelines.providers.xero.columns import Page
from monitr_pipelines.providers.xero.datasets import Dataset

EXAMPLES = ("ACCOUNTS", "TRACKING_CATEGORIES", "JOURNALS", "TRIAL_BALANCE", "ORGANISATION")
SCHEMAS = {
    "OrganisationRow": "Organisation",
    "AccountRow": "Account",
    "CategoryRow": "TrackingCategory",
    "OptionRow": "TrackingOption",
    "TrackingRow": "TrackingCategory",
    "JournalLineRow": "JournalLine",
    "JournalRow": "Journal",
    "ReportRow": "ReportRows",
    "CellRow": "ReportCell",
    "AttributeRow": "ReportAttribute",
}
SEEDS = ("data", "csv", "xero_journals_fivetran")


def described(name: str, indent: str = "  ") -> dict[str, Any]:
    """A part of the description: the whole takes a second."""
    text = reference("specs", "xero", "xero_accounting.yaml").read_text(encoding="utf-8")
    found = re.search(rf"^{indent}{re.escape(name)}:\n((?:{indent} .*\n|\s*\n)+)", text, re.MULTILINE)
    assert found is not None, name
    part = yaml.safe_load(found[1])
    assert isinstance(part, dict)
    return part


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_published_example_is_read(name: str) -> None:
    dataset: Dataset[Any] = getattr(datasets, name)
    path = described(dataset.path.removeprefix(datasets.BOOKS))
    content = path["get"]["responses"]["200"]["content"]["application/json"]
    example = content["example"]
    rows = dataset.decode(as_json(example)).found
    assert rows
    if name == "JOURNALS":
        assert [row.number for row in rows] == [1, 9, 14, 30]
        assert [line.net for line in rows[3].lines] == [
            Decimal("-28750.0"),
            Decimal("25000.0"),
            Decimal("3750.0"),
        ]


def test_recorded_connections_and_organisation_are_read() -> None:
    def recorded(name: str) -> bytes:
        text = reference("specs", "xero", "fixtures_xero-python", f"test_get_{name}.yaml").read_text()
        body: str = yaml.safe_load(text)["interactions"][0]["response"]["body"]["string"]
        return body.encode()

    (tenant,) = datasets.CONNECTIONS.decode(recorded("connections"))
    assert (tenant.tenant, tenant.kind) == ("a46fcb6f-2773-40c4-a119-8aa08bca1e8e", "ORGANISATION")
    (organisation,) = datasets.ORGANISATION.decode(recorded("organisations")).found
    assert (organisation.currency, organisation.end_day, organisation.end_month) == ("NZD", 31, 3)


@pytest.mark.parametrize("row", SCHEMAS)
def test_every_field_that_is_read_is_described(row: str) -> None:
    known = described(SCHEMAS[row], "    ")["properties"]
    assert {each.encode_name for each in structs.fields(getattr(datasets, row))} <= known.keys()


def test_journals_of_a_real_organisation_balance_and_have_keys() -> None:
    """As a published package has them in its tests: bank accounts without a code, lines without a source."""
    journals = {row["journal_id"]: row for row in seeds("journal")}
    lines: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in seeds("journal_line"):
        lines[row["journal_id"]].append(row)
    documents = [journal(row, lines[key]) for key, row in journals.items() if lines[key]]
    rows = datasets.JOURNALS.decode(as_json({"Journals": documents})).found
    chart = Chart(
        {row["account_id"]: Account(code_of(row["account_id"], row["code"]), "") for row in seeds("account")},
        {},
        None,
    )
    found = list(Page(rows).lines(chart))
    assert len({line.external_id for line in found}) == len(found) > 3000
    sums: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for line in found:
        sums[line.booking] += line.amount
    assert set(sums.values()) == {Decimal(0)}
    assert any(line.account_code.startswith("#") for line in found)
    assert any(line.journal is None for line in found)


def seeds(name: str) -> list[dict[str, str]]:
    with reference(*SEEDS, f"xero_{name}_data.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def journal(row: dict[str, str], lines: list[dict[str, str]]) -> dict[str, object]:
    return {
        "JournalID": row["journal_id"],
        "JournalNumber": int(row["journal_number"]),
        "JournalDate": f"{row['journal_date'][:10]}T00:00:00",
        "CreatedDateUTC": row["created_date_utc"],
        "SourceType": row["source_type"],
        "JournalLines": [
            {
                "JournalLineID": each["journal_line_id"],
                "AccountID": each["account_id"],
                "AccountCode": each["account_code"],
                "NetAmount": Number(each["net_amount"]),
            }
            for each in lines
        ],
    }
