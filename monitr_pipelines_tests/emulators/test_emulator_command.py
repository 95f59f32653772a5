"""`monitr emulator` as a program: its first line, its options, and that it needs no database."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from process_kit import LONGEST_WAIT, MONITR, free_ports, taken_port

from bench.emulated import emulated
from monitr_pipelines import emulators
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.providers import connectors, find


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A running emulator and its first line; there is nothing in its home, and nothing comes to be there."""
    environment = {"MONITR_HOME": str(home), "PATH": ""}
    command = [str(MONITR), "emulator", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def count(settings: dict[str, str], company: int) -> int:
    context = {"allowed_company_ids": [company]}
    asked = ("account.move.line", "search_count", [[]], {"context": context})
    params = {
        "service": "object",
        "method": "execute_kw",
        "args": (settings["database"], 2, settings["api_key"], *asked),
    }
    answer = requests.post(
        f"{settings['url']}/jsonrpc", json={"params": params, "id": 1}, timeout=LONGEST_WAIT
    )
    return int(answer.json()["result"])


def test_the_first_line_tells_how_to_connect_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    home = tmp_path / "home"
    with started(home, "odoo", "--port", str(port), "--lines", "501") as (process, told):
        assert told["provider"] == "odoo"
        assert told["settings"]["url"] == f"http://127.0.0.1:{port}"
        assert [each["id"] for each in told["administrations"]] == ["1", "2"]
        assert all(set(each) == {"id", "name"} for each in told["administrations"])
        assert sum(count(told["settings"], company) for company in (1, 2)) == 501
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST_WAIT) == 0
    assert not home.exists()


def test_options_choose_the_version_and_the_companies(tmp_path: Path) -> None:
    with started(tmp_path, "odoo", "--option", "version=19", "--companies", "3", "--seed", "2") as (_, told):
        assert len(told["administrations"]) == 3
        asked = requests.get(f"{told['settings']['url']}/web/version", timeout=LONGEST_WAIT)
        assert asked.json()["version"] == "19.0"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ledgers",), "There is no emulator 'ledgers'; there is"),
        (("odoo", "--option", "colour=red"), "Write --option NAME=VALUE, of version."),
        (("odoo", "--option", "version=12"), "Odoo 12 is not emulated"),
    ],
)
def test_what_is_wrong_is_a_sentence(arguments: tuple[str, ...], told: str) -> None:
    refused = subprocess.run(
        [MONITR, "emulator", *arguments], check=False, capture_output=True, text=True, timeout=LONGEST_WAIT
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert told in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with taken_port() as port:
        refused = subprocess.run(
            [MONITR, "emulator", "odoo", "--port", str(port), "--lines", "10"],
            check=False,
            capture_output=True,
            text=True,
            timeout=LONGEST_WAIT,
        )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"Port {port} of 127.0.0.1" in refused.stderr


def test_measurements_have_an_emulator_of_their_own() -> None:
    with emulated("odoo", 300, options={"version": "18"}) as served:
        assert served.provider == "odoo"
        assert len(served.administrations) == 1
        assert {count(dict(served.settings), 1) for _ in range(2)} == {300}


def test_each_kind_is_named_as_its_folder_and_gives_what_its_connector_asks_for() -> None:
    for name, kind in emulators.kinds().items():
        assert kind.name == name
        assert kind.without_limits.keys() <= kind.options.keys()
        kind.build(invented_books(kind.size), kind.without_limits)
        if name in connectors():
            emulator = kind.build(invented_books(kind.size), {})
            assert {field.name for field in find(name).fields} <= set(emulator.settings("http://127.0.0.1:1"))
