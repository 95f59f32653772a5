"""The webserver of `monitr up` behind its guard: no other page commands it, and its own pages work."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import hostile_kit
import pytest
import requests
from common_kit import cancel_waiting
from dagster_kit import ADD_PARTITION, LOCATION, Dagster, import_rows, sale, upload
from hostile_kit import TRIES
from playwright.sync_api import Browser, Page, Response, WebSocket
from process_kit import LONGEST_WAIT, wait_for
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import WAIT_MS, chromium

EVIL = "evil.example"
WITHOUT_DEFENCE = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
ADD = """
mutation {
  addDynamicPartition(
    repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "monitr_pipelines"}
    partitionsDefName: "entity"
    partitionKey: "KEY"
  ) { __typename }
}
"""
PARTITIONS = """
query ($selector: RepositorySelector!) {
  repositoryOrError(repositorySelector: $selector) {
    ... on Repository { partitionSets: assetNodes { partitionKeys } }
  }
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One that finds the other site on this machine, and leaves it to us whether it may ask ours."""
    with chromium(f"--host-resolver-rules=MAP {EVIL} 127.0.0.1", WITHOUT_DEFENCE) as opened:
        yield opened


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(3 * WAIT_MS)
    yield context.new_page()
    context.close()


def add(key: str) -> str:
    return " ".join(ADD.replace("KEY", key).split())


def refusals(home: Path) -> int:
    """How many requests to GraphQL the guard refused because of where they came from."""
    lines = (home / "webserver.log").read_text().splitlines()
    return sum("refused (foreign)" in line and "/graphql" in line for line in lines)


def partitions(dagster: Dagster) -> set[str]:
    answer = dagster.ask(PARTITIONS, selector=LOCATION)
    return {key for node in answer["partitionSets"] for key in node["partitionKeys"]}


@pytest.mark.parametrize("site", [EVIL, "localhost", "127.0.0.1"])
def test_no_page_of_another_site_commands_it(dagster: Dagster, home: Path, window: Page, site: str) -> None:
    mutations = {way: add(f"{site} by {way}") for way in TRIES}
    before = refusals(home)
    with hostile_kit.serving(hostile_kit.page(f"{dagster.url}/graphql", mutations)) as port:
        window.goto(f"http://{site}:{port}/")
        wait_for(lambda: refusals(home) >= before + len(TRIES), "the refusal of each try")
        assert window.evaluate("window.opened") is None
    assert {key for key in partitions(dagster) if key.startswith(f"{site} by")} == set()
    know = dagster.ask(ADD_PARTITION, selector=LOCATION, key=f"{site} asked well")
    assert know["__typename"] == "AddDynamicPartitionSuccess"
    assert f"{site} asked well" in partitions(dagster), "what a hostile page would have added is seen"


def test_a_name_that_is_pointed_here_later_commands_nothing(dagster: Dagster, window: Page) -> None:
    """DNS rebinding: the page comes from a server of the other site's, what it then asks comes here."""
    there = f"http://{EVIL}:{urlsplit(dagster.url).port}"
    window.route(f"{there}/", lambda route: route.fulfill(content_type="text/html", body="<body>"))
    window.goto(f"{there}/")
    status = window.evaluate(
        """async (query) => (await fetch("/graphql", { method: "POST",
            headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) })).status""",
        add("rebound"),
    )
    assert status == 421
    assert window.evaluate("async () => (await fetch('/server_info')).status") == 421
    assert "rebound" not in partitions(dagster)


def test_no_other_site_frames_it(dagster: Dagster, window: Page) -> None:
    frame = f'<body><iframe src="{dagster.url}/runs"></iframe>'
    with hostile_kit.serving(frame) as port, window.expect_response(f"{dagster.url}/runs") as answer:
        window.goto(f"http://localhost:{port}/")
    assert answer.value.status == 403


@pytest.mark.parametrize(
    "operation",
    [
        {"query": add("in turn") + " query Harmless { version }", "operationName": "Harmless"},
        [{"query": add("in turn")}],
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
    ],
)
@pytest.mark.parametrize("way", ["GET", "form", "text", "graphql"])
def test_other_shapes_of_a_mutation_come_to_nothing(dagster: Dagster, operation: object, way: str) -> None:
    url = f"{dagster.url}/graphql"
    flat = operation if isinstance(operation, dict) else {"query": json.dumps(operation)}
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in flat.items()}
    fields["operationName"] = ""
    if way == "GET":
        answer = requests.get(url, params=fields, timeout=LONGEST_WAIT)
    elif way == "form":
        answer = requests.post(url, params=fields, data=fields, timeout=LONGEST_WAIT)
    elif way == "text":
        kind = {"content-type": "text/plain;application/json"}
        answer = requests.post(url, data=json.dumps(operation), headers=kind, timeout=LONGEST_WAIT)
    else:
        kind = {"content-type": "application/graphql"}
        answer = requests.post(url, data=str(fields.get("query")), headers=kind, timeout=LONGEST_WAIT)
    assert answer.status_code == (405 if way == "GET" else 415)
    assert "in turn" not in partitions(dagster)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_a_socket_of_another_site_is_not_opened(dagster: Dagster, origin: str) -> None:
    address = dagster.url.replace("http", "ws", 1) + "/graphql"
    with pytest.raises(InvalidStatus, match="403"), connect(address, origin=origin):
        pass


