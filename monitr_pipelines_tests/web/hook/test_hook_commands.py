"""`monitr hook-key` and `monitr serve`, as programs."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hook_kit import imports_of, organisation_of
from process_kit import LONGEST_WAIT

from monitr_pipelines.warehouse.registry import hook_keys
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning
from monitr_pipelines.web.server import serve


@pytest.fixture
def organisation(make_entity: Callable[..., str], connection: Connection) -> tuple[str, str]:
    """An organisation's id and its entity."""
    entity = make_entity()
    return str(organisation_of(connection, entity)), entity


def test_keys_are_made_listed_and_revoked(monitr: Callable[..., Any], organisation: tuple[str, str]) -> None:
    made = monitr("hook-key", "create", "--org", organisation[0], "--json").json
    assert set(made) == {"id", "key"}
    listed = monitr("hook-key", "list", "--json")
    (row,) = [row for row in listed.json if row["id"] == made["id"]]
    assert row["public_id"] == hook_keys.public_id_of(made["key"])
    assert row["revoked_at"] is None
    assert made["key"] not in listed.out
    assert monitr("hook-key", "revoke", made["id"]).code == 0
    (row,) = [row for row in monitr("hook-key", "list", "--json").json if row["id"] == made["id"]]
    assert row["revoked_at"] is not None
    again = monitr("hook-key", "revoke", made["id"])
    assert (again.code, "monitr hook-key list" in again.err) == (1, True)


def test_a_third_key_is_refused_with_what_to_do(
    monitr: Callable[..., Any], organisation: tuple[str, str]
) -> None:
    keys = [monitr("hook-key", "create", "--org", organisation[0]).out for _ in range(2)]
    assert len(set(keys)) == 2
    third = monitr("hook-key", "create", "--org", organisation[0])
    assert (third.code, third.out) == (1, "")
    assert "monitr hook-key revoke" in third.err


def test_an_unknown_organisation_gets_no_key(monitr: Callable[..., Any]) -> None:
    refused = monitr("hook-key", "create", "--org", "nobody of that name")
    assert (refused.code, "nobody of that name" in refused.err) == (1, True)


def test_signing_needs_no_database(command: list[str], tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_bytes(b'{"entity": "a"}')
    key = "whsec_" + "A" * 56
    environment = {
        **os.environ,
        "MONITR_DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "MONITR_HOOK_KEY": key,
    }
    arguments = ["hook-key", "sign", "--file", str(body), "--id", "msg_1"]
    signed = subprocess.run(
        [*command, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=LONGEST_WAIT,
    )
    headers = dict(line.split(": ", 1) for line in signed.stdout.splitlines())
    assert list(headers) == ["webhook-key", "webhook-id", "webhook-timestamp", "webhook-signature"]
    assert headers["webhook-id"] == "msg_1"


@pytest.mark.parametrize(
    ("key", "message_id", "body"),
    [("whsec_x", "msg_1", b"{}"), ("whsec_" + "A" * 56, "msg 1", b"{}"), ("whsec_" + "A" * 56, "m", b"\xff")],
)
def test_what_cannot_be_signed_is_a_sentence(
    monitr: Callable[..., Any], tmp_path: Path, key: str, message_id: str, body: bytes
) -> None:
    file = tmp_path / "body"
    file.write_bytes(body)
    refused = monitr("hook-key", "sign", "--key", key, "--file", file, "--id", message_id)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("Error: ")


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(
    command: list[str], free_port: int, tmp_path: Path
) -> Iterator[tuple[str, Path, subprocess.Popen[bytes]]]:
    """`monitr serve` as a program: its address, its log, its process."""
    log = tmp_path / "serve.log"
    environment = {**os.environ, "MONITR_HOOK_PORT": str(free_port)}
    with log.open("wb") as out:
        process = subprocess.Popen([*command, "serve"], env=environment, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{free_port}"
    try:
        transport = httpx2.HTTPTransport(retries=10)  # with a back-off: about a minute until it gives up
        with httpx2.Client(transport=transport, timeout=LONGEST_WAIT) as client:
            assert client.get(f"{url}/health/live").status_code == 200
        yield url, log, process
    finally:
        process.kill()
        process.wait(LONGEST_WAIT)


def test_a_request_with_curl_as_the_readme_tells(
    monitr: Callable[..., Any],
    organisation: tuple[str, str],
    served: tuple[str, Path, subprocess.Popen[bytes]],
    connection: Connection,
    tmp_path: Path,
) -> None:
    url, log, process = served
    number, entity = organisation
    key = monitr("hook-key", "create", "--org", number, "--json").json["key"]
    body, headers = tmp_path / "body.json", tmp_path / "headers.txt"
    body.write_text(json.dumps({"entity": entity}))
    headers.write_text(monitr("hook-key", "sign", "--key", key, "--file", body).out)
    curl = [
        "curl",
        "--silent",
        "--max-time",
        str(LONGEST_WAIT),
        "--header",
        f"@{headers}",
        "--data-binary",
        f"@{body}",
    ]
    curl += ["--header", "content-type: application/json", f"{url}/hooks/imports?secret=of-a-careless-sender"]
    answer = subprocess.run(curl, capture_output=True, check=True, timeout=LONGEST_WAIT).stdout
    (waiting,) = imports_of(connection, entity)
    assert json.loads(answer) == {"import": waiting["id"], "entity": entity}

    answer = httpx2.get(f"{url}/sign-in/a-secret-of-someone")
    assert "server" not in answer.headers
    process.send_signal(signal.SIGTERM)
    assert process.wait(LONGEST_WAIT) == 0
    told = log.read_text()
    assert "POST /hooks/imports HTTP" in told
    for secret in ("careless", "a-secret-of-someone", key[6:]):
        assert secret not in told


def test_a_taken_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServerNotRunning, match=r"is taken.*MONITR_HOOK_PORT"):
            serve(taken.getsockname()[1])


def test_the_module_tells_problems_in_a_line(home: Path, free_port: int) -> None:
    def told(**environment: str) -> list[str]:
        command = [sys.executable, "-m", "monitr_pipelines.web.server"]
        environment = {**os.environ, "MONITR_HOOK_PORT": str(free_port), **environment}
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_WAIT
        )
        assert ended.returncode == 1
        return ended.stderr.splitlines()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        wanted = f"port {free_port} is taken; end what uses it or set MONITR_HOOK_PORT to another"
        (line,) = told()
        assert line.partition(" - ")[2] == wanted
    for variable in ("MONITR_HOOK_REQUESTS_PER_MINUTE", "MONITR_UPLOAD_LIMIT_MB"):
        (line,) = told(**{variable: "-5"})
        assert f"{variable} must be a number from 1" in line
