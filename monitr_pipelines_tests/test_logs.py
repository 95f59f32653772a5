"""Every line of a log tells when, how grave, from where and about which import."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
import requests
from common_kit import cancel_waiting
from log_kit import LINE, lines_of
from process_kit import LONGEST_LOOK, LONGEST_WAIT, free_ports, taken_port, wait_for

from monitr_pipelines import logs
from monitr_pipelines.cli.services import write_environment
from monitr_pipelines.importing.session import begin
from monitr_pipelines.reconciler.rounds import SESSION_NAME
from monitr_pipelines.warehouse.queue import requests as asked
from monitr_pipelines.warehouse.server.database import Connection

WEB = "monitr_pipelines.web.server"
RECONCILER = "monitr_pipelines.reconciler"
END_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s"


def formatted(message: str, *arguments: object, error: BaseException | None = None) -> list[str]:
    trouble = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("a.logger", logging.INFO, "", 1, message, arguments, trouble)
    return logs.LineFormatter().format(record).split("\n")


def test_a_line_has_time_level_logger_and_import() -> None:
    (line,) = formatted("%d things", 3)
    moment, level, logger, about, message = line.split(" ", 4)
    assert (level, logger, about, message) == ("INFO", "a.logger", "-", "3 things")
    assert datetime.fromisoformat(moment).utcoffset() is not None
    with logs.about_import(17):
        (line,) = formatted("it goes on")
    assert line.split(" ", 3)[3] == "17 it goes on"
    assert formatted("after")[0].split(" ")[3] == "-"


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", "one\u2028two", "one\x0btwo"])
def test_a_message_of_two_lines_is_two_lines_of_the_log(text: str) -> None:
    lines = formatted(text)
    assert [line.split(" ", 4)[4] for line in lines] == ["one", "two"]


def test_a_traceback_is_about_the_import_too() -> None:
    with logs.about_import(17):
        lines = formatted("it failed", error=ValueError("why"))
    assert [LINE.fullmatch(line)["import"] for line in lines] == ["17"] * len(lines)
    assert lines[-1].endswith("ValueError: why")


def test_an_empty_message_is_a_line() -> None:
    assert len(formatted("")) == 1


def test_what_an_import_logs_is_about_it_from_its_claim_to_its_end(
    connection: Connection, make_entity: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(logs.LineFormatter())
    with caplog.at_level(logging.INFO, logger=logs.OURS):
        entity = make_entity()
        session = begin(entity, run_id=f"run-{entity}", import_id=None, trigger="cli")
        number = session.claimed.import_id
        session.publish()
        session.end()
        logging.getLogger(logs.OURS).info("afterwards")
    lines = [line for line in map(LINE.fullmatch, caplog.text.splitlines()) if line]
    entries = [(line["import"], line["message"]) for line in lines]
    assert (str(number), f"{entity}: claimed by run run-{entity}") in entries
    assert (str(number), f"{entity}: succeeded") in entries
    assert entries[-1] == ("-", "afterwards")


UNFORESEEN = """
import threading, warnings
from monitr_pipelines import logs
logs.set_up()
warnings.warn("mind the gap")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise ValueError("nobody thought of this")
"""


def test_warnings_and_unforeseen_ends_are_lines_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        ended = subprocess.run(
            [sys.executable, "-c", UNFORESEEN], stderr=output, check=False, timeout=LONGEST_WAIT
        )
    assert ended.returncode == 1
    messages = "\n".join(line["message"] for line in lines_of(log))
    for part in ("mind the gap", "ZeroDivisionError", "ValueError: nobody thought of this"):
        assert part in messages


WITHIN_DAGSTER = """
import logging
from dagster._utils.log import configure_loggers
from monitr_pipelines import logs
from monitr_pipelines.definitions import defs
configure_loggers()
defs()
logs.import_id.set(17)
logging.getLogger("monitr_pipelines.importing").info("one of ours")
logging.getLogger("dagster.code_server").info("one of Dagster's")
logging.getLogger("psycopg").warning("one of a library")
"""


def test_what_our_code_logs_in_a_process_of_dagster(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-c", WITHIN_DAGSTER]
        subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=True, timeout=LONGEST_WAIT)
    lines = [(line["logger"], line["import"]) for line in lines_of(log)]
    loggers = ["monitr_pipelines.importing", "dagster.code_server", "psycopg"]
    assert sorted(lines) == sorted((logger, "17") for logger in loggers), "each once"


@contextmanager
def running(module: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, ended as its supervisor ends it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST_WAIT)


def answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{url}/health/live", timeout=LONGEST_LOOK).status_code == 200
    return False


def test_the_web_process(home: Path, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    log, url = tmp_path / "log", f"http://127.0.0.1:{port}"
    with running(WEB, log, MONITR_HOOK_PORT=str(port)):
        wait_for(lambda: answers(url), "the web process")
        requests.get(f"{url}/sign-in/a-secret-of-someone", timeout=LONGEST_WAIT)
        requests.post(f"{url}/hooks/imports?secret=of-a-careless-sender", json={}, timeout=LONGEST_WAIT)
        requests.get(f"{url}/nowhere%0A2020-01-01", timeout=LONGEST_WAIT)
    lines = lines_of(log)
    access = [line["message"] for line in lines if line["logger"] == "uvicorn.access"]
    assert any('"GET /sign-in/... HTTP/1.1" ' in message for message in access)
    assert any('"POST /hooks/imports HTTP/1.1" 401' in message for message in access)
    assert not [word for word in ("a-secret", "careless") if word in log.read_text()]
    assert any(line["logger"] == "uvicorn.error" for line in lines)


def test_the_web_process_without_its_database(home: Path, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    log, url = tmp_path / "log", f"http://127.0.0.1:{port}"
    nowhere = {
        "MONITR_HOOK_PORT": str(port),
        "MONITR_WEB_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    with running(WEB, log, **nowhere):
        wait_for(lambda: answers(url), "the web process")
        requests.post(f"{url}/hooks/imports", json={}, timeout=LONGEST_WAIT, headers={"webhook-key": "a"})
        requests.get(f"{url}/health/ready", timeout=LONGEST_WAIT)
    assert lines_of(log)


def test_processes_that_cannot_start(home: Path, tmp_path: Path) -> None:
    with taken_port() as port, running(WEB, tmp_path / "web", MONITR_HOOK_PORT=str(port)) as web:
        assert web.wait(LONGEST_WAIT) == 1
    with running(RECONCILER, tmp_path / "reconciler", MONITR_BILLING_SECONDS="soon") as reconciler:
        assert reconciler.wait(LONGEST_WAIT) == 1
    for name in ("web", "reconciler"):
        (line,) = lines_of(tmp_path / name)
        assert "MONITR_" in line["message"]


def test_the_reconciler(
    home: Path, connection: Connection, make_entity: Callable[..., str], tmp_path: Path
) -> None:
    """Nobody takes its launches, so that it says of each import what became of it."""
    write_environment()
    cancel_waiting(connection)
    number = asked.request(connection, make_entity(), trigger="manual", requested_by="jan")
    log = tmp_path / "log"
    with running(RECONCILER, log, MONITR_DAGSTER_URL="http://127.0.0.1:9", MONITR_ALERT_FROM="a@b.example"):
        wait_for(lambda: "is not launched" in log.read_text(), "a launch that failed")
        connection.execute(END_SESSIONS, [SESSION_NAME])
        wait_for(lambda: log.read_text().count("at work") == 2, "a new connection")
    lines = lines_of(log)
    assert [line for line in lines if line["import"] == str(number) and "not launched" in line["message"]]
    assert [line for line in lines if line["import"] == "-" and "at work" in line["message"]]
    cancel_waiting(connection)
