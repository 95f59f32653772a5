"""Answers fulfil the published OpenAPI documents without other fields, and have the form of recorded ones."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import yaml
from common_kit import reference
from xero_server_kit import Client, some_books, xero_server

ACCOUNTING, IDENTITY = "specs/xero/xero_accounting.yaml", "specs/xero/xero-identity.yaml"
RECORDED = "specs/xero/fixtures_xero-python"
SCHEMAS = {
    "Accounts": "Accounts",
    "Journals": "Journals",
    "Organisation": "Organisations",
    "Reports/TrialBalance?date=2025-12-31": "ReportWithRows",
    "TrackingCategories?includeArchived=true": "TrackingCategories",
}


@pytest.fixture
def client() -> Iterator[Client]:
    with xero_server(some_books()) as client:
        yield client


@cache
def components(file: str) -> dict[str, Any]:
    with reference(file).open(encoding="utf-8") as text:
        return dict(yaml.load(text, Loader=yaml.CSafeLoader)["components"])


def judge(file: str, schema: dict[str, Any]) -> jsonschema_rs.Validator:
    known = json.loads(json.dumps(components(file), default=str), object_hook=closed)
    # Moments have no offset, in recorded answers either: they are no `date-time`.
    return jsonschema_rs.Draft4Validator({**schema, "components": known}, validate_formats=False)


def closed(node: dict[str, Any]) -> dict[str, Any]:
    """No properties but those that are named."""
    return {**node, "additionalProperties": False} if "properties" in node else node


@pytest.mark.parametrize("path", SCHEMAS)
def test_rows_are_those_of_the_specification(client: Client, path: str) -> None:
    document = json.loads(client.get(path).text)
    frame = {"Id", "Status", "ProviderName", "DateTimeUTC"}
    assert frame < set(document)
    rows = {name: value for name, value in document.items() if name not in frame}
    judge(ACCOUNTING, {"$ref": f"#/components/schemas/{SCHEMAS[path]}"}).validate(rows)


def test_connections_are_those_of_the_specification(client: Client) -> None:
    one = {"$ref": "#/components/schemas/Connection"}
    judge(IDENTITY, {"type": "array", "items": one}).validate(json.loads(client.get("/connections").text))


def recorded(name: str) -> dict[str, Any]:
    with reference(f"{RECORDED}/{name}.yaml").open(encoding="utf-8") as text:
        (interaction,) = yaml.safe_load(text)["interactions"]
    return dict(interaction["response"])


def test_an_organisation_has_the_form_of_a_recorded_one(client: Client) -> None:
    theirs = recorded("test_get_organisations")
    document = json.loads(theirs["body"]["string"])
    ours = client.get("Organisation")
    assert set(ours.document) == set(document)
    left_out = {"PeriodLockDate", "SalesTaxBasis", "SalesTaxPeriod", "DefaultSalesTax", "DefaultPurchasesTax"}
    assert set(document["Organisations"][0]) - set(ours.rows[0]) <= left_out
    told = {
        name for name in theirs["headers"] if name.startswith(("X-Min", "X-Day", "Xero-", "Content-Type"))
    }
    assert told <= set(ours.headers)


def test_tokens_and_connections_have_the_form_of_recorded_ones(client: Client) -> None:
    token = json.loads(recorded("test_token_api_refresh_token")["body"]["string"])
    assert set(client.renew().document) == set(token)
    (connection,) = json.loads(recorded("test_get_connections")["body"]["string"])
    ours = client.get("/connections").document[0]
    assert set(connection) <= set(ours)
    assert len(ours["createdDateUtc"]) == len(connection["createdDateUtc"])
