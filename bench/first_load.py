"""The first load of a ledger: ours beside COPY of a ready file, dlt, a Singer target and pandas."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import psycopg

from bench import pages, peers
from bench.imports import make_entity
from bench.results import Row, against, say, single
from bench.server import DATABASE_URL, Server
from monitr_pipelines.emulators.volume import generate_lines
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.shipped import ROOT
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.upkeep import migrations

SEED = 20_260_101
UNLOGGED, LOGGED = "copied_unlogged", "copied_logged"
SPOOL_FOLDER = "MONITR_SPOOL_DIR"
ROWS_A_SECOND = "lines/s"
OURS_OF_PEERS = "ours, lines of the peers"
# Name, goal of this version, the design's final goal.
PEERS = (("dlt", 8, 12), ("Singer target", 15, 20), ("pandas.to_sql", 25, 40))


@dataclass
class FirstLoad:
    """Rounds of first loads; rows a second by contestant, and memory."""

    server: Server
    folder: Path
    lines: int
    peer_lines: int
    with_peers: bool
    speeds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: list[float] = field(default_factory=list)
    peer_memory: dict[str, float] = field(default_factory=dict)
    debits: dict[int, Decimal] = field(default_factory=dict)

    def prepare(self) -> None:
        """Files and databases for all contestants."""
        for count in (self.lines, self.peer_lines):
            self.debits[count] = sum(
                (line.amount for line in self._lines(count) if line.amount > 0), Decimal()
            )
        pages.write_pages(self._lines(self.peer_lines), self.folder / f"pages-{self.peer_lines}")
        pages.write_csv(self._lines(self.lines), self.folder / "csv", 1)
        os.environ[SPOOL_FOLDER] = str(self.folder / "spools")
        pages.keep_spool(self.lines, self._lines(self.lines))
        if self.with_peers:
            peers.install()
            pages.write_singer(self._lines(self.peer_lines), self.folder / "singer", peers.SINGER_STREAM)
            pages.write_singer(self._lines(2), self.folder / "singer-start", peers.SINGER_STREAM)

    def run(self, rounds: int) -> None:
        """Interleaved rounds: every contestant once a round."""
        for number in range(1, rounds + 1):
            for table in (UNLOGGED, LOGGED):
                self._note(table, self.lines, self._copy(table))
            answer = self._ours(str(self.lines), self.lines)
            self.memory.append(answer["peak_mb"] - answer["idle_mb"])
            self._note("ours", self.lines, answer["seconds"])
            if self.with_peers:
                ours = self._ours(f"{self.folder}/pages-{self.peer_lines}", self.peer_lines)
                self._note(OURS_OF_PEERS, self.peer_lines, ours["seconds"])
                self._note("dlt", self.peer_lines, self._dlt())
                self._note("Singer target", self.peer_lines, self._singer())
                self._note("pandas.to_sql", self.peer_lines, self._pandas())
            say(
                f"first load, round {number} of {rounds}: "
                + ", ".join(f"{name} {values[-1]:,.0f}/s" for name, values in self.speeds.items())
            )

    def rows(self) -> list[Row]:
        """What the rounds say."""
        ours, million = self.speeds["ours"], f"{self.lines:,} lines"
        rows = [
            against(
                f"first load of {million} from a spool, of COPY into a bare unlogged table",
                ROWS_A_SECOND,
                ours,
                self.speeds[UNLOGGED],
                goal=0.30,
            ),
            against(
                f"first load of {million} from a spool, of COPY into the same table with its indexes",
                ROWS_A_SECOND,
                ours,
                self.speeds[LOGGED],
                goal=0.65,
            ),
            single(f"first load of {million} from a spool, memory over idle", "MB", self.memory, goal=150),
        ]
        rows += [
            against(
                f"first load of {self.peer_lines:,} lines, times {peer}",
                ROWS_A_SECOND,
                self.speeds[OURS_OF_PEERS],
                self.speeds[peer],
                goal=goal,
                final_goal=final,
            )
            for peer, goal, final in PEERS
            if self.with_peers
        ]
        return rows

    def _lines(self, count: int) -> Iterator[LedgerLine]:
        return generate_lines(count, SEED)

    def _note(self, contestant: str, lines: int, seconds: float) -> None:
        self.speeds[contestant].append(lines / seconds)

    def _ours(self, source: str, lines: int) -> Mapping[str, float]:
        """From a spool, as an import loads what it fetched; beside others from the pages that they read."""
        address = self.server.create("ours")
        os.environ[DATABASE_URL] = address
        migrations.migrate()
        with database.connect(autocommit=True) as connection:
            key = make_entity(connection, "first load")
        answer = self._measure("ours", [key, source], address)
        self._verify("ours", "raw.gl_transaction", lines)
        return answer

    def _copy(self, table: str) -> float:
        address = self.server.create("copy")
        os.environ[DATABASE_URL] = address
        migrations.migrate()
        with psycopg.connect(address) as connection:
            if table == UNLOGGED:
                connection.execute("create unlogged table copied_unlogged (like raw.gl_transaction)")
            else:
                connection.execute("create table copied_logged (like raw.gl_transaction including indexes)")
        seconds = self._measure("copy_file", [str(self.folder / "csv"), table], address)["seconds"]
        self._verify("copy", table, self.lines)
        return seconds

    def _pandas(self) -> float:
        address = self.server.create("pandas")
        answer = self._measure("pandas_to_sql", [str(self.folder / f"pages-{self.peer_lines}")], address)
        self.peer_memory["pandas.to_sql"] = answer["peak_mb"] - answer["idle_mb"]
        self._verify("pandas", "gl_transaction", self.peer_lines)
        return answer["seconds"]

    def _dlt(self) -> float:
        address = self.server.create("dlt")
        self.server.settle()
        shutil.rmtree(self.folder / "dlt", ignore_errors=True)
        script = Path(__file__).parent / "contestants" / "dlt_upsert.py"
        file = str(self.folder / f"pages-{self.peer_lines}")
        command = [str(peers.PYTHON), str(script), file, str(self.folder / "dlt")]
        answer = json.loads(_output(command, text=address))
        self.peer_memory["dlt"] = answer["peak_mb"] - answer["idle_mb"]
        self._verify("dlt", "books.gl_transaction", self.peer_lines)
        return float(answer["seconds"])

    def _singer(self) -> float:
        """The time of the target without its start, which is that of two lines."""
        seconds = []
        for file in ("singer-start", "singer"):
            peers.write_target_settings(self.server.create("singer"), self.folder / "target.json")
            self.server.settle()
            command = [str(peers.TARGET), "--config", str(self.folder / "target.json")]
            started = time.perf_counter()
            _output(command, given=self.folder / file)
            seconds.append(time.perf_counter() - started)
        self._verify("singer", "books.gl_transaction", self.peer_lines)
        return seconds[1] - seconds[0]

    def _measure(self, contestant: str, arguments: Sequence[str], address: str) -> Mapping[str, float]:
        self.server.settle()
        command = [sys.executable, "-m", f"bench.contestants.{contestant}", *arguments]
        answer: Mapping[str, float] = json.loads(_output(command, address=address))
        return answer

    def _verify(self, name: str, table: str, lines: int) -> None:
        """Whoever lost a line or a cent has not loaded the ledger; then the database goes."""
        with psycopg.connect(self.server.url(name)) as connection:
            found = connection.execute(
                f"select count(*), sum(amount) filter (where amount > 0) from {table}"  # noqa: S608 - our own names
            ).fetchone()
        if found != (lines, self.debits[lines]):
            raise RuntimeError(f"{name} holds {found}, not {lines} lines of {self.debits[lines]}")
        self.server.drop(name)


def _output(command: Sequence[str], *, address: str = "", given: Path | None = None, text: str = "") -> bytes:
    """What a program prints; on its standard input a file, or a text."""
    environment = os.environ | ({DATABASE_URL: address} if address else {})
    with tempfile.TemporaryFile() as written, given.open("rb") if given else written as stream:
        written.write(text.encode())
        written.seek(0)
        outcome = subprocess.run(  # noqa: S603 - the contestants
            command, stdin=stream, env=environment, cwd=ROOT, capture_output=True, check=False
        )
    if outcome.returncode:
        raise RuntimeError(f"{command[0]} failed: {outcome.stderr.decode(errors='replace')[-2000:]}")
    return outcome.stdout
