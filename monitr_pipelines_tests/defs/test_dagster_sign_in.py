"""A webserver that asks operators to sign in, as `monitr up` starts one where its settings say so."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, Response
from process_kit import LONGEST_WAIT, free_ports, wait_for

from monitr_pipelines import shipped
from monitr_pipelines.cli.services import write_environment
from monitr_pipelines_tests.web.browser_kit import browsing, chromium

TOKEN = "an-operators-token-of-32-letters"  # noqa: S105 - of this test
QUERY = {"query": "{ version }"}


@contextmanager
def webserver(log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    write_environment()
    bind, port = environment["MONITR_DAGSTER_BIND"], environment["MONITR_DAGSTER_PORT"]
    program = [sys.executable, "-m", "monitr_pipelines.dagster_process", "dagster_webserver"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*program, "-w", shipped.WORKSPACE_YAML, "-h", bind, "-p", port],
            cwd=log.parent,  # Dagster reads an .env of the folder that it starts in, such as the demo's
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(LONGEST_WAIT)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def asking(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    (port,) = free_ports(1)
    log = tmp_path_factory.mktemp("asking") / "log"
    variables = {
        "MONITR_DAGSTER_BIND": "0.0.0.0",  # noqa: S104 - another machine is what it asks for
        "MONITR_DAGSTER_PORT": str(port),
        "MONITR_OPERATOR_TOKENS": f"{'n' * 40},{TOKEN}",
    }
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(requests.ConnectionError):
            return requests.get(f"{url}/server_info", timeout=LONGEST_WAIT).status_code == 401
        return False

    with webserver(log, **variables) as process:
        wait_for(answers, "the webserver")
        yield url
    assert TOKEN not in log.read_text()


@pytest.fixture
def window(asking: str) -> Iterator[Page]:
    with chromium() as browser, browsing(browser, asking) as browse:
        yield browse()


def test_who_has_not_signed_in_gets_nothing(asking: str) -> None:
    for path in ("/server_info", "/logs/a/b.err", "/download_debug/1", "/vendor/graphiql/graphiql.min.js"):
        assert requests.get(f"{asking}{path}", timeout=LONGEST_WAIT).status_code == 401
    refused = requests.post(f"{asking}/graphql", json=QUERY, timeout=LONGEST_WAIT)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_a_program_sends_its_token(asking: str) -> None:
    sent = {"authorization": f"Bearer {TOKEN}"}
    answer = requests.post(f"{asking}/graphql", json=QUERY, headers=sent, timeout=LONGEST_WAIT)
    assert "version" in answer.json()["data"]


def test_an_operator_signs_in_and_works(asking: str, window: Page) -> None:
    wrong: list[Response] = []
    window.goto("/jobs?from=mail")
    window.locator("#token").fill("wrong")
    window.locator("main button").click()
    window.get_by_role("alert").wait_for()
    window.on("response", lambda answer: wrong.append(answer) if answer.status >= 400 else None)
    window.locator("#token").fill(TOKEN)
    with window.expect_websocket(timeout=LONGEST_WAIT * 1000):
        window.locator("main button").click()
    window.wait_for_url("**/jobs?from=mail")
    window.get_by_role("link", name="import_entity").first.wait_for(timeout=LONGEST_WAIT * 1000)
    assert [f"{answer.status} {answer.url}" for answer in wrong] == []
    cookies = window.context.cookies()
    assert [
        (each["httpOnly"], each["sameSite"]) for each in cookies if each["name"] == "monitr_operator"
    ] == [(True, "Strict")]


def test_it_does_not_start_without_what_it_needs(home: Path, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    variables = {"MONITR_DAGSTER_BIND": "0.0.0.0", "MONITR_DAGSTER_PORT": str(port)}  # noqa: S104 - refused
    with webserver(tmp_path / "log", **variables, MONITR_OPERATOR_TOKENS="") as process:
        assert process.wait(LONGEST_WAIT) == 1
    assert "MONITR_DAGSTER_BIND is 0.0.0.0, which other machines reach" in (tmp_path / "log").read_text()
