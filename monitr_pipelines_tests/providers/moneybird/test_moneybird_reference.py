"""What Moneybird itself publishes: endpoints, fields, scopes and examples, read in place."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import msgspec
import pytest
import yaml
from common_kit import reference

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.providers.moneybird import datasets
from monitr_pipelines.providers.moneybird.api import DOCUMENTS, VERSIONS
from monitr_pipelines.providers.moneybird.datasets import FAMILIES, Dataset, Family
from monitr_pipelines.providers.moneybird.documents import _booked_in
from monitr_pipelines.providers.moneybird.sign_in import SCOPES
from monitr_pipelines.providers.moneybird.sums import moved

LISTS = (datasets.ADMINISTRATIONS, datasets.ACCOUNTS, datasets.PROJECTS, datasets.ENTRIES)
READ = [*LISTS, datasets.BALANCES, *FAMILIES]


@cache
def specification() -> Mapping[str, Any]:
    text = reference("specs", "moneybird", "openapi.yml").read_bytes()
    loaded: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return loaded


def operation(dataset: Dataset[Any] | Family, method: str = "get") -> Mapping[str, Any]:
    path = dataset.path.removesuffix(".json")
    of_books = "" if dataset is datasets.ADMINISTRATIONS else "/{administration_id}"
    found: Mapping[str, Any] = specification()["paths"][f"{of_books}/{path}{{format}}"][method]
    return found


def answers(dataset: Dataset[Any] | Family, method: str = "get") -> Iterator[bytes]:
    """The examples of what it answers, as JSON."""
    content = operation(dataset, method)["responses"]["200"]["content"]["application/json"]
    for example in content["examples"].values():
        yield msgspec.json.encode(example["value"])


@pytest.mark.parametrize("dataset", READ, ids=lambda dataset: dataset.path)
def test_scopes_that_are_asked_for_are_enough(dataset: Dataset[Any] | Family) -> None:
    ways = [each["bearerAuth"] for each in operation(dataset)["security"]]
    assert any(set(scopes) <= set(SCOPES) for scopes in ways)


@pytest.mark.parametrize("dataset", LISTS, ids=lambda dataset: dataset.path)
def test_published_answers_are_read(dataset: Dataset[Any]) -> None:
    read = [dataset.rows(answer) for answer in answers(dataset)]
    assert any(read)


def test_the_published_general_ledger_is_read() -> None:
    (first, *_) = map(datasets.BALANCES.one, answers(datasets.BALANCES))
    assert [(sides.debit, sides.credit, sides.net) for sides in moved(first).values()] == [(1000, 500, 500)]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_published_versions_and_documents_are_read(family: Family) -> None:
    versions = [VERSIONS.rows(answer) for answer in answers(family)]
    assert any(versions)
    documents = [row for answer in answers(family, "post") for row in DOCUMENTS.rows(answer)]
    booked = {month for document in documents for month in _booked_in(document)}
    dates = list(_dates(family))
    assert dates
    assert booked >= {Month.of(date.fromisoformat(each)) for each in dates}


def _dates(family: Family) -> Iterator[str]:
    for answer in answers(family, "post"):
        for row in msgspec.json.decode(answer):
            if told := row.get("date") or row.get("invoice_date"):
                yield told


def test_a_page_is_as_large_as_allowed() -> None:
    per_page = specification()["components"]["parameters"]["per_page"]
    assert per_page["schema"]["maximum"] == datasets.PAGE
