"""Random histories of the files of an entity: whatever happens, its books are those of the applied files.

Run with `make soak`, or `python -m monitr_pipelines_tests.importing.soak --sequences 10000 --seed 1`: files,
imports, kills (a real SIGKILL between two statements), troubles of the database, discards, files that are
opened again, resets. Then all that waits is imported, and the tables of the entity are compared with those
of a fresh one that is given the applied files in their order, and with its own after a reset; every fourth
history with its reports, which are made from the books alone and take as long. A history is known by its seed
and number: `--seed 1 --only 4711` runs it alone.
"""

import argparse
import itertools
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from monitr_pipelines.importing.session import begin
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server import database, embedded, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.upkeep import migrations
from monitr_pipelines_tests.importing.soak_files import RandomFile, random_file
from monitr_pipelines_tests.warehouse.warehouse_kit import RAW, TABLES, id_of, snapshot

TROUBLES = (
    psycopg.errors.DiskFull,
    psycopg.errors.SerializationFailure,
    psycopg.errors.QueryCanceled,
    psycopg.errors.LockNotAvailable,
)
LAST_STATEMENT, WITH_REPORTS = 55, 100
REPORTS_EVERY = 4
MOST_IMPORTS = 100
_numbers = itertools.count(1)


class Broken(AssertionError):
    """A promise that a history broke, with its steps."""


@dataclass
class History:
    """What happens to one entity."""

    connection: Connection
    organisation: int
    key: str
    random: Random
    reports: bool
    given: list[RandomFile] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    @property
    def id(self) -> int:
        return id_of(self.connection, self.key)

    @property
    def tables(self) -> tuple[str, ...]:
        """What is compared."""
        return tuple(TABLES) if self.reports else RAW

    @property
    def last_statement(self) -> int:
        return WITH_REPORTS if self.reports else LAST_STATEMENT

    def go(self) -> None:
        """A few steps at random."""
        acts: tuple[Callable[[], None], ...] = (
            *[self.give] * 6,
            *[self.import_now] * 3,
            *[self.kill] * 2,
            self.meet_trouble,
            self.discard,
            self.reset,
            self.open_again,
        )
        self.give()
        for _ in range(self.random.randint(3, 8)):
            act = self.random.choice(acts)
            self.steps.append(act.__name__)
            act()

    def give(self) -> None:
        """A file comes in; one in three took so long that it began before others that are in by now."""
        file = random_file(self.random, self.given)
        self.given.append(file)
        upload = store(self.connection, self.id, file)
        began = self.random.randint(0, 10) if self.random.random() < 0.3 else 0
        self.connection.execute(
            "update app.upload set received_at = received_at - %s * interval '1 second' where id = %s",
            [began, upload],
        )
        self.steps[-1:] = [
            f"give {len(self.given)}, begun {began} s ago: {file.mode} {file.settings} {file.content[:300]!r}"
        ]

    def import_now(self) -> None:
        run_import(self.key, publish=self.reports and self.random.random() < 0.3)

    def kill(self) -> None:
        """An import whose process is killed; its lease has run out when the next one comes."""
        nth = self.random.randint(1, self.last_statement)
        child = os.fork()
        if child == 0:
            try:
                with at_statement(nth, lambda: os.kill(os.getpid(), signal.SIGKILL)):
                    run_import(self.key, publish=self.reports)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        lose_lease(self.connection, self.id)

    def meet_trouble(self) -> None:
        """An import that meets what passes by itself."""
        error = self.random.choice(TROUBLES)

        def fail() -> None:
            raise error("a trouble of the test")

        try:
            with at_statement(self.random.randint(8, self.last_statement), fail):
                run_import(self.key, publish=self.reports)
        except psycopg.Error:
            lose_lease(self.connection, self.id)  # it struck while the outcome was written

    def discard(self) -> None:
        """Someone throws a file away, whatever its state."""
        rows = self.connection.execute("select id from app.upload where entity_id = %s", [self.id]).fetchall()
        chosen = self.random.choice(rows)["id"]
        with self.connection.transaction():
            tenancy.enter(self.connection, self.organisation)
            with suppress(Refused):  # it is in the books
                uploads.discard(self.connection, chosen, "soak")

    def reset(self) -> None:
        entities.reset(self.connection, self.key, "soak")

    def open_again(self) -> None:
        """Someone opens a file that was refused, and confirms it as it is."""
        self.connection.execute(
            """
            update app.upload set state = 'waiting', received_at = clock_timestamp()
            where id = (
                select id from app.upload
                where entity_id = %s and state = 'refused' and error_code <> 'text_too_long' limit 1
            )
            """,
            [self.id],
        )

    def settle(self) -> None:
        """Import until no file waits: none holds up the others for long."""
        for _ in range(MOST_IMPORTS):
            run_import(self.key, publish=self.reports)
            last = self.last_import()
            if not self.files("waiting") and (
                last["outcome"] == "succeeded" or last["error_code"] == "no_ledger_file"
            ):
                return
        raise Broken("files wait for ever")

    def files(self, state: str) -> list[dict[str, Any]]:
        return self.connection.execute(
            "select * from app.upload where entity_id = %s and state = %s order by applied_number, id",
            [self.id, state],
        ).fetchall()

    def last_import(self) -> dict[str, Any]:
        row = self.connection.execute(
            "select * from app.import where entity_id = %s order by id desc limit 1", [self.id]
        ).fetchone()
        assert row is not None
        return row


