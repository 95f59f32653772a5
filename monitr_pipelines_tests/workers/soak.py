"""Thousands of imports while workers are killed and Redis is restarted: none is lost or published twice.

Run with `make soak-workers`, or `python -m monitr_pipelines_tests.workers.soak --imports 2000`: the processes
of `monitr up --workers 2`, companies whose emulated books are edited between imports, nights, requests of
people. Every so many seconds a worker is killed whole (kill -9), Redis once in good order and once not. In
the end the database and the emulated books are asked for every promise; then a last night runs in peace, and
they are asked again. Who is killed when depends on the clock, what is asked for and edited on the seed.
"""

import argparse
import logging
import os
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "defs")]

import soak_checks_kit as checks  # noqa: E402 - found by the line above
from process_kit import LONGEST_WAIT, wait_for  # noqa: E402
from soak_books_kit import PERSON, Company, companies  # noqa: E402
from worker_kit import Cluster, missing, started_cluster  # noqa: E402

from monitr_pipelines import providers, settings  # noqa: E402
from monitr_pipelines.cli.running import leftovers  # noqa: E402
from monitr_pipelines.cli.running.supervisor import MOST_ENDS, WINDOW_SECONDS  # noqa: E402
from monitr_pipelines.lifecycle.errors import ImportProblem  # noqa: E402
from monitr_pipelines.lifecycle.imports import Trigger  # noqa: E402
from monitr_pipelines.warehouse.queue import nightly, requests  # noqa: E402
from monitr_pipelines.warehouse.server import database  # noqa: E402
from monitr_pipelines.warehouse.server.database import CHANNEL, Connection  # noqa: E402
from monitr_pipelines_tests.importing.soak import own_server, say  # noqa: E402

ORGANISATIONS, COMPANIES = 5, 8
# So many requests of people are open at once, at most.
MOST_OPEN = 10
LOOK_SECONDS, REPORT_EVERY = 1, 50
MOST_MINUTES = 12 * 60
# A message that was taken from Redis and not confirmed is launched again after ten minutes.
QUIET_WITHIN = 4 * LONGEST_WAIT
COUNTS = """
select
    count(*) filter (where finished_at is not null) as ended,
    count(*) filter (where finished_at is null) as open
from app.import
"""
BUSY = "select distinct entity_id from app.import where finished_at is null"
LOST = """
select from app.import as lost
where
    error_code = 'worker_lost' and trigger <> 'again'
    and not exists (
        select from app.import as later where later.entity_id = lost.entity_id and later.id > lost.id
    )
"""
WHAT_CAME = """
select coalesce(error_code, outcome, 'open') || case trigger when 'again' then ' (again)' else '' end as what
from app.import
"""


@dataclass
class Chaos:
    """Kills a worker every so many seconds, and restarts Redis when a third and two thirds are done."""

    cluster: Cluster
    every: float
    random: Random
    kills: int = 0
    due: float = 0
    restarts: list[signal.Signals] = field(default_factory=lambda: [signal.SIGTERM, signal.SIGKILL])
    _ends: dict[str, deque[float]] = field(default_factory=dict)

    def begin(self) -> None:
        self.due = time.monotonic() + self.every

    def act(self, done: float) -> None:
        """Whatever is due when so much, of one, is done."""
        if time.monotonic() >= self.due:
            self._kill()
        if len(self.restarts) > 2 - int(3 * done) and self.restarts:
            self._restart(self.restarts.pop())

    def _kill(self) -> None:
        """One of the workers that take runs; `monitr up` gives up where the same one ends too often."""
        now = time.monotonic()
        chosen = [pid for pid in self.cluster.workers() if self._may_end(_name_of(pid), now)]
        if not chosen:
            return  # it is looked at again: they are being started
        worker = self.random.choice(chosen)
        self._ends.setdefault(_name_of(worker), deque(maxlen=MOST_ENDS)).append(now)
        self.cluster.kill(worker)
        self.kills += 1
        self.due = now + self.every

    def _may_end(self, name: str, now: float) -> bool:
        ends = self._ends.get(name, ())
        return len(ends) < MOST_ENDS or ends[0] < now - WINDOW_SECONDS

    def _restart(self, how: signal.Signals) -> None:
        (redis,) = self.cluster.of("redis-server")
        os.kill(redis, how)
        say(f"Redis got {how.name}")


def _name_of(worker: int) -> str:
    """By its log: the process is another at each start."""
    return Path(f"/proc/{worker}/fd/1").resolve().name


