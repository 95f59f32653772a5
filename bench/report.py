"""What was measured, as a page: a table, the machine, how to repeat it, where the time goes."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.chart import Bar, draw
from bench.results import FILE, Row, kept, save
from monitr_pipelines.shipped import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "benchmarks.svg"
TABLE_HEAD = "| measured | ours | beside | value | goal | holds |\n|---|---:|---:|---:|---:|---|\n"
SHARES = "\n### "
HOW = """
## How to repeat

```
python -m bench                                   # the whole of it; peers go into .venv-bench
python -m bench --lines 20000 --rounds 1 --skip-peers --skip-plans --skip-services   # a quick look
python -m bench.plans                             # first imports beside statistics of before them
python -m bench.files --write                     # large ledger files beside the earlier build
python -m bench.services.hook_load                # this alone; so are live_status and schedule
python -m bench.services.small_runs --write       # CPU of small imports beside the earlier build; --profile
python -m bench.services.cluster_runs --write     # imports on workers beside Dagster's stock defaults
python -m bench.services.night --entities 100 10000 --workers 2 --write   # whole nights; an hour and more
python -m bench.services.entities_page --write    # the page beside the earlier build, and under load
python -m bench.services.reports_page --write     # statements and ledger lines, and pages during imports
python -m bench.stored --write                    # a changed mapping, changed lines, the same lines again
python -m bench.stored.largest --write            # a ledger on half of the free disk; root, for its limit
python -m bench.connectors --write                # connectors beside dlt's rest_api source, and at latencies
python -m bench.command_line
```

The bench starts a PostgreSQL of its own on a free port of 127.0.0.1, with the options of the embedded
server, and removes it afterwards; with `MONITR_DATABASE_URL` it makes its databases on that server and
drops them. Every contestant uses that server, in a database of its own, and starts from an empty one
after a checkpoint. Rounds are interleaved; a ratio is taken within a round, and the table shows medians.
Imports of libraries are not counted for anyone: the Singer target's time is that of its input less that
of two lines. Lines, debit totals and, for the marts, every figure are compared before a time counts.
Absolute times say little on a shared machine: compare within one run. Every round is in
`bench/results.json`.

* First load: pages as a fetch leaves them in its spool, `loader.load_transactions` with all its checks,
  committed. Beside dlt, Singer and pandas: the same JSON pages as theirs, read by msgspec with exact amounts,
  and records of them.
* COPY: a ready CSV of the same rows, into an unlogged table without an index, and into a copy of
  `raw.gl_transaction` with its indexes.
* dlt: merge with strategy upsert on the primary key, from dicts read by msgspec. Singer:
  meltanolabs-target-postgres, upsert, messages from a file. pandas: `to_sql(method="multi")`, one
  statement a page; it can only append.
* Memory: resident memory of the loading process at its peak, less what it was before the first page.
  What the server uses is not in it.
* Web hook: 50 requests a second over 100 entities for 60 s, sent by a second process; imports end one at a
  time meanwhile. Page: from just before the commit until the browser's own observer sees the word.
  Entities page: one organisation of 10,000 entities; 10 pages, 10 requests of another organisation's program
  and 100 status changes a second for 60 s, four open pages, all sent by processes of their own; the earlier
  build is checked out from git and reads the same page on the same server, in turn.
  Small imports: files of two lines, through `monitr up` of both builds in turn, once it has imported one; CPU
  of all its processes and of PostgreSQL, from the first request to the last outcome.
  Imports on workers: two nights of the same entities of an emulated Odoo, first imports of 100 lines and then
  imports that find nothing to do, on 1 and 2 workers, without workers, and by `dagster dev` without settings,
  whose six assets are a process each and of which one makes the whole import; CPU of all processes until the
  last run is over. Speeds and costs are drawn in `docs/workers.svg`.
  Nights: first imports of 100 lines, twenty entities an organisation, once one of them has been imported;
  each succeeds once, by one run that was launched once. CPU of `monitr up` with all its processes and of
  PostgreSQL.
  Command line: user and system time of `monitr --help`, its files in the cache.
  Schedule: the tick's evaluation, and the real daemon until every run is queued; nothing is launched.
