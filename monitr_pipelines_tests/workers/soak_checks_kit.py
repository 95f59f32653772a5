"""What must hold of many imports, whoever was killed meanwhile: each check names what breaks it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from redis import Redis
from soak_books_kit import Books, Company, Line

from monitr_pipelines.importing.spool import folder
from monitr_pipelines.warehouse.server.database import Connection

UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
# Who listens to which queue, and until when: no messages.
OF_QUEUES = b"_kombu.binding"
# What a worker took and was killed before it confirmed: it comes again after a day, and finds a run that is
# over, as all are by then (`left_in_dagster`).
TAKEN = (b"unacked", b"unacked_index")
SHOWN = 3

WATCH = """
create schema soak;
create table soak.ended (import_id bigint, outcome text);
create table soak.published (ordinal bigint generated always as identity, entity_id bigint, import_id bigint);
create function soak.note_end() returns trigger language plpgsql security definer as $$
begin
    insert into soak.ended values (new.id, new.outcome);
    return null;
end $$;
create function soak.note_figures() returns trigger language plpgsql security definer as $$
begin
    insert into soak.published (entity_id, import_id) values (new.id, new.figures_import_id);
    return null;
end $$;
create trigger soak_ended after update on app.import
for each row when (
    old.outcome is distinct from new.outcome or old.finished_at is distinct from new.finished_at
)
execute function soak.note_end();
create trigger soak_published after update of figures_import_id on app.entity
for each row execute function soak.note_figures();
grant usage on schema soak to public;
grant select on all tables in schema soak to public;
"""
FORGET = """
drop trigger soak_ended on app.import;
drop trigger soak_published on app.entity;
drop schema soak cascade;
"""
ENDS = """
select
    imports.id, imports.outcome, imports.error_code, imports.error_message,
    (select count(*) from soak.ended where ended.import_id = imports.id) as ends
from app.import as imports
where imports.entity_id = any(%s)
"""
ASKED_AGAIN = """
select
    lost.id,
    lost.trigger,
    lost.error_code,
    lag(lost.error_code) over in_turn as code_before,
    lag(lost.trigger) over in_turn as trigger_before,
    lead(lost.id) over in_turn as next_id,
    lead(lost.trigger) over in_turn as next_trigger
from app.import as lost
where lost.entity_id = any(%s)
window in_turn as (partition by lost.entity_id order by lost.id)
"""
LINES = """
select
    split_part(external_id, '/', 1) as id,
    min(booking_date) as day,
    min(account_code) as account,
    sum(amount) as amount
from raw.gl_transaction
where entity_id = %s
group by 1
"""
CLOSING = """
select month, account_code, closing
from marts.trial_balance
where
    entity_id = %(entity)s
    and closing <> 0
    and month = (select max(month) from marts.trial_balance where entity_id = %(entity)s)
    and account_code <> '(result)'
"""
LAST = """
select
    (
        select max(id) from app.import
        where entity_id = entities.id and raw_committed_at is not null
    ) as stored,
    (
        select max(id) from app.import
        where entity_id = entities.id and outcome = 'succeeded'
    ) as succeeded,
    entities.figures_import_id as published
from app.entity as entities
where entities.id = %s
"""
PUBLISHED = """
select
    imports.id,
    imports.outcome,
    imports.marts_committed_at is not null as has_figures,
    (select count(*) from soak.published where published.import_id = imports.id) as times
from app.import as imports
where imports.entity_id = any(%s)
"""
OUT_OF_TURN = """
select import_id from (
    select import_id, lag(import_id) over (partition by entity_id order by ordinal) as before
    from soak.published
    where entity_id = any(%s)
) as steps
where before >= import_id
"""
OPEN = "select id from app.import where entity_id = any(%s) and (finished_at is null or outcome is null)"
# Pooled sessions keep the name of their last client; what counts is whether one is at work for a run.
SESSIONS = """
select application_name from pg_stat_activity
where application_name ~ '^monitr [0-9a-f]{8}-' and state <> 'idle'
"""
STAGES = "select relname from pg_class where relpersistence = 't'"


@contextmanager
def watched(owner: Connection) -> Iterator[None]:
    """Every end of an import and every publication is noted, by the database itself, until the block ends."""
    owner.execute(WATCH)
    try:
        yield
    finally:
        owner.execute(FORGET)


def ended_once(connection: Connection, entities: Collection[int], asked: Collection[int]) -> list[str]:
    """Each request ended exactly once, as Succeeded, or Failed with a reason."""
    rows = connection.execute(ENDS, [list(entities)]).fetchall()
    missing = set(asked) - {row["id"] for row in rows}
    broken = [f"import {number} was asked for and is not there" for number in sorted(missing)]
    for row in rows:
        reason = bool(row["error_code"] and row["error_message"])
        if row["ends"] != 1:
            broken.append(f"import {row['id']} ended {row['ends']} times")
        if not (row["outcome"] == "succeeded" or (row["outcome"] == "failed" and reason)):
            broken.append(f"import {row['id']} is {row['outcome']}, for {row['error_code']}")
    return broken


def asked_again(connection: Connection, entities: Collection[int]) -> list[str]:
    """What a kill lost is asked for once more, and never a third time."""
    broken = []
    for row in connection.execute(ASKED_AGAIN, [list(entities)]):
        is_again = row["trigger"] == "again"
        if row["error_code"] == "worker_lost" and not is_again and row["next_id"] is None:
            broken.append(f"import {row['id']} lost its worker, and nobody asked again")
        if is_again and row["code_before"] != "worker_lost":
            broken.append(f"import {row['id']} asks again for one that was not lost")
        if is_again and row["trigger_before"] == "again":
            broken.append(f"import {row['id']} asks a third time")
    return broken


def ledgers(connection: Connection, companies: Sequence[Company]) -> list[str]:
    """No line is doubled or missing: stored books and figures are the software's own, as it told them."""
    return [f"{company.key}: {what}" for company in companies for what in _differing(connection, company)]


