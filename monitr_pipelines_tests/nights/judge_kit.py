"""What must hold after each tick: figures, imports, alerts, growth."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import psycopg
from clock_kit import Clock
from process_kit import wait_for
from town_kit import Entity, Told, Town

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

SUMS = """
select date_trunc('month', booking_date)::date as month, account_code, sum(amount) as amount
from raw.gl_transaction
where entity_id = (select id from app.entity where key = %s)
group by 1, 2
having sum(amount) <> 0
"""
CLOSING = """
select month, account_code, closing + closing_entries as closing
from marts.trial_balance
where entity_id = (select id from app.entity where key = %s)
and month = (
    select max(last.month) from marts.trial_balance as last where last.entity_id = trial_balance.entity_id
)
"""
# Edits book in every journal, that of openings too. What it has in a later year is compared with what the
# books carry over and not added, as `sql/reports/trial_balance.sql` says; software adds it.
STATED_AGAIN = """
select balances.account_code, sum(balances.debit - balances.credit) as amount
from marts.balance_month as balances
inner join mapped.fiscal_month as months using (entity_id, month)
inner join mapped.account_line as accounts using (entity_id, account_code)
where balances.entity_id = (select id from app.entity where key = %(key)s)
and balances.opening and months.fiscal_year_start <> months.segment_start
and (
    accounts.type = 'balance_sheet'
    or months.fiscal_year_start = (
        select fiscal_year_start from mapped.fiscal_month
        where entity_id = balances.entity_id and month = %(month)s
    )
)
group by 1
"""
OF_TICK = """
select entities.key, imports.outcome, imports.error_code, imports.error_detail, imports.step
from app.import as imports
inner join app.entity as entities on imports.entity_id = entities.id
where imports.tick = %s
"""
DUE = """
select entities.key from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
where organisations.subscription in ('active', 'trialing') and integrations.state = 'connected'
and entities.status = 'Active'
"""
LAST = """
select entities.key, last.outcome, last.error_code, last.finished_at >= %s as new
from app.entity as entities
inner join lateral (
    select outcome, error_code, finished_at from app.import
    where entity_id = entities.id and finished_at is not null and outcome <> 'canceled'
    order by finished_at desc limit 1
) as last on true
"""
DECIDED = """
select organisations.name, message.kind, alert.cause, entities.key
from app.alert_message as message
inner join app.alert on message.alert_id = alert.id
inner join app.entity as entities on alert.entity_id = entities.id
inner join app.organisation as organisations on message.organisation_id = organisations.id
where (message.kind = 'opened' and alert.opened_at >= %(since)s)
or (message.kind = 'recovered' and alert.closed_at >= %(since)s)
"""
UNDERWAY = "select from app.alert_message where sent_at is null and given_up_at is null"
STORED = """
select coalesce(sum(n_dead_tup), 0)::bigint as dead, pg_database_size(current_database()) as bytes
from pg_stat_user_tables
"""
# Of messages to one recipient about one cause those that come within this time are one.
GATHERED = timedelta(minutes=16)
# Rows and bytes that an import may leave behind: see "What grows" of the operations guide.
EVENTS_AN_IMPORT, DAGSTER_AN_IMPORT, BOOKS_AN_IMPORT = 75, 192 * 2**10, 96 * 2**10
# Dagster's own, about assets as a whole.
EVENTS_A_NIGHT = 100
# Tables and indexes grow by pages of which a quiet night fills a few.
SLACK = 2**20
STOPPED = {"stopped", "worker_lost"}
# The line of the result that no closing entry carried over; no software tells it.
RESULT = "(result)"


class Size(NamedTuple):
    """What is stored: bytes of both databases, rows, and rows that are dead."""

    books: int
    dagster: int
    imports: int
    events: int
    dead: int

    def since(self, before: "Size") -> "Size":
        return Size(*(now - then for now, then in zip(self, before, strict=True)))

    def is_bounded(self) -> None:
        """What so many imports may store."""
        assert self.events <= EVENTS_A_NIGHT + EVENTS_AN_IMPORT * self.imports, self
        assert self.dagster <= SLACK + DAGSTER_AN_IMPORT * self.imports, self
        assert self.books <= SLACK + BOOKS_AN_IMPORT * self.imports, self


@dataclass
class Judge:
    """Compares what is stored with what is promised: `expected` are all alerts, `told` those that came.

    `figures` are those of each entity after its last import that succeeded.
    """

    town: Town
    clock: Clock
    expected: Counter[Told] = field(default_factory=Counter)
    told: Counter[Told] = field(default_factory=Counter)
    figures: dict[str, Mapping[tuple[date, str], Decimal]] = field(default_factory=dict)

    def ticks_are(self, connection: Connection, moments: list[datetime]) -> None:
        """Every tick came once, and no other."""
        rows = connection.execute("select tick from app.night where tick >= %s order by tick", [moments[0]])
        found = [row["tick"] for row in rows]
        assert found == moments, found
        with psycopg.connect(database.dagster_url()) as dagster:
            known = dagster.execute(
                "select timestamp from job_ticks where type = 'SCHEDULE' and timestamp >= %s order by 1",
                [moments[0].replace(tzinfo=None)],
            ).fetchall()
        assert [row[0] for row in known] == [each.replace(tzinfo=None) for each in moments], known

    def imports_are(
        self,
        connection: Connection,
        tick: datetime,
        due: set[str],
        may_fail: Mapping[str, frozenset[str | None]],
    ) -> dict[str, str | None]:
        """Everybody who was due had one import of the tick, which ended as it may; its code, or None.

        Of companies behind one connection that broke the first that asks fails; the imports of the others are
        refused for the same reason.
        """
        rows = connection.execute(OF_TICK, [tick]).fetchall()
        assert Counter(row["key"] for row in rows) == Counter(due), (tick, rows)
        for row in rows:
            code, allowed = row["error_code"], may_fail.get(row["key"], frozenset({None}))
            assert code in allowed, (tick, row)
            assert (row["outcome"] == "succeeded") == (code is None), (tick, row)
            assert row["outcome"] != "canceled" or code == "reconnect_needed", (tick, row)
        return {row["key"]: row["error_code"] for row in rows}

    def due(self, connection: Connection) -> set[str]:
        return {row["key"] for row in connection.execute(DUE)}

    def figures_are(self, connection: Connection, since: datetime) -> None:
        """Who was imported since then has the figures of its software, everybody else those from before.

        An import that was stopped may have stored its lines whole already.
        """
        for row in connection.execute(LAST, [since]).fetchall():
            entity = self.town.entities[row["key"]]
            found, told = _sums(connection, entity), self.figures.get(entity.key, {})
            if row["new"] and row["outcome"] == "succeeded":
                told = self.figures[entity.key] = entity.sums()
                _closing_is(connection, entity)
            if row["error_code"] in STOPPED and found != told:
                told = self.figures[entity.key] = entity.sums()
            assert found == told, (entity.key, row, _differing(found, told))

    def expect(self, organisation: str, kind: str, cause: str, entities: set[str]) -> None:
        """From now on this is told, once of each entity."""
        self.expected.update(Told(organisation, kind, cause, each) for each in entities)

    def alerts_are(self, connection: Connection, since: datetime) -> None:
        """What is expected is told, and nothing else; the clock goes on until all of it has gone."""
        wanted = self.expected - self.told
        if wanted:
            wait_for(lambda: _decided(connection, since) >= wanted, f"alerts: {sorted(wanted)}")
            assert _decided(connection, since) == wanted, (_decided(connection, since), wanted)
            self.clock.jump(self.clock.now() + GATHERED)
            wait_for(lambda: not connection.execute(UNDERWAY).fetchall(), "messages on their way")
        self.told = self.town.receiver.told()
        assert self.told == self.expected, (self.told - self.expected, self.expected - self.told)


def size(connection: Connection) -> Size:
    """What is stored at this moment."""
    books = connection.execute(STORED).fetchone() or {}
    imports = connection.execute("select count(*) as imports from app.import").fetchone() or {}
    with psycopg.connect(database.dagster_url()) as dagster:
        dead, of_dagster = dagster.execute(STORED).fetchone() or (0, 0)
        (events,) = dagster.execute("select count(*) from event_logs").fetchone() or (0,)
    return Size(books["bytes"], of_dagster, imports["imports"], events, books["dead"] + dead)


def _decided(connection: Connection, since: datetime) -> Counter[Told]:
    rows = connection.execute(DECIDED, {"since": since}).fetchall()
    return Counter(Told(row["name"], row["kind"], row["cause"], row["key"]) for row in rows)


def _sums(connection: Connection, entity: Entity) -> dict[tuple[date, str], Decimal]:
    rows = connection.execute(SUMS, [entity.key]).fetchall()
    return {(row["month"], row["account_code"]): row["amount"] for row in rows}


def _closing_is(connection: Connection, entity: Entity) -> None:
    """The report is the trial balance that the software tells of the end of the last month."""
    rows = connection.execute(CLOSING, [entity.key]).fetchall()
    month = rows[0]["month"]
    assert not sum(row["closing"] for row in rows), (entity.key, month)
    found = Counter({row["account_code"]: row["closing"] for row in rows if row["account_code"] != RESULT})
    for row in connection.execute(STATED_AGAIN, {"key": entity.key, "month": month}):
        found[row["account_code"]] += row["amount"]
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    told, closing = entity.closing(last), {code: amount for code, amount in found.items() if amount}
    assert closing == told, (entity.key, month, _differing(closing, told))


def _differing(
    found: Mapping[object, Decimal], told: Mapping[object, Decimal]
) -> list[tuple[object, object, object]]:
    """A few of what differs, so that it can be read."""
    return [
        (key, found.get(key), told.get(key))
        for key in sorted({*found, *told}, key=str)
        if found.get(key) != told.get(key)
    ][:6]
