"""The embedded PostgreSQL: found running, started, killed, started again, never two of them."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import psycopg
import pytest
from process_kit import LONGEST_WAIT, server_of, wait_for

from monitr_pipelines.cli import services
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.embedded import Cluster, ServerNotRunning, cluster_of, ensure_running

ROOT = Path(__file__).parents[3]
AS_ROOT = os.geteuid() == 0
STARTER = """
import sys
from pathlib import Path
from monitr_pipelines.warehouse.server.embedded import ensure_running
print(ensure_running(Path(sys.argv[1]))[1])
"""


@pytest.fixture
def own_home(tmp_path: Path) -> Iterator[Path]:
    """A home folder of the test's own; what was started in it is ended."""
    folder = tmp_path / "home"
    yield folder
    end(folder)


def end(home: Path) -> None:
    embedded.stop(home)
    cluster = cluster_of(home)
    shutil.rmtree(cluster.folder, ignore_errors=True)
    shutil.rmtree(cluster.sockets, ignore_errors=True)


def kill_server(home: Path) -> None:
    """kill -9 of the postmaster; waits until it is gone."""
    pid = server_of(home)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not cluster_of(home).answers(), "the end of the server")


def write(home: Path, value: int) -> None:
    with psycopg.connect(cluster_of(home).url("postgres"), autocommit=True) as connection:
        connection.execute("create table if not exists written (value int)")
        connection.execute("insert into written values (%s)", [value])


def written(home: Path) -> list[int]:
    with psycopg.connect(cluster_of(home).url("postgres")) as connection:
        return [row[0] for row in connection.execute("select value from written order by 1")]


def setting(home: Path, name: str) -> str:
    with psycopg.connect(cluster_of(home).url("postgres")) as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    return str(row and row[0])


def started_by_processes(home: Path, number: int) -> list[str]:
    """What `ensure_running` told in processes that ran at the same time; they have ended."""
    command = [sys.executable, "-c", STARTER, str(home)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(number)
    ]
    said = [process.communicate(timeout=LONGEST_WAIT) for process in running]
    assert [process.returncode for process in running] == [0] * number, said
    return sorted(out.strip() for out, _ in said)


def test_a_server_is_started_once(own_home: Path) -> None:
    cluster, started = ensure_running(own_home)
    assert started
    assert cluster.answers()
    pid = server_of(own_home)
    assert ensure_running(own_home) == (cluster, False)
    assert server_of(own_home) == pid
    write(own_home, 1)
    embedded.stop(own_home)
    assert not cluster.answers()
    embedded.stop(own_home)
    assert ensure_running(own_home)[1]
    assert written(own_home) == [1]


def test_committed_rows_survive_kill_9(own_home: Path) -> None:
    ensure_running(own_home)
    write(own_home, 1)
    open_transaction = psycopg.connect(cluster_of(own_home).url("postgres"))
    open_transaction.execute("insert into written values (2)")
    kill_server(own_home)
    assert ensure_running(own_home)[1]
    with pytest.raises(psycopg.OperationalError):
        open_transaction.commit()
    open_transaction.close()
    assert written(own_home) == [1]
    write(own_home, 3)
    assert ensure_running(own_home)[1] is False


@pytest.mark.parametrize("left", ["pid of a living process", "empty", "own process group"])
def test_lock_files_of_a_dead_server_do_not_keep_it_from_starting(own_home: Path, left: str) -> None:
    ensure_running(own_home)
    write(own_home, 1)
    cluster = cluster_of(own_home)
    pid_file = cluster.data / "postmaster.pid"
    text = pid_file.read_text()
    lock_text = (cluster.sockets / f"{embedded.SOCKET_NAME}.lock").read_text()
    pid = str(server_of(own_home))
    embedded.stop(own_home)
    bystander = subprocess.Popen(["sleep", "300"])
    try:
        alive = {"pid of a living process": bystander.pid, "own process group": os.getppid()}.get(left)
        pid_file.write_text(text.replace(pid, str(alive), 1) if alive else "")
        (cluster.sockets / embedded.SOCKET_NAME).touch()
        (cluster.sockets / f"{embedded.SOCKET_NAME}.lock").write_text(
            lock_text.replace(pid, str(alive), 1) if alive else ""
        )
        assert ensure_running(own_home)[1]
        assert written(own_home) == [1]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_an_initialisation_that_was_broken_off_is_made_anew(own_home: Path) -> None:
    cluster = cluster_of(own_home)
    half = cluster.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    ensure_running(own_home)
    assert not half.exists()