def _differing(connection: Connection, company: Company) -> Iterator[str]:
    last = connection.execute(LAST, [company.id]).fetchone()
    assert last is not None
    if last["succeeded"] is not None and (last["published"] or 0) < last["succeeded"]:
        yield f"import {last['succeeded']} succeeded, and figures are of {last['published']}"
    if last["stored"] is not None:
        yield from _lines(connection, company, company.at(last["stored"]), last["stored"])
    if last["published"] is not None:
        yield from _figures(connection, company, company.at(last["published"]), last["published"])


def _lines(connection: Connection, company: Company, books: Books, number: int) -> Iterator[str]:
    rows = connection.execute(LINES, [company.id])
    found = {row["id"]: Line(row["day"], row["account"], row["amount"]) for row in rows}
    for what, some, others in (
        ("doubled or foreign", found, books.lines),
        ("missing", books.lines, found),
    ):
        differing = [f"{key} {line}" for key, line in some.items() if others.get(key) != line]
        if differing:
            yield f"lines after import {number} are {what}: {len(differing)}, {differing[:SHOWN]}"


def _figures(connection: Connection, company: Company, books: Books, number: int) -> Iterator[str]:
    rows = connection.execute(CLOSING, {"entity": company.id}).fetchall()
    months = {row["month"] for row in rows}
    found = {row["account_code"]: Decimal(row["closing"]) for row in rows}
    if months and months != {books.month}:
        yield f"figures of import {number} end in {months}, not {books.month}"
    differing = {code for code in found.keys() | books.closing if found.get(code) != books.closing.get(code)}
    if differing:
        some = [(code, found.get(code), books.closing.get(code)) for code in sorted(differing)[:SHOWN]]
        yield f"closing balances of import {number} differ (account, ours, theirs): {len(differing)}, {some}"


def published_once(connection: Connection, entities: Collection[int]) -> list[str]:
    """Figures are published once by each success, in turn, and by no import that has none."""
    broken = []
    for row in connection.execute(PUBLISHED, [list(entities)]):
        if row["times"] > 1:
            broken.append(f"import {row['id']} published {row['times']} times")
        if row["times"] != int(row["has_figures"]) and row["times"] <= 1:
            broken.append(f"import {row['id']} says figures {row['has_figures']}, published {row['times']}")
        if row["outcome"] == "succeeded" and not row["times"]:
            broken.append(f"import {row['id']} succeeded and published nothing")
    late = connection.execute(OUT_OF_TURN, [list(entities)])
    return broken + [f"import {row['import_id']} published after a later one" for row in late]


def left_in_database(connection: Connection, entities: Collection[int]) -> list[str]:
    """No lease, no request that waits, no stage table, no session of a run."""
    open_ones = connection.execute(OPEN, [list(entities)])
    return [
        *(f"import {row['id']} is open" for row in open_ones),
        *(f"session {row['application_name']!r} is at work" for row in connection.execute(SESSIONS)),
        *(f"stage table {row['relname']}" for row in connection.execute(STAGES)),
    ]


def left_in_dagster(instance: DagsterInstance) -> list[str]:
    """No run is unfinished."""
    runs = instance.get_runs(RunsFilter(statuses=UNFINISHED))
    return [f"run {run.run_id} is {run.status.value}" for run in runs]


def left_in_redis(redis: Redis) -> list[str]:
    """No message waits; runs of those that a killed worker took are told by `left_in_dagster`."""
    sizes: dict[bytes, Callable[[Any], Any]] = {
        b"list": redis.llen,
        b"hash": redis.hlen,
        b"zset": redis.zcard,
        b"set": redis.scard,
        b"string": redis.strlen,
    }
    keys = [key for key in redis.keys("*") if not key.startswith(OF_QUEUES) and key not in TAKEN]
    return [f"{key.decode()} in Redis holds {sizes[redis.type(key)](key)}" for key in keys]


def left_on_disk(spools: Path) -> list[str]:
    """No spool of an import."""
    return [f"spool {path.name}" for path in sorted(spools.glob(f"*{folder.SUFFIX}"))]