def test_a_socket_carries_subscriptions_alone(dagster: Dagster) -> None:
    address = dagster.url.replace("http", "ws", 1) + "/graphql"
    with connect(address, origin=dagster.url, subprotocols=["graphql-ws"]) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(30)) == {"type": "connection_ack"}
        socket.send(json.dumps({"type": "start", "id": "1", "payload": {"query": add("by socket")}}))
        assert json.loads(socket.recv(30))["type"] == "error"
    assert "by socket" not in partitions(dagster)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/server_info", 200),
        ("GET", "/graphql", 405),
        ("POST", "/report_asset_materialization/raw/accounts", 415),
        ("POST", "/report_asset_check/raw/accounts", 415),
        ("POST", "/report_asset_observation/raw/accounts", 415),
        ("OPTIONS", "/graphql", 405),
        ("PUT", "/graphql", 405),
    ],
)
def test_every_route_is_behind_it(dagster: Dagster, method: str, path: str, status: int) -> None:
    assert requests.request(method, f"{dagster.url}{path}", timeout=LONGEST_WAIT).status_code == status
    for headers in ({"host": EVIL}, {"origin": f"http://{EVIL}"}, {"sec-fetch-site": "cross-site"}):
        answer = requests.request(method, f"{dagster.url}{path}", headers=headers, timeout=LONGEST_WAIT)
        assert answer.status_code in (403, 421)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/logs/a/b/c.err", "/notebook?path=a.ipynb", "/download_debug/1", "/runs"])
def test_what_is_read_is_read_by_its_own_pages_alone(dagster: Dagster, path: str) -> None:
    assert (
        requests.get(f"{dagster.url}{path}", headers={"host": EVIL}, timeout=LONGEST_WAIT).status_code == 421
    )
    foreign = {"origin": f"http://{EVIL}"}
    assert requests.get(f"{dagster.url}{path}", headers=foreign, timeout=LONGEST_WAIT).status_code == 403


def test_its_own_pages_launch_a_run_and_follow_it(
    dagster: Dagster, entity: str, connection: Connection, window: Page
) -> None:
    cancel_waiting(connection)
    upload(connection, entity, sale(250))
    wrong: list[Response] = []
    frames: list[str] = []

    def follow(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    window.on("response", lambda answer: wrong.append(answer) if answer.status >= 400 else None)
    window.on("websocket", follow)
    window.goto(f"{dagster.url}/assets/raw/gl_transactions")
    window.get_by_role("button", name="Materialize").first.click()
    window.get_by_text("Select a partition or create one").click()
    window.keyboard.type(entity)
    window.get_by_text(entity, exact=True).locator("visible=true").last.click()
    window.keyboard.press("Escape")
    window.get_by_role("button", name="Launch 1 run").click()
    row = wait_for(lambda: import_rows(connection, entity), "the import")[0]
    window.goto(f"{dagster.url}/runs/{row['run_id']}")
    window.get_by_text("RUN_SUCCESS").first.wait_for()
    assert dagster.ended(row["run_id"]) == "SUCCESS"
    assert [frame for frame in frames if "pipelineRunLogs" in frame], "its log came by socket"
    assert [f"{answer.status} {answer.url}" for answer in wrong] == []


def test_its_console_asks_and_is_answered(dagster: Dagster, window: Page) -> None:
    with window.expect_response(lambda answer: answer.request.method == "POST") as answer:
        window.goto(hostile_kit.address(f"{dagster.url}/graphql", "{ version }"))
    assert answer.value.status == 200


def test_a_program_asks_as_before(dagster: Dagster, make_entity: Callable[..., str]) -> None:
    assert dagster.know(make_entity())