@dataclass
class Soak:
    """The imports of some companies. `asked`: all that were asked for here."""

    connection: Connection
    cluster: Cluster
    companies: Sequence[Company]
    random: Random
    asked: set[int] = field(default_factory=set)
    said: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def entities(self) -> list[int]:
        return [company.id for company in self.companies]

    def run(self, imports: int, minutes: float, chaos: Chaos) -> None:
        """Ask, kill and restart until so many imports have ended, or so long; then let what is open end."""
        chaos.begin()
        nights = 0
        while (done := self._done(ended := self._counts()["ended"], imports, minutes)) < 1:
            chaos.act(done)
            if ended // len(self.companies) > nights:
                nights = ended // len(self.companies)
                self.night()
            self.ask()
            self._wait_for_news()
            if ended // REPORT_EVERY > self.said:
                self.said = ended // REPORT_EVERY
                say(f"{ended} imports, {chaos.kills} kills, {time.monotonic() - self.began:.0f} s")
        self.come_to_rest()

    def _done(self, ended: int, imports: int, minutes: float) -> float:
        return max(ended / imports, (time.monotonic() - self.began) / (60 * minutes))

    def ask(self) -> None:
        """People edit books, and ask for imports of them."""
        for _ in range(MOST_OPEN - self._counts()["open"]):
            self._ask_for(self.random.choice(self.companies))

    def _ask_for(self, company: Company) -> None:
        """Nothing of an entity begins while it is locked: books change between imports alone."""
        with self.connection.transaction():
            self.connection.execute("select from app.entity where id = %s for update", [company.id])
            if company.id in self._busy():
                return
            company.edit(self.random)
            try:
                number = self._request(company, Trigger.MANUAL)
            except ImportProblem:  # it failed within the hour: operations may ask all the same
                number = self._request(company, Trigger.CLI)
            company.tell(number)
            self.asked.add(number)

    def _request(self, company: Company, trigger: Trigger) -> int:
        return requests.request(self.connection, company.key, trigger=trigger, requested_by=PERSON)

    def night(self) -> None:
        """People have edited some books; a tick of the schedule asks for all of them."""
        tick = datetime.now(UTC)
        with self.connection.transaction():
            self.connection.execute("select from app.entity order by id for update")
            busy = self._busy()
            idle = [company for company in self.companies if company.id not in busy]
            for company in idle:
                company.edit(self.random)
            nightly.write_night(self.connection, tick, now=tick, importable=providers.names())
            rows = self.connection.execute("select id, entity_id from app.import where tick = %s", [tick])
            written = {row["entity_id"]: row["id"] for row in rows}
            for company in idle:
                company.tell(written[company.id])
        self.asked |= set(written.values())

    def come_to_rest(self) -> None:
        """Wait until nothing is open, and nothing will be asked for again."""
        deadline = time.monotonic() + QUIET_WITHIN
        while self._counts()["open"] or self.connection.execute(LOST).fetchall():
            assert time.monotonic() < deadline, checks.left_in_database(self.connection, self.entities)
            self._wait_for_news()

    def broken(self) -> list[str]:
        """What breaks a promise about imports and figures."""
        return [
            *checks.ended_once(self.connection, self.entities, self.asked),
            *checks.asked_again(self.connection, self.entities),
            *checks.published_once(self.connection, self.entities),
            *checks.ledgers(self.connection, self.companies),
        ]

    def left(self) -> list[str]:
        """What imports left behind, once what ends by itself has had the time."""
        with self.cluster.known_here() as instance:
            wait_for(lambda: not checks.left_in_dagster(instance), "the end of the runs in Dagster")
        wait_for(
            lambda: not checks.left_in_database(self.connection, self.entities),
            "the end of what imports had in the database",
        )
        return [
            *checks.left_in_redis(self.cluster.redis),
            *checks.left_on_disk(settings.spool_folder()),
        ]

    def failed(self) -> list[str]:
        """Entities whose last import failed."""
        rows = self.connection.execute(
            "select e.key from app.entity as e cross join lateral app.last_end(e.id) as ended "
            "where ended.outcome = 'failed'"
        )
        return [f"{row['key']} failed" for row in rows]

    def _busy(self) -> set[int]:
        return {row["entity_id"] for row in self.connection.execute(BUSY)}

    def _counts(self) -> dict[str, int]:
        assert Path(f"/proc/{self.cluster.pid}").exists(), (self.cluster.home / "up.log").read_text()
        row = self.connection.execute(COUNTS).fetchone()
        assert row is not None
        return row

    def _wait_for_news(self) -> None:
        for _ in self.connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
            pass


def chance(seed: int | str) -> Random:
    """The same again for the same seed."""
    return Random(seed)  # noqa: S311 - whom it hits is no secret


@contextmanager
def prepared(seed: int) -> Iterator[Soak]:
    """Companies, and everything that imports them, until the block ends."""
    home = settings.home()
    with (
        database.connect_as_owner(autocommit=True) as owner,
        database.connect_directly(autocommit=True) as connection,
        checks.watched(owner),
        companies(connection, ORGANISATIONS, COMPANIES, seed) as made,
        started_cluster(home) as cluster,
    ):
        connection.execute(f"listen {CHANNEL}")
        yield Soak(connection, cluster, made, chance(seed))
    left = leftovers.find(home)
    assert not left, f"processes are left:\n{leftovers.told(left)}"


def soak(imports: int, every: float, minutes: float, seed: int) -> list[str]:
    """Run, and tell what came; what is broken, an empty list where every promise was kept."""
    with prepared(seed) as running:
        chaos = Chaos(running.cluster, every, chance(f"chaos:{seed}"))
        running.run(imports, minutes, chaos)
        seconds = time.monotonic() - running.began
        broken = running.broken()
        came = Counter(row["what"] for row in running.connection.execute(WHAT_CAME))
        say(f"{came.total()} imports ended within {seconds:.0f} s, with {chaos.kills} kills of seed {seed}")
        say(", ".join(f"{what}: {number}" for what, number in sorted(came.items())))
        running.night()
        running.come_to_rest()
        return broken + running.broken() + running.failed() + running.left()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--imports", type=int, default=2000, help="how many imports are to end")
    parser.add_argument("--every", type=float, default=30, help="seconds between two kills of a worker")
    parser.add_argument("--minutes", type=float, default=MOST_MINUTES, help="how long at most")
    parser.add_argument("--seed", type=int, default=1, help="what is edited and asked for")
    said = parser.parse_args()
    if lacking := missing():
        sys.exit(f"{lacking} is not installed")
    logging.disable()
    os.environ["MONITR_PROVIDER_NETWORKS"] = "127.0.0.0/8"
    with own_server():
        broken = soak(said.imports, said.every, said.minutes, said.seed)
    if broken:
        sys.exit("\n".join([f"seed {said.seed} broke a promise:", *broken]))
    say(f"every promise was kept; seed {said.seed}")


if __name__ == "__main__":
    main()
