"""The OpenAPI document: it declares every answer, and gives an example of each."""

from collections import Counter

import httpx2
import pytest
import requests
import schemathesis
from hook_kit import Sender, Web, new_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from process_kit import LONGEST_WAIT
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import missing_required_header, negative_data_rejection

from monitr_pipelines.web.app import create_app

load_all_checks()
# The routes of reports are asked with a token of their own: `web/api/test_api_document.py`.
schema = schemathesis.openapi.from_dict(create_app().openapi()).exclude(path_regex="^/api/")
# The pool of the server, whose threads are in this process, draws a number whenever it opens a connection.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
thorough = settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@schema.parametrize()
@thorough
def test_every_answer_is_as_the_document_declares(case: schemathesis.Case, web: Web) -> None:
    case.call_and_validate(base_url=web.url, timeout=LONGEST_WAIT)


def test_every_answer_to_a_signed_request_is_as_the_document_declares(web: Web, sender: Sender) -> None:
    seen = Counter[int]()

    @given(case=schema["/hooks/imports"]["POST"].as_strategy(), ours=st.booleans())
    @thorough
    def check(case: schemathesis.Case, ours: bool) -> None:  # noqa: FBT001 - as hypothesis gives it
        if ours and isinstance(case.body, dict) and "entity" in case.body:
            case.body["entity"] = sender.entities[0]
        sent = case.as_transport_kwargs(base_url=web.url)
        body = requests.Request(**sent).prepare().body or b""
        signed = sender.headers(body if isinstance(body, bytes) else body.encode(), new_id())
        answer = case.call(base_url=web.url, headers=signed, timeout=LONGEST_WAIT)
        # Signed here, so that what the document asks of the headers is given.
        case.validate_response(answer, excluded_checks=[negative_data_rejection, missing_required_header])
        seen[answer.status_code] += 1

    check()
    assert {202, 404} <= set(seen), f"as intended, not refused before: {seen}"


def test_every_answer_has_a_description_and_an_example(client: httpx2.Client) -> None:
    answers = client.get("/openapi.json").json()["paths"]["/hooks/imports"]["post"]["responses"]
    assert set(answers) == {
        "202", "400", "401", "402", "404", "408", "409", "413", "415", "422", "429", "503"
    }  # fmt: skip
    for answer in answers.values():
        assert answer["description"]
        assert answer["content"]["application/json"]["examples"]


def test_the_document_holds_no_page(client: httpx2.Client) -> None:
    paths = {path for path in client.get("/openapi.json").json()["paths"] if not path.startswith("/api/")}
    assert paths == {"/hooks/imports", "/health", "/health/live", "/health/ready", "/metrics"}
