"""`make audit` says what a service of advisories says, and that nothing was audited where none answered.

The service speaks HTTP on this machine, in the form in which OSV answered for urllib3 1.24.1.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from dependency_audit import (
    FLAWS,
    NO_FLAW,
    NOT_AUDITED,
    OLD_FLAW,
    OLD_PIN,
    PINS,
    ROOT,
    main,
    pins_of,
    unpinned,
)
from process_kit import LONGEST_WAIT, free_ports

Advisories = dict[tuple[str, str], list[dict[str, object]]]
Audit = Callable[..., tuple[int, list[str]]]


def advisory(number: str, alias: str, package: str, fixed: str | None) -> dict[str, object]:
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    affected = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": ranges}
    return {
        "id": number,
        "aliases": [alias],
        "affected": [affected],
        "details": "text",
        "schema_version": "1.7.3",
    }


KNOWN: Advisories = {("urllib3", "1.24.1"): [advisory("PYSEC-2019-133", OLD_FLAW, "urllib3", "1.24.2")]}


class Service(ThreadingHTTPServer):
    """What it answers, by package and version; a text is answered as it is, and a number is a status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.advisories: Advisories = dict(KNOWN)
        self.always: dict[str, str | int] = {}
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name, version = asked["package"]["name"], asked["version"]
        self.server.asked.append(f"{name}=={version}")
        flaws = self.server.advisories.get((name, version))
        always = self.server.always.get(name, json.dumps({"vulns": flaws} if flaws else {}))
        self.send_response(always if isinstance(always, int) else 200)
        self.end_headers()
        self.wfile.write(str(always).encode())

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with Service() as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{serving.server_port}/v1/query")
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Audits pins as if they were all that is installed; the exit code, and the lines."""

    def run(*pins: str, strays: tuple[str, ...] = ()) -> tuple[int, list[str]]:
        file = tmp_path / "pins.txt"
        file.write_text("\n".join([*pins, ""]))
        monkeypatch.setattr("dependency_audit.unpinned", lambda _: list(strays))
        lines: list[str] = []
        return main(lines.append, file), lines

    return run


def test_every_pin_of_the_project_is_asked_about(service: Service) -> None:
    program = [sys.executable, "-m", "monitr_pipelines_tests.gates.dependency_audit"]
    ended = subprocess.run(
        program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST_WAIT
    )
    pins = pins_of(PINS)
    last = f"0 known flaws in {len(pins)} pinned packages; the check found {OLD_FLAW} in {OLD_PIN}\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (NO_FLAW, last, "")
    assert service.asked[0] == OLD_PIN
    assert {asked.partition("==")[0] for asked in service.asked} == set(pins)


def test_whatever_is_installed_is_pinned() -> None:
    assert unpinned(pins_of(PINS)) == []


def test_flaws_are_told_with_the_release_that_is_without_them(service: Service, audit: Audit) -> None:
    service.advisories["jinja2", "2.10"] = [
        advisory("PYSEC-2019-217", "CVE-2019-10906", "jinja2", "2.10.1"),
        advisory("PYSEC-0000-1", "CVE-0000-1", "jinja2", None),
    ]
    code, lines = audit("idna==3.20", "Jinja2==2.10")
    assert code == FLAWS
    assert lines[:-1] == [
        "jinja2 2.10: PYSEC-2019-217, CVE-2019-10906; fixed in 2.10.1",
        "jinja2 2.10: PYSEC-0000-1, CVE-0000-1; not fixed yet",
    ]
    assert lines[-1].startswith("2 known flaws in 2 pinned packages")


def test_nobody_answers(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{free_ports(1)[0]}/v1/query")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    code, [line] = audit("idna==3.20")
    assert code == NOT_AUDITED
    assert line.startswith("not audited: requests.exceptions.ConnectionError")
    assert "Connection refused" in line


@pytest.mark.parametrize("answer", ["{}", 503])
def test_somebody_else_answers(service: Service, audit: Audit, answer: str | int) -> None:
    service.always["urllib3"] = answer
    code, [line] = audit("idna==3.20")
    assert code == NOT_AUDITED
    assert line.startswith("not audited: ")
    assert service.asked == [OLD_PIN]


def test_a_service_that_fails_halfway_has_audited_nothing(service: Service, audit: Audit) -> None:
    service.always["idna"] = 503
    code, [line] = audit("attrs==26.1.0", "idna==3.20")
    assert (code, line.startswith("not audited: ")) == (NOT_AUDITED, True)
    assert "idna==3.20" in service.asked


def test_what_nobody_would_ask_about_is_named(audit: Audit) -> None:
    assert audit("idna==3.20", strays=("requests", "urllib3")) == (
        NOT_AUDITED,
        ["not audited: installed, and not pinned in pins.txt: requests, urllib3"],
    )
    assert audit("idna>=3")[1] == ["not audited: pins.txt has a line that pins no version: idna>=3"]


def test_make_fails_where_nothing_was_audited() -> None:
    environment = {
        **os.environ,
        "PIP_AUDIT_OSV_URL": f"http://127.0.0.1:{free_ports(1)[0]}/",
        "NO_PROXY": "127.0.0.1",
    }
    as_it_is = ("--old-file", ".venv/installed", "--old-file", ".venv/installed-dev")
    recipe = ["make", "--no-print-directory", "audit", *as_it_is]
    made = subprocess.run(
        recipe, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_WAIT
    )
    assert made.returncode != 0
    assert made.stdout.startswith("not audited: ")
    assert f"Error {NOT_AUDITED}" in made.stderr
