"""What Exact itself publishes: recorded answers, read in place, and the fields of its endpoints."""

import json

import pytest
from common_kit import reference
from exact_kit import Exact

from monitr_pipelines.lifecycle.errors import OurFault, ProviderDown
from monitr_pipelines.providers.exact import datasets
from monitr_pipelines.providers.exact.datasets import Dataset, TypedDataset
from monitr_pipelines.providers.exact.values import code, moment, text

CHART = "financial/GLAccounts"
RECORDED = Dataset(CHART, ("Code", "Description", "BalanceType", "SearchCode", "Created"))


def published(*path: str) -> bytes:
    return reference("specs", "exact_online", *path).read_bytes()


def answered(exact: Exact, body: bytes) -> None:
    exact.before = lambda path: (200, body) if path == CHART else None


def test_a_recorded_chart_is_read(exact: Exact) -> None:
    body = published("fixtures_dotnet_sdk", "Response_Json_Array_GLAccount.txt")
    answered(exact, body)
    rows = exact.source()._api.rows(RECORDED)
    first, second = next(rows), next(rows)
    assert (code(first, "Code"), text(first, "SearchCode")) == ("4406", "RENTE")
    assert (code(second, "Code"), text(second, "BalanceType")) == ("1300", "B")
    written = moment(first, "Created")
    assert written is not None
    assert written.isoformat() == "2013-10-25T02:24:29.110000+00:00"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("APIResponse_Json_Array_WithoutDTag.txt", ProviderDown),
        ("APIResponse_Json_Array_WithoutResultsTag.txt", OurFault),
        ("APIResponse_Json_Object.txt", OurFault),
        ("APIResponse_Json_Object_WithoutD.txt", ProviderDown),
        ("Response_Json_Object_GLAccount_WithCorruptJson.txt", ProviderDown),
    ],
)
def test_a_recorded_answer_without_rows_is_no_empty_page(
    exact: Exact, monkeypatch: pytest.MonkeyPatch, name: str, kind: type[Exception]
) -> None:
    monkeypatch.setattr("monitr_pipelines.providers.retries.sleep", lambda seconds: None)
    answered(exact, published("fixtures_dotnet_sdk", name))
    with pytest.raises(kind):
        list(exact.source()._api.rows(RECORDED))


def test_every_field_that_is_asked_for_is_published() -> None:
    entities = json.loads(published("entity_fields_from_picqer.json")).values()
    known = {entity["path"]: set(entity["fields"]) for entity in entities}
    asked = [found for found in vars(datasets).values() if isinstance(found, Dataset | TypedDataset)]
    assert len(asked) == 9
    for dataset in asked:
        assert set(dataset.fields) <= known[dataset.path], dataset.path
