"""First imports of a file while statistics know nothing of it: `python -m bench.plans`.

The same file beside one, a thousand and ten thousand other entities, its size times ten and a hundred,
and the build of before beside the present one.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psycopg
from psycopg import sql

from bench import earlier
from bench.results import AT_MOST, Row, against, merge, say
from bench.server import Server, running
from monitr_pipelines.emulators.volume import generate_lines, volume_accounts
from monitr_pipelines.emulators.writers.write_fec import COLUMNS
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.shipped import ROOT

SCRIPT = Path(__file__).parent / "contestants" / "ledger_file.py"
LINES, ACCOUNTS, MONTHS = 24_000, 420, 60
TIMES = (10, 100)
SMALL_LINES, SMALL_ACCOUNTS = 60, 20
OTHERS = (1, 1_000, 10_000)
OF_ENTITIES = """
select format('%I.%I', nspname, relname), array_agg(attname order by attnum)
from pg_attribute
inner join pg_class on attrelid = pg_class.oid
inner join pg_namespace on relnamespace = pg_namespace.oid
where
    relkind = 'r' and nspname in ('raw', 'mapped', 'marts')
    and attnum > 0 and not attisdropped and attgenerated = ''
group by 1
having 'entity_id' = any(array_agg(attname))
order by 1
"""
OTHER_ENTITIES = """
insert into app.entity (key, organisation_id, integration_id, name, country, fiscal_year_start)
select 'other ' || number, organisation_id, integration_id, name, country, fiscal_year_start
from app.entity cross join generate_series(1, %s) as number
where id = %s
"""


def measure(server: Server, rounds: int) -> list[Row]:
    """All rows of this bench."""
    with tempfile.TemporaryDirectory(prefix="monitr-plans-") as folder:
        files = {times: write_fec(Path(folder) / f"{times}.txt", LINES * times) for times in (1, *TIMES)}
        small = write_fec(Path(folder) / "small.txt", SMALL_LINES, SMALL_ACCOUNTS, 1)
        return [
            _before_and_now(server, small, files[1], rounds),
            *_sizes(server, small, files),
            _statistics(server, small, files[1], rounds),
        ]


def write_fec(path: Path, lines: int, accounts: int = ACCOUNTS, months: int = MONTHS) -> Path:
    """A French audit file of so many lines, a few at a time."""
    names = {account.code: account.name for account in volume_accounts(accounts)}
    first = Month(2020, 1)
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for line in generate_lines(lines, 1, accounts=accounts, months=months, first_month=first):
            day, amount = f"{line.booking_date:%Y%m%d}", str(abs(line.amount)).replace(".", ",")
            sides = (amount, "0,00") if line.amount > 0 else ("0,00", amount)
            entry = (line.journal, line.journal, line.booking, day)
            account = (line.account_code, names[line.account_code], "", "")
            text = (line.document_number, day, line.description, *sides, "", "", day, "", "")
            file.write("\t".join(map(str, (*entry, *account, *text))) + "\n")
    return path


def _before_and_now(server: Server, small: Path, file: Path, rounds: int) -> Row:
    """The case that ran away: a small import, its statistics, then a file of another entity."""
    now: list[float] = []
    before: list[float] = []
    with earlier.checkout() as build:
        for number in range(1, rounds + 1):
            for folder, seconds in ((ROOT, now), (build, before)):
                address = _database(server, folder, small)
                _owner(address, "analyze")
                seconds.extend(_import(folder, address, file, f"round {number}", 1))
            say(f"{LINES:,} lines, round {number}: now {now[-1]:.2f} s, before {before[-1]:.2f} s")
    name = f"first import of {LINES:,} lines after a small one was analysed, times commit {earlier.COMMIT}"
    return against(name, "s", now, before, goal=25, upside_down=True)


def _sizes(server: Server, small: Path, files: dict[int, Path]) -> Iterator[Row]:
    """Ten times the lines, per line: a ratio of 1 is the same cost of a line."""
    address = _database(server, ROOT, small)
    _owner(address, "analyze")
    seconds = {times: _import(ROOT, address, file, f"x{times}", 1)[0] for times, file in files.items()}
    for fewer, more in zip(files, list(files)[1:], strict=False):
        name = f"first import of {LINES * more:,} lines, a line's time of that among {LINES * fewer:,}"
        say(f"{name}: {seconds[more]:.2f} s, {seconds[fewer]:.2f} s")
        per_line = seconds[more] / more * fewer
        yield against(name, "s", [per_line], [seconds[fewer]], goal=1.25, sense=AT_MOST)


def _statistics(server: Server, small: Path, file: Path, rounds: int) -> Row:
    """The same file with statistics absent, stale and fresh, beside few and many entities."""
    found: dict[str, float] = {}
    for others in OTHERS:
        absent = _database(server, ROOT, small)
        _add_others(absent, others)
        found[f"absent, {others:,}"] = median(_import(ROOT, absent, file, "absent", rounds))
        stale = _database(server, ROOT, small)
        _owner(stale, "analyze")
        _add_others(stale, others)
        found[f"stale, {others:,}"] = median(_import(ROOT, stale, file, "stale", rounds))
        _owner(stale, "analyze")
        found[f"fresh, {others:,}"] = median(_import(ROOT, stale, file, "fresh", rounds))
        say(", ".join(f"{name}: {seconds:.2f} s" for name, seconds in list(found.items())[-3:]))
    name = f"first import of {LINES:,} lines, statistics absent, stale, fresh, beside {OTHERS} entities, "
    name += "slowest of fastest"
    return against(name, "s", [max(found.values())], [min(found.values())], goal=1.3, sense=AT_MOST)


def _database(server: Server, build: Path, small: Path) -> str:
    """A database of a build with one small entity in it, whose statistics are taken on request alone."""
    address = server.create("plans")
    earlier.migrate(build, address)
    with psycopg.connect(address, autocommit=True) as owner:
        for table, _ in owner.execute(OF_ENTITIES).fetchall():
            owner.execute(f"alter table {table} set (autovacuum_enabled = false)")
    _import(build, address, small, "small", 1)
    return address


def _add_others(address: str, count: int) -> None:
    """As many other entities with the books of the small one, however many tables those have."""
    with psycopg.connect(address) as owner:
        (small,) = owner.execute("select min(id) from app.entity").fetchone() or (0,)
        owner.execute(OTHER_ENTITIES, [count - 1, small])
        for table, columns in owner.execute(OF_ENTITIES).fetchall():
            copied = sql.SQL(", ").join(
                sql.Identifier("books", name) for name in columns if name != "entity_id"
            )
            listed = sql.SQL(", ").join(sql.Identifier(name) for name in columns if name != "entity_id")
            owner.execute(
                sql.SQL(
                    "insert into {table} (entity_id, {listed}) select others.id, {copied} "
                    "from {table} as books cross join app.entity as others "
                    "where books.entity_id = %s and others.key like 'other %%'"
                ).format(table=sql.SQL(table), listed=listed, copied=copied),
                [small],
            )


def _owner(address: str, statement: str) -> None:
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute(statement)


def _import(build: Path, address: str, file: Path, name: str, times: int) -> list[float]:
    names = [f"{name} {number}" for number in range(1, times + 1)]
    told = json.loads(earlier.python(build, [str(SCRIPT), str(file), *names], address))
    seconds: list[float] = told["seconds"]
    return seconds


def main() -> None:
    """Measure, and print the rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.plans", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    parser.add_argument("--write", action="store_true", help="keep the rows in bench/results.json")
    chosen = parser.parse_args()
    with running() as server:
        rows = measure(server, chosen.rounds)
    for row in rows:
        say(f"{row.name}: {row.value:.2f} (goal {row.sense} {row.goal:g})")
    if chosen.write:
        merge(rows)


if __name__ == "__main__":
    main()