* Connectors: an emulator of each accounting software in a process of its own, which gives remembered answers,
  1,000 lines a page. Ours: from the first request to the committed ledger, with accounts, axes, proofs and
  spool. dlt: its rest_api source, merge with strategy upsert on the primary key, of the lines alone, with the
  same filter and fields; amounts are decimals, and nested values stay JSON. Whoever holds other lines or
  another sum of amounts has lost. CPU is that of the importing process with its children; the server's is
  told beside it. At latencies the same requests are made by a bare client on one open connection, which
  reads the answers and does nothing else; at 200 ms all software is measured at once. An unchanged entity:
  a whole import, claim, marts and outcome included, once the code is loaded. From the spool: one loader, one
  process, the pages of the first load as a spool and as a plain file.
* Ledger files: a CSV in the standard layout and a FEC, imported as a worker does, from the claim to the
  published figures; the earlier build is checked out from git. The ledgers are compared, key by key, before
  a time counts. Memory: resident memory at the peak of upload and import, less what it was before.
* Mapping each line: `bench/stored/map_each_line.sql`, which keeps the mapped lines as a table, with what a
  drill-down shows, and sums the three reports from it. The leanest way makes a temporary table with
  only the columns that the reports need. Neither commits anything; ours does. The earlier build: the same
  pages, loaded and published by each; the time of marts that only the present one has is taken off, and trial
  balances must be equal.

## Where the time goes

Parts of the reader are CPU seconds of its stages, one upon another, measured apart from the load;
statements are timed from the client within one load; COPY is what is left: while the client encodes and
sends, the server writes the ledger and its indexes.
"""


@dataclass
class Report:
    """Everything that a run found."""

    rows: list[Row]
    about: dict[str, object]
    shares: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    speeds: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)

    def write(self, results: Path = FILE, page: Path = PAGE, chart: Path = CHART) -> None:
        """Write the results, the page and its picture."""
        save(self.rows, self.about, results)
        page.write_text(self._page())
        chart.write_text(self._chart())

    def table(self) -> str:
        """The rows as a table."""
        return TABLE_HEAD + "".join(map(_line, self.rows))

    def head(self) -> str:
        """The page up to where the time goes."""
        about = "".join(f"* {name}: {value}\n" for name, value in self.about.items())
        parts = [
            "# Benchmarks\n\nMade by `python -m bench`; do not edit.\n\n",
            "![Benchmarks](benchmarks.svg)\n\n",
            self.table(),
            f"\n## The run\n\n{about}",
            HOW,
        ]
        return "".join(parts)

    def _page(self) -> str:
        parts = [self.head()]
        for title, shares in self.shares.items():
            total = sum(seconds for _, seconds in shares) or 1
            parts.append(f"{SHARES}{title}: {total:.2f} s\n\n| part | s | share |\n|---|---:|---:|\n")
            parts += [f"| {name} | {seconds:.2f} | {seconds / total:.0%} |\n" for name, seconds in shares]
        return "".join(parts)

    def _chart(self) -> str:
        return draw(
            [
                (title, [Bar(name, value, _number(value), name.startswith("Monitr")) for name, value in bars])
                for title, bars in self.speeds.items()
                if bars
            ]
        )


def renew_page(page: Path = PAGE) -> None:
    """Write the rows that are kept into the page, and leave the parts of the time as they were measured."""
    rows, about = kept()
    _, mark, parts = page.read_text().partition(SHARES)
    page.write_text(Report(rows, about).head() + mark + parts)


def commit() -> str:
    """The commit that is measured; a plus says that files differ from it."""
    described = subprocess.run(  # noqa: S603 - a program of this machine, our own arguments
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+"],  # noqa: S607 - as people call it
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def machine() -> dict[str, object]:
    """What it ran on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        model = named[0] if named else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return {
        "machine": f"{os.cpu_count()} x {model}, {memory} GiB, {platform.system()}",
        "load when it began (1, 5, 15 minutes)": load,
        "Python": platform.python_version(),
    }


def _line(row: Row) -> str:
    peer = "" if row.peer is None else _number(row.peer)
    value = "" if row.ratio is None else f"{row.ratio:.2f}"
    goal = f"{row.sense} {row.goal:g}" + (f" (final {row.final_goal:g})" if row.final_goal else "")
    holds = _yes(row.holds) + ("" if row.holds_final is None else f" (final: {_yes(row.holds_final)})")
    return f"| {row.name} | {_number(row.ours)} {row.unit} | {peer} | {value} | {goal} | {holds} |\n"


def _yes(holds: bool) -> str:  # noqa: FBT001 - a word for it
    return "yes" if holds else "**no**"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == 0 else f"{value:.2f}"
