"""What the web process may do: the database as its own role, one organisation at a time."""

import select
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

POOL_SIZE = 10
# No organisation has all of them, whatever it asks for: the others are for everybody else.
LARGEST_SHARE = 8
ENTER = "select set_config('role', %s, true), set_config('monitr.organisation', %s, true)"
ONE_MOMENT = "set transaction isolation level repeatable read, read only"
CHECKOUT_SECONDS = 5
# The pool's pauses between attempts double until it gives up; the next request then begins anew.
RECONNECT_SECONDS = 5


class OrganisationBusy(Exception):
    """An organisation asks for too much at once; nothing was done, and it may try again in a moment."""


_shares: Counter[int] = Counter()
_pools: dict[str, ConnectionPool[Connection]] = {}
_one_at_a_time = threading.Lock()


@contextmanager
def as_tenant(organisation_id: int, *, of_one_moment: bool = False) -> Iterator[Connection]:
    """A transaction of the web role in which row level security shows one organisation alone.

    `of_one_moment`: all that is read is of the moment at which reading began; nothing can be written.
    Raises OrganisationBusy where the organisation has its share of the connections already.
    """
    with (
        _share_of(organisation_id),
        _transaction(str(organisation_id), of_one_moment=of_one_moment) as connection,
    ):
        yield connection


def enter(connection: Connection, organisation_id: int) -> None:
    """Let a transaction be that of a tenant until it ends."""
    connection.execute("select set_config('monitr.organisation', %s, true)", [str(organisation_id)])


@contextmanager
def _share_of(organisation_id: int) -> Iterator[None]:
    with _one_at_a_time:
        if _shares[organisation_id] >= LARGEST_SHARE:
            raise OrganisationBusy
        _shares[organisation_id] += 1
    try:
        yield
    finally:
        with _one_at_a_time:
            _shares[organisation_id] -= 1
            if not _shares[organisation_id]:
                del _shares[organisation_id]


@contextmanager
def as_nobody() -> Iterator[Connection]:
    """A transaction of the web role without a tenant: it sees no row, and may ask who a key belongs to."""
    with _transaction("") as connection:
        yield connection


@contextmanager
def _transaction(tenant: str, *, of_one_moment: bool = False) -> Iterator[Connection]:
    with _pool(database.web_url()).connection() as connection, connection.transaction():
        if of_one_moment:
            connection.execute(ONE_MOMENT)
        # The role is not left to the options of the session: a pooler may drop them.
        connection.execute(ENTER, [database.WEB, tenant])
        yield connection


def close_pool() -> None:
    """Close the connections of the web role; the next transaction opens new ones."""
    with _one_at_a_time:
        pools = list(_pools.values())
        _pools.clear()
    for pool in pools:
        pool.close()


def _pool(address: str) -> ConnectionPool[Connection]:
    """The pool of an address: one, however many requests come first."""
    with _one_at_a_time:
        if address not in _pools:
            _pools[address] = _open(address)
        return _pools[address]


def _open(address: str) -> ConnectionPool[Connection]:
    options = " ".join(f"-c {name}={value}" for name, value in database.WEB_SESSION_OPTIONS.items())
    return ConnectionPool(
        address,
        min_size=4,
        max_size=POOL_SIZE,
        timeout=CHECKOUT_SECONDS,
        reconnect_timeout=RECONNECT_SECONDS,
        open=True,
        check=_check,
        kwargs={
            "row_factory": dict_row,
            "application_name": "monitr web",
            "options": options,
            **database.PATIENCE,
        },
    )


def _check(connection: Connection) -> None:
    """Ask a server that said something since: that the session, or all of it, has ended.

    A question to every server before every transaction would cost a page as much as one more of its own.
    """
    said = select.poll()
    said.register(connection.fileno(), select.POLLIN)
    if said.poll(0):
        ConnectionPool.check_connection(connection)