def lose_lease(connection: Connection, entity_id: int) -> None:
    """The worker of an open import has not been heard of for long."""
    connection.execute(
        "update app.import set lease_until = clock_timestamp() where entity_id = %s and finished_at is null",
        [entity_id],
    )


def store(connection: Connection, entity_id: int, file: RandomFile) -> int:
    return uploads.store(
        connection,
        entity_id,
        BytesIO(file.content),
        file_name="soak.csv",
        mode=file.mode,
        settings=file.settings,
    )


def run_import(key: str, *, publish: bool) -> None:
    """The steps of an import in their order, its outcome recorded."""
    session = begin(key, run_id=f"soak-{os.getpid()}-{next(_numbers)}", import_id=None, trigger="cli")
    try:
        session.fetch()
        if publish:
            session.publish()
    except Exception as error:  # noqa: BLE001 - as a step of the run does
        session.failed(error)
    finally:
        session.end()


@contextmanager
def at_statement(nth: int, act: Callable[[], None]) -> Iterator[None]:
    """Do something before the nth statement, or text of a COPY, within the block."""
    execute, write = psycopg.Cursor.execute, psycopg.Copy.write
    counted = itertools.count(1)

    def counting_execute(cursor: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        if next(counted) == nth:
            act()
        return execute(cursor, *arguments, **options)

    def counting_write(copy: Any, text: Any) -> None:  # noqa: ANN401
        if next(counted) == nth:
            act()
        write(copy, text)

    psycopg.Cursor.execute, psycopg.Copy.write = counting_execute, counting_write  # type: ignore[method-assign]
    try:
        yield
    finally:
        psycopg.Cursor.execute, psycopg.Copy.write = execute, write  # type: ignore[method-assign]


def make_entity(connection: Connection, organisation: int) -> str:
    return entities.add_entity(connection, str(organisation), "file", {"name": "Soak"})


def check(connection: Connection, organisation: int, seed: int, number: int) -> History:
    """One history, and all that must hold of it."""
    history = History(
        connection,
        organisation,
        make_entity(connection, organisation),
        Random(f"{seed}:{number}"),  # noqa: S311 - the same again for the same seed
        reports=number % REPORTS_EVERY == 0,
    )
    try:
        history.go()
        history.settle()
        _check_files(history)
        books = snapshot(connection, history.key, history.tables)
        fresh = snapshot(connection, _fresh(history), history.tables)
        _check_equal(books, fresh, "a fresh import of what was applied")
        history.reset()
        history.settle()
        again = snapshot(connection, history.key, history.tables)
        _check_equal(books, again, "the same entity after a reset")
    except Exception as error:
        steps = "\n".join(history.steps)
        raise Broken(f"history {number} of seed {seed} ({history.key}): {error}\n{steps}") from error
    return history


def _check_files(history: History) -> None:
    applied = history.files("applied")
    assert [file["applied_number"] for file in applied] == list(range(1, len(applied) + 1)), "numbers"
    assert all(file["error_code"] for file in history.files("refused")), "a file is refused without a reason"
    settled = [file for state in ("applied", "refused", "discarded") for file in history.files(state)]
    assert len(settled) == len(history.given), "a file is lost"


def _fresh(history: History) -> str:
    """An entity with the files that were applied, in the order of application."""
    connection = history.connection
    key = make_entity(connection, history.organisation)
    for file in history.files("applied"):
        rows = connection.execute(
            "select content from app.upload_chunk where upload_id = %s order by ordinal", [file["id"]]
        )
        content = b"".join(row["content"] for row in rows)
        store(connection, id_of(connection, key), RandomFile(content, file["mode"], file["settings"]))
    run_import(key, publish=history.reports)
    return key


def _check_equal(books: dict[str, list[str]], others: dict[str, list[str]], what: str) -> None:
    differing = [table for table in books if books[table] != others[table]]
    assert not differing, f"{differing} differ from {what}: {[(books[t], others[t]) for t in differing[:1]]}"


def soak(seed: int, numbers: range, report: Callable[[int], None]) -> Counter[str]:
    """Run histories, and count what became of their files and imports; Broken from the first that broke."""
    counted: Counter[str] = Counter()
    with database.connect(autocommit=True) as connection:
        organisation = organisations.add(connection, f"Soak {os.getpid()} {time.time_ns()}", "active")
        for number in numbers:
            history = check(connection, organisation, seed, number)
            rows = connection.execute(
                """
                select 'files ' || state as what from app.upload where entity_id = %(id)s
                union all
                select 'imports ' || coalesce(error_code, outcome) from app.import where entity_id = %(id)s
                """,
                {"id": history.id},
            )
            counted.update(row["what"] for row in rows)
            report(number)
    return counted


@contextmanager
def own_server() -> Iterator[None]:
    """A PostgreSQL for these histories alone."""
    for name in ("MONITR_DATABASE_URL", "MONITR_OWNER_DATABASE_URL"):
        os.environ.pop(name, None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # and the server with it
    home = Path(tempfile.mkdtemp(prefix="monitr-soak-"))
    os.environ["MONITR_HOME"] = str(home)
    database.start_server()
    try:
        migrations.migrate()
        yield
    finally:
        embedded.remove(home)
        shutil.rmtree(home, ignore_errors=True)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sequences", type=int, default=10_000, help="how many histories")
    parser.add_argument("--seed", type=int, default=1, help="histories of one seed are the same ones")
    parser.add_argument("--first", type=int, default=1, help="the number of the first")
    parser.add_argument("--only", type=int, help="the number of one history")
    parser.add_argument("--here", action="store_true", help="in the database of MONITR_HOME, not a new one")
    said = parser.parse_args()
    logging.disable()
    database.SESSION_OPTIONS["synchronous_commit"] = "off"  # who is killed here is never the server
    first, count = (said.first, said.sequences) if said.only is None else (said.only, 1)
    began = time.monotonic()

    def report(number: int) -> None:
        if number % 100 == 0:
            say(f"{number - first + 1} histories, {time.monotonic() - began:.0f} s")

    try:
        with nullcontext() if said.here else own_server():
            counted = soak(said.seed, range(first, first + count), report)
    except Broken as broken:
        sys.exit(str(broken))
    say(f"{count} histories of seed {said.seed} kept every promise, in {time.monotonic() - began:.0f} s")
    say(", ".join(f"{what}: {number}" for what, number in sorted(counted.items())))


if __name__ == "__main__":
    main()
