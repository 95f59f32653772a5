"""A real PostgreSQL for the whole run, in a home of its own; an entity of its own for each test."""

import contextlib
import io
import itertools
import json
import logging
import os
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from process_kit import LONGEST_WAIT

from monitr_pipelines import cli, logs
from monitr_pipelines.importing.session import begin
from monitr_pipelines.warehouse.queue.claims import Claim, claim
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.upkeep import migrations

STARTING_DAGSTER = {"cli", "defs", "nights", "reconciler", "workers"}
THREADS_OF_SOURCES = {"asking-ahead", "answer-deadline"}
# Their imports run in the process of the test.
WITHOUT_DAGSTER = {f"cli/{name}" for name in ("connecting", "questions", "reports", "structures", "variants")}
POLITE = 5
_numbers = itertools.count(1)
# An example takes as long as the machine lets it.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
logging.getLogger(logs.OURS).addHandler(logging.NullHandler())  # definitions that tests load write no log


def pytest_configure() -> None:
    """Software that connectors are tried on runs on this machine; signals are as in a terminal.

    Dagster lets SIGTERM do what SIGINT does, in a background job nothing. What is compiled is kept, even
    where the machine says otherwise: hundreds of processes load it.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ["MONITR_PROVIDER_NETWORKS"] = "127.0.0.0/8"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts Dagster comes first: it is the longest part that one worker runs."""
    items.sort(key=lambda item: not _starts_dagster(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Folders for three workers, each in its usual order; those that start Dagster are one.

    What comes last is dealt out by the module, for all workers to end together. Never does a Dagster start
    beside another. What starts Dagster waits for half of its time, and two processors have something to do
    with three workers.
    """
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only where workers are

    class Folders(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if _starts_dagster(nodeid):
                return "dagster"
            return nodeid.partition("::")[0] if _comes_last(nodeid) else _together(_folder_of(nodeid))

    config.option.loadscopereorder = False
    return Folders(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ and not _starts_dagster(item.nodeid):
        _give_way()


@cache
def _give_way() -> None:
    """Others go first: no test takes longer than all those that start Dagster, one after the other."""
    os.nice(POLITE)


def _starts_dagster(nodeid: str) -> bool:
    folder = _folder_of(nodeid)
    return folder.partition("/")[0] in STARTING_DAGSTER and folder not in WITHOUT_DAGSTER


def _comes_last(nodeid: str) -> bool:
    return _folder_of(nodeid).startswith("web/")


def _together(folder: str) -> str:
    """The folder itself, or the one above whose real servers its tests share."""
    return "conformance" if folder.startswith("conformance/") else folder


def _folder_of(nodeid: str) -> str:
    """The folder of a test below that of all tests; empty for a test that stands there."""
    return nodeid.partition("::")[0].partition("/")[2].rpartition("/")[0]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home folder of the test run, its server started and migrated.

    Thousands of small commits need not wait for the disk at each of them: no test kills this server.
    """
    folder = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("MONITR_") and name.endswith("_URL")]:
        del os.environ[name]
    os.environ["MONITR_HOME"] = str(folder)
    database.start_server()
    migrations.migrate()
    with database.connect_as_owner(autocommit=True) as connection:
        connection.execute("alter role all set synchronous_commit = off")
    yield folder
    embedded.stop(folder)
    shutil.rmtree(embedded.cluster_of(folder).folder)


@pytest.fixture(autouse=True)
def _no_question_is_left() -> Iterator[None]:
    """A test closes the sources that it opens: the thread of one that is left open does not end."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if thread.name in THREADS_OF_SOURCES:
            thread.join(LONGEST_WAIT)
            assert not thread.is_alive(), "a source was not closed"


@pytest.fixture
def connection(home: Path) -> Iterator[Connection]:
    with database.connect(autocommit=True) as opened:
        yield opened


@pytest.fixture
def make_entity(connection: Connection) -> Callable[..., str]:
    """Makes an entity, in an organisation of its own unless one is given, and returns its key."""

    def make_organisation(number: int, subscription: str) -> int:
        row = connection.execute(
            "insert into app.organisation (name, subscription) values (%s, %s) returning id",
            [f"organisation {os.getpid()}-{number}", subscription],
        ).fetchone()
        assert row is not None
        return int(row["id"])

    def make(
        *,
        subscription: str = "active",
        provider: str = "file",
        country: str = "BE",
        fiscal_year_start: int = 1,
        result_account: str | None = None,
        organisation: int | None = None,
    ) -> str:
        number = next(_numbers)
        owner = organisation or make_organisation(number, subscription)
        row = connection.execute(
            """
            with integration as (
                insert into app.integration (organisation_id, provider)
                values (%s, %s) returning id, organisation_id
            )
            insert into app.entity
                (key, organisation_id, integration_id, name, country, fiscal_year_start, result_account)
            select %s, organisation_id, id, 'Test company', %s, %s, %s from integration
            returning key
            """,
            [
                owner,
                provider,
                f"{os.getpid()}-test-{number}",
                country,
                fiscal_year_start,
                result_account,
            ],
        ).fetchone()
        assert row is not None
        return str(row["key"])

    return make


@pytest.fixture
def make_claim(connection: Connection) -> Callable[..., Claim]:
    """Starts an import of an entity, as a run would."""

    def make(entity_key: str, **options: object) -> Claim:
        run_id = f"run-{os.getpid()}-{next(_numbers)}"
        return claim(connection, entity_key, run_id=run_id, import_id=None, trigger="cli", **options)

    return make


@dataclass(frozen=True)
class Said:
    """What a command of `monitr` answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        return json.loads(self.out)


@pytest.fixture
def without_dagster(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """`monitr import` runs the steps of an import itself: seconds less for tests of many imports."""

    def run_import(entity_key: str, import_id: int) -> None:
        run_id = f"run-{os.getpid()}-{next(_numbers)}"
        session = begin(entity_key, run_id=run_id, import_id=import_id, trigger="cli")
        try:
            session.fetch()
            session.publish()
        except Exception as error:  # noqa: BLE001 - as a step of the run does
            session.failed(error)
        finally:
            session.end()

    with monkeypatch.context() as patched:
        patched.setattr("monitr_pipelines.cli.dagster_run.run_import", run_import)
        yield patched


@pytest.fixture
def command(home: Path) -> list[str]:
    """`monitr` as a program of its own."""
    return [str(Path(sys.executable).parent / "monitr")]


@pytest.fixture
def monitr(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs a command of `monitr` within this process, from `main` on."""

    before = (sys.excepthook, threading.excepthook)

    def restore_logs() -> None:
        """A log that the command wrote ends with it, as with its process."""
        for handler in [each for each in logging.root.handlers if isinstance(each, logs.StandardError)]:
            logging.root.removeHandler(handler)
        logging.captureWarnings(capture=False)
        sys.excepthook, threading.excepthook = before

    def run(*arguments: object) -> Said:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "argv", ["monitr", *map(str, arguments)])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Dagster's own, as for any program
            try:
                cli.main()
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
            finally:
                restore_logs()
        return Said(code, out.getvalue(), err.getvalue())

    return run