def test_processes_that_start_it_at_once_start_one(own_home: Path) -> None:
    """They end, and the server goes on."""
    assert started_by_processes(own_home, 3) == ["False", "False", "True"]
    write(own_home, 1)
    kill_server(own_home)
    assert started_by_processes(own_home, 3) == ["False", "False", "True"]
    assert written(own_home) == [1]


def test_commands_that_meet_in_a_new_home_all_get_their_databases(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_HOME", str(own_home))
    ensure_running(own_home)
    together = 8
    meeting = Barrier(together)

    def start(_: int) -> None:
        meeting.wait(LONGEST_WAIT)
        assert database.start_server() is False
        for address in (database.owner_url(), database.dagster_url()):
            psycopg.connect(address).close()

    with ThreadPoolExecutor(together) as pool:
        list(pool.map(start, range(together)))


def test_a_home_with_a_very_long_path(tmp_path: Path) -> None:
    home = tmp_path / ("long " * 20 + "x") / ("y" * 150)
    assert len(str(home)) > 108
    try:
        assert ensure_running(home)[1]
        write(home, 1)
        assert written(home) == [1]
    finally:
        end(home)


def test_socket_paths_of_users_are_short_and_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    short = cluster_of(Path("/home/jan/.monitr"))
    assert short.sockets == short.folder / "run"
    assert short.run_as is None
    long = [cluster_of(Path("/home/jan") / ("x" * 100) / name) for name in "ab"]
    for cluster in long:
        assert len(str(cluster.sockets / embedded.SOCKET_NAME)) <= embedded.LONGEST_SOCKET_PATH
        assert cluster.folder.is_relative_to("/home/jan")
    assert long[0].sockets != long[1].sockets


def test_a_closed_home_stays_closed(tmp_path: Path) -> None:
    """As root the server runs as nobody, who can reach neither the home nor what is above it."""
    above = tmp_path / "root"
    above.mkdir(mode=0o700)
    home = above / "home"
    before = {folder: folder.stat().st_mode for folder in (above, *above.parents)}
    try:
        ensure_running(home)
        assert {folder: folder.stat().st_mode for folder in before} == before
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    finally:
        end(home)


def test_only_the_user_who_started_it_gets_in(own_home: Path) -> None:
    cluster, _ = ensure_running(own_home)
    assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((cluster.sockets / embedded.SOCKET_NAME).stat().st_mode) == 0o700
    assert setting(own_home, "listen_addresses") == ""
    assert setting(own_home, "fsync") == "on"
    if not AS_ROOT:
        return
    owner = pwd.getpwnam(embedded.UNPRIVILEGED)
    assert cluster.sockets.stat().st_uid == owner.pw_uid
    psql = embedded._binaries(cluster) / "psql"
    refused = subprocess.run(
        [psql, "-U", "postgres", "-h", cluster.sockets, "-c", "select 1"],
        user=owner.pw_uid,
        group=owner.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "Peer authentication failed" in refused.stderr


@pytest.mark.parametrize("fake", ["link", "open"])
def test_a_socket_folder_of_someone_else_is_refused(tmp_path: Path, fake: str) -> None:
    sockets = tmp_path / "sockets"
    if fake == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        sockets.symlink_to(tmp_path / "elsewhere")
    else:
        sockets.mkdir()
        sockets.chmod(0o777)
    with pytest.raises(ServerNotRunning, match="belongs to someone else"):
        embedded._prepare_folders(Cluster(tmp_path / "folder", sockets, None))


@pytest.mark.skipif(not AS_ROOT, reason="only root needs folders that nobody can reach")
def test_a_strict_umask_does_not_lock_the_server_out(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a service that runs with UMask=0077, on a machine where nothing was installed before."""
    top = Path("/tmp") / f"monitr-umask-{os.getpid()}"  # noqa: S108 - pytest's own folders are closed
    top.mkdir(mode=0o755)
    binaries = embedded._binaries(cluster_of(home))  # to copy 260 MB once more would show nothing new
    monkeypatch.setattr(embedded, "ROOT_CLUSTERS", top / "monitr")
    monkeypatch.setattr(embedded, "_binaries", lambda _: binaries)
    before = os.umask(0o077)
    try:
        assert ensure_running(tmp_path)[1]
    finally:
        os.umask(before)
        end(tmp_path)
        shutil.rmtree(top)


@pytest.mark.parametrize("name", ["jan de vries", "it's", "a;b"])
def test_odd_characters_in_the_path_of_the_cluster(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Other users than root have the cluster, and mostly its socket, in their home."""
    with TemporaryDirectory() as short:  # pytest's own folders leave no room for a socket
        home = Path(short)
        usual = cluster_of(home)
        folder = usual.folder.with_name(f"{usual.folder.name} {name}")
        odd = Cluster(folder, folder / "run", usual.run_as)
        monkeypatch.setattr(embedded, "cluster_of", lambda _: odd)
        try:
            assert ensure_running(home)[1]
            assert odd.answers()
        finally:
            embedded.stop(home)
            shutil.rmtree(folder)


def test_a_server_is_stopped_by_who_started_it_once_nobody_uses_it(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MONITR_HOME", str(own_home))
    cluster, _ = ensure_running(own_home)
    with psycopg.connect(cluster.url("postgres")), monkeypatch.context() as patched:
        patched.setattr(services, "SESSION_SECONDS", 0)
        services.stop_server(started=True)
    assert "PostgreSQL goes on: someone else is connected to it" in capsys.readouterr().err
    services.stop_server(started=False)
    assert cluster.answers()
    services.stop_server(started=True)
    assert not cluster.answers()


def test_the_end_of_the_log_tells_why_it_did_not_start(own_home: Path) -> None:
    cluster, _ = ensure_running(own_home)
    embedded.stop(own_home)
    (cluster.data / "global" / "pg_control").unlink()
    with pytest.raises(ServerNotRunning, match="pg_control"):
        ensure_running(own_home)


def test_without_a_server_the_error_tells_how_to_start_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONITR_DATABASE_URL", raising=False)
    monkeypatch.setenv("MONITR_HOME", str(tmp_path / "nothing"))
    with pytest.raises(ServerNotRunning, match="monitr up"):
        database.connect()
    assert not (tmp_path / "nothing").exists()


def test_a_given_database_is_used_and_nothing_embedded_is_touched(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = cluster_of(home).url(f"given_{os.getpid()}")
    elsewhere = tmp_path / "nothing"
    monkeypatch.setenv("MONITR_DATABASE_URL", given)
    monkeypatch.setenv("MONITR_DAGSTER_DATABASE_URL", given.replace("given_", "given_dagster_"))
    monkeypatch.setenv("MONITR_HOME", str(elsewhere))
    try:
        assert database.start_server() is False
        assert database.start_server() is False
        with database.connect() as connection:
            row = connection.execute("select current_database() as name").fetchone()
        assert row == {"name": f"given_{os.getpid()}"}
        psycopg.connect(database.dagster_url()).close()
    finally:
        with psycopg.connect(cluster_of(home).url("postgres"), autocommit=True) as connection:
            for name in ("given_", "given_dagster_"):
                connection.execute(f"drop database if exists {name}{os.getpid()}")
    assert not elsewhere.exists()
    assert not cluster_of(elsewhere).folder.exists()
    with suppress(ServerNotRunning):
        database.connect().close()
        pytest.fail("the dropped database still answers")
