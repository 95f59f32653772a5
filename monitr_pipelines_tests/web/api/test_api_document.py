"""The OpenAPI document of the reports: every answer is as it declares, and so are its examples."""

from collections import Counter
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import schemathesis
from hook_kit import Web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from process_kit import LONGEST_WAIT
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.web.app import create_app
from monitr_pipelines_tests.web.api.conftest import Read, bearer
from monitr_pipelines_tests.web.page_kit import Company

load_all_checks()
# The pool of the server, whose threads are in this process, draws a number whenever it opens a connection.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
DOCUMENT = create_app().openapi()
schema = schemathesis.openapi.from_dict(DOCUMENT).include(path_regex="^/api/")
OPERATIONS = {path: ways["get"] for path, ways in DOCUMENT["paths"].items() if path.startswith("/api/")}


def validator(operation: dict[str, Any], status: int, media_type: str) -> Any:  # noqa: ANN401 - of a library in Rust
    declared = operation["responses"][str(status)]["content"][media_type]["schema"]
    return jsonschema_rs.validator_for({**declared, "components": DOCUMENT["components"]})


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_answer_is_as_the_document_declares(web: Web, company: Company, path: str) -> None:
    """With a token or without; of an entity and an account that there are, or of anything."""
    seen = Counter[int]()

    @given(case=schema[path]["GET"].as_strategy(), signed=st.integers(0, 4), ours=st.booleans())
    @settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case, signed: int, ours: bool) -> None:  # noqa: FBT001 - as hypothesis gives it
        if ours:
            case.path_parameters = {**case.path_parameters, "entity": company.key}
            known = {"account": "700000", "axis": "cost"}
            asked = {name: known.get(name, value) for name, value in (case.query or {}).items()}
            case.query = {**asked, "account": "700000"} if "transactions" in path else asked
        sent = bearer(company.token) if signed else {}
        answer = case.call(base_url=web.url, headers=sent, timeout=LONGEST_WAIT)
        # A period may end before it begins, and a day be none: no schema can tell.
        case.validate_response(answer, excluded_checks=[ignored_auth, positive_data_acceptance])
        seen[answer.status_code] += 1

    check()
    assert {200, 401} <= set(seen), seen


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_example_is_as_its_schema(path: str) -> None:
    operation = OPERATIONS[path]
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"] == [{"token": []}]
    for status, answer in operation["responses"].items():
        assert answer["description"]
        for media_type, content in answer.get("content", {}).items():
            checked = validator(operation, status, media_type)
            values = [example["value"] for example in content["examples"].values()]
            assert values
            for value in values:
                checked.validate(value)


def test_the_document_has_every_report() -> None:
    of_entities = {path.removeprefix("/api/reports/{entity}/") for path in OPERATIONS} - {"/api/reports"}
    assert of_entities == {*(kind.replace("_", "-") for kind in Kind), "trial-balance", "transactions"}
    assert {str(status) for each in OPERATIONS.values() for status in each["responses"]} == {
        "200", "304", "401", "404", "422", "503"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/reports", "/api/reports"),
        ("/api/reports/{entity}/profit-and-loss", "profit-and-loss?by=quarter&from=2024-01"),
        ("/api/reports/{entity}/profit-and-loss", "profit-and-loss?axis=cost"),
        ("/api/reports/{entity}/balance-sheet", "balance-sheet?by=year-to-date&language=fr"),
        ("/api/reports/{entity}/trial-balance", "trial-balance"),
        ("/api/reports/{entity}/transactions", "transactions?account=550000&from=2024-01"),
    ],
)
def test_figures_are_as_the_document_declares(read: Read, path: str, asked: str) -> None:
    answer: httpx2.Response = read(asked)
    assert answer.status_code == 200
    validator(OPERATIONS[path], 200, "application/json").validate(answer.json())
