"""The books of an entity from its accounting software: fetched into a spool, then loaded from there."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitr_pipelines import providers
from monitr_pipelines.importing.delivery import accounts_by_code
from monitr_pipelines.importing.ports import ports_of
from monitr_pipelines.importing.progress import CountLines
from monitr_pipelines.importing.spool.fetching import fetch_into
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.importing.trouble import passes
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.ledger.changes import Cursor, Delete, Written
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import CursorExpired, ImportProblem
from monitr_pipelines.lifecycle.imports import ImportMode
from monitr_pipelines.providers.contract import Provider, Source
from monitr_pipelines.warehouse.books.loader import TRANSACTIONS
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.registry.connections import EntityConnection
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server.database import Connection

SPOOL_FORMAT = "2"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What an import fetches.

    `cursor`: where the increment begins, None for the whole ledger. `asks_fiscal_year`: nobody has told yet
    where the fiscal year starts.
    """

    claimed: Claim
    provider: Provider
    connected: EntityConnection
    allowances: Allowances
    cursor: Cursor | None
    asks_fiscal_year: bool = False

    @property
    def identity(self) -> dict[str, str]:
        """Whose whole ledger this is; where any of it differs, finished pages are another's."""
        return {
            "format": SPOOL_FORMAT,
            "provider": self.provider.name,
            "connection": str(self.connected.id),
            "connected_at": self.connected.connected_at.isoformat(),
            "administration": self.connected.administration or "",
            "reset_at": self.connected.reset_at.isoformat() if self.connected.reset_at else "",
        }

    def whole(self) -> "Plan":
        """The same import, of the whole ledger."""
        return replace(self, claimed=replace(self.claimed, mode=ImportMode.FULL), cursor=None)


@dataclass
class FetchedBooks:
    """What an entity's software answered, on this machine: a Delivery.

    `told`: its trial balance, or why it did not tell it; None where it has none. `fiscal_year_start`: the
    first month of its fiscal year, where that was asked for.
    """

    plan: Plan
    spool: Spool
    cursor: Cursor
    accounts: Mapping[str, Account]
    axes: AbstractSet[AxisValue]
    told: TrialBalance | ImportProblem | None = None
    fiscal_year_start: int | None = None
    keys_by_content: bool = False
    appended: bool = False
    lists_are_whole: bool = True
    findings: Sequence[Finding] = ()

    def changes(self) -> Iterator[Delete | Written]:
        """What was fetched, read from the spool."""
        return self.spool.changes()


def plan(connection: Connection, claimed: Claim, entity: Entity) -> Plan:
    """What a claimed import fetches: everything at first and after a reset, else what changed."""
    connected = connections.of_entity(connection, entity.id, TRANSACTIONS)
    provider = providers.find(connected.provider)
    allowances = Allowances(
        calendar=entity.calendar,
        allow_shrink=bool(claimed.options.get("allow_shrink")),
        allow_unbalanced=bool(claimed.options.get("allow_unbalanced")),
        bookings_balance=provider.bookings_balance,
        largest_loss=entity.largest_loss,
    )
    planned = Plan(
        claimed,
        provider,
        connected,
        allowances,
        connected.cursor,
        asks_fiscal_year=not entity.fiscal_year_known,
    )
    return planned.whole() if claimed.mode == ImportMode.FULL or connected.cursor is None else planned


@contextmanager
def fetched(planned: Plan, count: CountLines) -> Iterator[FetchedBooks]:
    """The answers of an entity's software, on disk until the block ends; no database is used meanwhile.

    A cursor that the software no longer knows is answered with the whole ledger. Finished pages of a
    whole ledger stay for the next import where what ended this one passes by itself.
    """
    connected = planned.connected
    ports = ports_of(connected.id, planned.provider.name)
    with closing(planned.provider.connect(connected.administration, ports)) as source:
        try:
            answer = _fetch(source, planned, count)
        except CursorExpired:
            answer = _fetch(source, planned.whole(), count)
    with _kept_while_useful(answer.spool, answer.plan):
        yield answer
    answer.spool.discard()


def _fetch(source: Source, planned: Plan, count: CountLines) -> FetchedBooks:
    spool = _spool_of(planned)
    with _kept_while_useful(spool, planned):
        # An earlier import may have left a whole ledger here or a part: what changed since is told behind it.
        left_in_part = spool.end is None and spool.resume_at is not None
        cursor = fetch_into(spool, source.transactions(spool.end or spool.resume_at or planned.cursor), count)
        if left_in_part:
            cursor = fetch_into(spool, source.transactions(cursor), count)
        return FetchedBooks(
            planned,
            spool,
            cursor,
            accounts_by_code(source.accounts()),
            frozenset(source.axes()),
            told=_told(source) if planned.provider.has_trial_balance else None,
            fiscal_year_start=_fiscal_year_start(source, planned) if planned.asks_fiscal_year else None,
        )


def _told(source: Source) -> TrialBalance | ImportProblem | None:
    """The trial balance at the end of this month: what is booked ahead within it is compared too.

    The lines are here: what is refused, or not answered, costs the comparison and not the import.
    """
    this = Month.of(in_brussels(datetime.now(UTC)).date())
    try:
        return source.trial_balance(this.plus(1).first_day - timedelta(days=1))
    except ImportProblem as untold:
        log.warning("no trial balance to compare with: %s", untold.code)
        return untold


def _fiscal_year_start(source: Source, planned: Plan) -> int | None:
    """Where the fiscal year of the administration starts, of a software that lists tell nothing of that."""
    asked = planned.connected.administration
    return next((each.fiscal_year_start for each in source.administrations() if each.id == asked), None)


@contextmanager
def _kept_while_useful(spool: Spool, planned: Plan) -> Iterator[None]:
    """Where the block fails: whether an import that comes later goes on with the pages."""
    try:
        yield
    except BaseException as error:
        worth_keeping = passes(error) or not isinstance(error, Exception)
        if worth_keeping and planned.cursor is None:
            spool.leave()
        else:
            spool.discard()
        raise


def _spool_of(planned: Plan) -> Spool:
    claimed = planned.claimed
    if planned.cursor is None:
        return Spool.of_whole_ledger(claimed.entity_id, claimed.import_id, planned.identity)
    return Spool.of_increment(claimed.entity_id, claimed.import_id)
