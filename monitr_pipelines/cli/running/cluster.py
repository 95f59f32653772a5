"""What `monitr up --workers` keeps running besides: Redis, PgBouncer, and workers, on this machine.

Both programs are Debian's (packages redis-server and pgbouncer). Their files lie in `cluster` of the
home folder, with the password that both ask for.
"""

import os
import pwd
import secrets
import shutil
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import Template
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url

from monitr_pipelines import dagster_storage, settings, shipped
from monitr_pipelines.cli.running import ports
from monitr_pipelines.cli.running.supervisor import Service
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

USER = "monitr"
# Where Debian has them, and the PATH of most people has not.
OF_ADMINISTRATORS = "/usr/sbin:/sbin"
LOOK_SECONDS = 1
# Sessions of PostgreSQL for an import at work: its transaction, its heartbeat, and as much again for Dagster.
SESSIONS_A_SLOT = 2
SPARE_SESSIONS = 10


def prepared(workers: int, slots: int) -> list[Service]:
    """The services, in the order of their start; the environment is changed so that the others use them.

    Raises ServerNotRunning where a program is missing or a port is taken.
    """
    programs = {name: _program(name) for name in ("redis-server", "pgbouncer", "setpriv")}
    bind, broker, pooler = settings.cluster_bind(), settings.broker_port(), settings.pooler_port()
    ports.refuse(bind, broker, "MONITR_BROKER_PORT")
    ports.refuse(bind, pooler, "MONITR_POOLER_PORT")
    folder = settings.home() / "cluster"
    folder.mkdir(exist_ok=True, mode=0o700)
    password = _password(folder / "password")
    redis = _redis(programs, folder, bind, broker, password)
    pgbouncer = _pgbouncer(
        programs, bind, pooler, password, SPARE_SESSIONS + SESSIONS_A_SLOT * workers * slots
    )
    at = f"[{bind}]" if ":" in bind else bind
    pooled = f"postgresql://{USER}:{password}@{at}:{pooler}"
    os.environ.update(
        MONITR_BROKER_URL=f"redis://:{password}@{at}:{broker}/0",
        MONITR_POOLED_DATABASE_URL=f"{pooled}/{database.BOOKS}",
        MONITR_POOLED_DAGSTER_DATABASE_URL=f"{pooled}/{database.DAGSTER}",
    )
    command = [sys.executable, "-m", "monitr_pipelines.workers", str(slots)]
    return [redis, pgbouncer, *(Service(f"worker-{number}", command) for number in range(1, workers + 1))]


def _redis(programs: dict[str, str], folder: Path, bind: str, port: int, password: str) -> Service:
    file = folder / "redis.conf"
    _fill("redis.conf", file, bind=bind, port=port, password=password, folder=folder)
    command = [programs["setpriv"], "--pdeathsig", "TERM", programs["redis-server"], str(file)]
    return Service("redis", command, answers=_listens(bind, port))


def _pgbouncer(programs: dict[str, str], bind: str, port: int, password: str, sessions: int) -> Service:
    """PgBouncer as a user that the embedded server lets in; it does not run as root."""
    cluster = embedded.cluster_of(settings.home())
    folder = (cluster.folder if cluster.run_as else settings.home()) / "pooler"
    folder.mkdir(exist_ok=True, mode=0o700)
    file = folder / "pgbouncer.ini"
    users = folder / "users.txt"
    _write(users, f'"{USER}" "{password}"\n')
    _fill(
        "pgbouncer.ini",
        file,
        bind=bind,
        port=port,
        folder=folder,
        sessions=sessions,
        books=_place(make_url(database.direct_url())),
        records=_place(make_url(database.dagster_url())),
        books_options=_options(database.SESSION_OPTIONS),
        records_options=_options({"statement_timeout": str(dagster_storage.STATEMENT_MILLISECONDS)}),
    )
    command = [programs["setpriv"], "--pdeathsig", "TERM"]
    if cluster.run_as:
        if not settings.database_url():
            embedded.let_in_owner(cluster)
        owner = pwd.getpwnam(cluster.run_as)
        for path in (folder, file, users):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        command += [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    return Service("pgbouncer", [*command, programs["pgbouncer"], str(file)], answers=_listens(bind, port))


def _place(address: URL) -> str:
    """Where a database is, as PgBouncer writes it."""
    host = address.host or address.query.get("host", "localhost")
    parts = {
        "host": host,
        "port": address.port or 5432,
        "dbname": address.database,
        "user": address.username,
        "password": address.password,
    }
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in parts.items() if value)


def _options(options: dict[str, str]) -> str:
    statements = "; ".join(f"set {name} = '{value}'" for name, value in options.items() if name != "timezone")
    return statements.replace("'", "''")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _listens(bind: str, port: int) -> Callable[[], bool]:
    return partial(_answers, bind, port)


def _answers(bind: str, port: int) -> bool:
    try:
        socket.create_connection((bind, port), LOOK_SECONDS).close()
    except OSError:
        return False
    return True


def find(name: str) -> str | None:
    """Where a program of the machine is; None where it is not installed."""
    return shutil.which(name) or shutil.which(name, path=OF_ADMINISTRATORS)


def _program(name: str) -> str:
    found = find(name)
    if found is None:
        raise ServerNotRunning(
            f"workers need {name}, which is not installed: apt-get install redis-server pgbouncer"
        )
    return found


def _password(file: Path) -> str:
    if not file.exists():
        _write(file, secrets.token_urlsafe(32))
    return quote(file.read_text().strip())


def _fill(template: str, file: Path, **values: object) -> None:
    _write(file, Template((shipped.CLUSTER / template).read_text()).substitute(values))


def _write(file: Path, text: str) -> None:
    """A file that its owner alone reads."""
    draft = file.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(file)
