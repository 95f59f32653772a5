"""`make demo` as it is run: from nothing to someone who is signed in at the page, until Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
import typer
from process_kit import LONGEST_WAIT, alive, descendants, end, free_ports, server_of, taken_port, wait_for

from monitr_pipelines import emulators, providers
from monitr_pipelines.cli.demo import command as demo_command
from monitr_pipelines.cli.demo.command import ACTIVE, COMPANIES
from monitr_pipelines.shipped import CHECKOUT
from monitr_pipelines.warehouse.server import embedded
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import form_token

PORTS = ("MONITR_DAGSTER_PORT", "MONITR_HOOK_PORT")
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/sign-in/\S+)")
# Of the software that plays: whom a person asks to import anew.
AGAIN = ("exact", "odoo")
Demo = subprocess.Popen[bytes]


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home in which nothing is yet; what the demo put there is removed."""
    yield tmp_path / "home"
    embedded.remove(tmp_path / "home")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def demo(own_home: Path, log: Path) -> Iterator[Callable[..., Demo]]:
    """Starts the demo on two ports, as the Makefile does; what it says goes to the log."""
    begun: list[Demo] = []

    def start(*ports: int, options: Sequence[str] = ()) -> Demo:
        given = dict(zip(PORTS, map(str, ports), strict=True))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "monitr_pipelines.cli.demo", *options],
                cwd=CHECKOUT,
                env={**os.environ, "MONITR_HOME": str(own_home), **given},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        begun.append(process)
        return process

    yield start
    for process in begun:
        end(process)


def test_the_demo_serves_its_entities_to_who_follows_its_link(
    demo: Callable[..., Demo], own_home: Path, log: Path
) -> None:
    dagster, hook = free_ports(2)
    process = demo(dagster, hook)

    def said(what: re.Pattern[str]) -> re.Match[str] | None:
        text = log.read_text()
        assert process.poll() is None, text
        return what.search(text)

    link = wait_for(lambda: said(LINK), "the link")[1]
    for name in emulators.kinds():
        assert said(re.compile(f": importing from {providers.title_of(name)};")), "what it is at"
    with httpx2.Client(base_url=f"http://127.0.0.1:{hook}", timeout=LONGEST_WAIT) as client:
        wait_for(lambda: said(re.compile("Ctrl-C ends them")) and answers(client), "the page")
        signed_in = client.post(link, data={"csrf": form_token(client, link)})
        assert signed_in.headers["location"] == "/entities"
        page = client.get("/entities").text
        shown = {company.name for company in COMPANIES if f">{company.name}<" in page}
        assert shown == {company.name for company in COMPANIES if company.organisation == ACTIVE}
        played = {name: software_of(page, providers.title_of(name)) for name in emulators.kinds()}
        assert {name: succeeded(client, key) for name, key in played.items()} == dict.fromkeys(played, 1)
        again = [played[name] for name in AGAIN]
        for key in again:
            csrf = form_token(client, "/entities")
            assert client.post(f"/entities/{key}/sync", data={"csrf": csrf}).status_code == 303
        for key in again:
            wait_for(lambda: succeeded(client, key) == 2, "an import that the page asked for")  # noqa: B023
        ports = set(re.findall(r"http://127\.0\.0\.1:(\d+)", client.get("/integrations").text)) - {str(hook)}
    assert len(ports) == len(played)

    started = [*descendants(process.pid), server_of(own_home)]
    assert len(started) >= 5
    process.send_signal(signal.SIGINT)
    assert process.wait(LONGEST_WAIT) == 0, log.read_text()
    wait_for(lambda: not any(map(alive, started)), "the end of its processes")
    for port in ports:
        with pytest.raises(httpx2.TransportError):
            httpx2.get(f"http://127.0.0.1:{port}", timeout=LONGEST_WAIT)
    assert "Traceback" not in log.read_text()


def software_of(page: str, title: str) -> str:
    """The key of the entity that is imported from an accounting software."""
    (key,) = [
        card.partition('"')[0]
        for card in page.split('id="card-')[1:]
        if f'<span class="provider">{title}</span>' in card
    ]
    return key


def succeeded(client: httpx2.Client, key: str) -> int:
    return client.get(f"/entities/{key}/history").text.count('class="status succeeded"')


def answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/health/live").status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.parametrize("variable", PORTS)
def test_a_taken_port_is_told_before_anything_is_made(
    demo: Callable[..., Demo], own_home: Path, log: Path, variable: str
) -> None:
    with taken_port() as taken:
        ports = dict(zip(PORTS, free_ports(2), strict=True)) | {variable: taken}
        assert demo(*ports.values()).wait(LONGEST_WAIT) == 1
    told = log.read_text()
    assert f"port {taken} is taken" in told
    assert variable in told
    assert "Traceback" not in told
    assert not own_home.exists()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ("", 1, 'The answer goes into OPTIONS: make demo BOOKS={file} OPTIONS="..."'),
        ("--date-format DD/MM/YYYY", 0, "Succeeded"),
    ],
    ids=["a question", "its answer"],
)
def test_a_ledger_file_of_ones_own_is_imported_with_the_options_of_the_command(
    *, demo: Callable[..., Demo], log: Path, tmp_path: Path, options: str, code: int, told: str
) -> None:
    file = tmp_path / "own.csv"
    file.write_text("date,account_code,debit,credit\n01/02/2025,550000,100,\n01/02/2025,700000,,100\n")
    process = demo(*free_ports(2), options=["--once", "--books", str(file), f"--options={options}"])
    assert process.wait(LONGEST_WAIT) == code
    assert told.format(file=file) in log.read_text()


HEADER = "date,account_code,debit,credit\n"
DOUBTFUL = f"{HEADER}01/02/2025,550000,100,\n01/02/2025,700000,,100\n"
ANSWER = ["--date-format", "DD/MM/YYYY"]


def test_a_file_that_is_refused_leaves_no_entity(
    *,
    connection: Connection,
    tmp_path: Path,
    without_dagster: object,
    monitr: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """However often someone tries; the try that works makes the entity, and the next one takes the same."""
    assert monitr("entities").code == 0
    file = tmp_path / "tried.csv"
    text = "2025-02-01,550000,100,\n2025-02-01,700000,,100\n"
    tries = [
        (DOUBTFUL, []),
        (f"{HEADER}{text * 12_000}2025-02-30,550000,1,\n", []),
        ("neither this nor that", []),
        (DOUBTFUL, ["--columns", str(tmp_path / "missing.json")]),
    ]
    for content, options in tries:
        file.write_text(content)
        with suppress(typer.BadParameter):
            assert demo_command._own_books(file, options), content[:40]
        assert made_of(connection, "tried") == 0
    file.unlink()
    assert demo_command._own_books(file, [])
    with pytest.raises(Exception, match="No such option"):
        demo_command._own_books(file, ["--colour", "red"])
    assert made_of(connection, "tried") == 0
    file.write_text(DOUBTFUL)
    for _ in range(2):
        assert not demo_command._own_books(file, ANSWER)
        assert made_of(connection, "tried") == 1
    assert "make demo BOOKS=" in capsys.readouterr().err


def made_of(connection: Connection, stem: str) -> int:
    row = connection.execute(
        "select count(*) as made from app.entity where name = %s", [f"My books: {stem}"]
    ).fetchone()
    assert row is not None
    return int(row["made"])
