"""The cards of the Entities page: recorded facts, and what status and gate make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from monitr_pipelines.ledger.brussels import minute_from
from monitr_pipelines.ledger.reported.figure_checks import OF_NOTE, Check, failing
from monitr_pipelines.ledger.tie_out import Difference
from monitr_pipelines.lifecycle.eligibility import Facts, Missing, refusal
from monitr_pipelines.lifecycle.errors import ImportProblem, TooSoon
from monitr_pipelines.lifecycle.freshness import are_late
from monitr_pipelines.lifecycle.imports import Outcome, Trigger
from monitr_pipelines.lifecycle.messages import Message, recorded
from monitr_pipelines.lifecycle.status import Status, status_of
from monitr_pipelines.providers import names, title_of
from monitr_pipelines.warehouse.queue.requests import PRIORITIES
from monitr_pipelines.warehouse.registry.entities import BY_FILES
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell.i18n import has_text

# Shown in the place of a green word: whoever looks must see that nothing comes any more.
ATTENTION = frozenset(
    {
        "reconnect_needed",
        "connection_removed",
        "entity_gone",
        "not_importing",
        "subscription_inactive",
        "subscription_unknown",
    }
)
DIFFERS = "differs"
# Messages of the gate that a remedy says in nearly the same words.
SAID_BY_REMEDY = frozenset({"reconnect_needed", "connection_removed", "not_importing"})
PASSING = frozenset({"already_running", "failed_recently"})
# The others are asked for by the system, whose own names for itself say no more than the trigger.
ASKED_BY_SOMEONE = frozenset({Trigger.MANUAL, Trigger.HOOK, Trigger.FILE, Trigger.CLI})

Row = dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    """A cause that a card tells: its code, the messages, and the values of the remedy's text."""

    code: str
    messages: Sequence[Message]
    values: Mapping[str, str]

    @property
    def is_said(self) -> bool:
        """Whether the remedy says all that the messages say."""
        return all(message.kind in SAID_BY_REMEDY for message in self.messages)

    def remedy(self, *, takes_files: bool) -> str | None:
        """The key of the text that tells what to do; None where there is none for this code."""
        keys = [f"remedy_files.{self.code}"] * takes_files + [f"remedy.{self.code}"]
        return next(filter(has_text, keys), None)


@dataclass(frozen=True)
class Card:
    """One entity as it is shown.

    `facts` are the columns of `cards.sql`; `waiting` and `running` those of `open_imports.sql`, None
    where no import waits or runs. `old`: the figures should be younger if imports come by themselves.
    """

    facts: Mapping[str, Any]
    waiting: Mapping[str, Any] | None
    running: Mapping[str, Any] | None
    status: Status
    refused: ImportProblem | None
    old: bool

    @property
    def state(self) -> str:
        """The status as a word for addresses, texts and style."""
        return self.status.name.lower()

    @property
    def attention(self) -> str | None:
        """The code of what the status alone would hide: why no imports come, or that figures differ."""
        if self.status is Status.IN_PROGRESS:
            return None
        if self.refused is not None and self.refused.code in ATTENTION:
            return self.refused.code
        return DIFFERS if self.differs else None

    @property
    def differs(self) -> bool:
        """Whether the figures differ from the software's own, and the card is not about a failure."""
        return bool(self.facts["differing"]) and self.failure is None

    @property
    def failing(self) -> Sequence[Check]:
        """The checks of its figures that fail and that a card tells of, the worst first."""
        return [check for check in failing(self.facts["codes"] or ()) if check in OF_NOTE]

    @property
    def differences(self) -> Sequence[Difference]:
        """The largest differences, as they were found last."""
        return [
            Difference(each["account"], Decimal(each["theirs"]), Decimal(each["ours"]))
            for each in self.facts["differences"] or ()
        ]

    @property
    def software(self) -> str:
        """What it is imported from, as its maker writes it."""
        return title_of(self.facts["provider"])

    @property
    def takes_files(self) -> bool:
        """Whether someone uploads its ledger; there is nothing to synchronise then."""
        return bool(self.facts["provider"] == BY_FILES)

    @property
    def unmapped(self) -> int:
        """How many accounts of the figures that are shown stand on no line of the statements."""
        return int((self.facts["published"] or {}).get("unmapped", 0))

    @property
    def newly_unmapped(self) -> int:
        """How many of these, with their values of the primary axis, are new since the import before."""
        return int((self.facts["published"] or {}).get("newly_unmapped", 0))

    @property
    def can_import(self) -> bool:
        """Whether the card offers an import: the gate lets it, and nobody asked for one already."""
        asked_for = self.waiting is not None and self.waiting["trigger"] not in PRIORITIES
        return self.refused is None and (self.takes_files or not asked_for)

    @property
    def asker(self) -> str | None:
        """Who asked for the import that waits."""
        return asker(self.waiting) if self.waiting else None

    @property
    def possible_from(self) -> datetime | None:
        """The moment from which the gate lets someone try again, where only time is in the way."""
        return self.refused.retry_at if isinstance(self.refused, TooSoon) else None

    @property
    def failure(self) -> Trouble | None:
        """What ended the last import, while that is what the card is about."""
        if self.status is not Status.FAILED:
            return None
        if self.running:
            return Trouble("worker_lost", (), {})
        messages = recorded(self.facts["error_message"], self.facts["error_fields"])
        return Trouble(self.facts["error_code"] or "our_fault", messages, {})

    @property
    def obstacle(self) -> Trouble | None:
        """What keeps every next import from starting until someone acts."""
        if self.refused is None or self.refused.code in PASSING:
            return None
        if self.failure and self.failure.code == self.refused.code:
            return None
        return trouble(self.refused)

    @property
    def needs_file(self) -> bool:
        """Whether a file is what the entity lacks, and the card tells of nothing worse."""
        lacks = bool(self.facts["lacks_file"])
        return lacks and not (self.waiting or self.running or self.failure or self.obstacle)

    @property
    def late(self) -> bool:
        """Whether the figures should be younger, and nothing else that the card tells is why they are not."""
        return self.old and not (self.takes_files or self.failure or self.obstacle)


def trouble(problem: ImportProblem) -> Trouble:
    """A refusal of the gate as pages show it."""
    values = {"clock": minute_from(problem.retry_at)} if isinstance(problem, TooSoon) else {}
    return Trouble(problem.code, problem.messages, values)


def asker(asked: Mapping[str, Any]) -> str | None:
    """The person or the key that asked for an import; None where that is nobody."""
    return asked["requested_by"] if asked["trigger"] in ASKED_BY_SOMEONE else None


def read_cards(connection: Connection, ids: Sequence[int], now: datetime) -> list[Card]:
    """The cards of entities of the tenant, by name; what is not one of these is left out."""
    found = database.run(connection, "web/entities/cards", ids=list(ids)).fetchall()
    imports = database.run(connection, "web/entities/open_imports", ids=[row["id"] for row in found])
    return _cards(found, imports.fetchall(), now)


def read_card(connection: Connection, key: str, now: datetime) -> Card | None:
    """The card of one entity; None where the tenant has none of that key."""
    rows = connection.execute("select id from app.entity where key = %s", [key]).fetchall()
    return next(iter(read_cards(connection, [row["id"] for row in rows], now)), None)


def _cards(entities: Sequence[Row], imports: Sequence[Row], now: datetime) -> list[Card]:
    waiting = {row["entity_id"]: row for row in imports if row["started_at"] is None}
    running = {row["entity_id"]: row for row in imports if row["started_at"] is not None}
    return [_card(row, waiting.get(row["id"]), running.get(row["id"]), now) for row in entities]


def missing_of(entity: Row) -> Missing | None:
    """What the entity of a row lacks to be imported at all."""
    if entity["provider"] not in names():
        return Missing.CONNECTOR
    return Missing.FILE if entity["lacks_file"] else None


def _card(entity: Row, waiting: Row | None, running: Row | None, now: datetime) -> Card:
    lease_alive = running["lease_alive"] if running else None
    status = status_of(lease_alive=lease_alive, waiting=waiting is not None, last_outcome=entity["outcome"])
    facts = Facts(
        status=entity["entity_status"],
        subscription=entity["subscription"],
        connection=entity["connection"],
        running=bool(lease_alive),
        subscription_read_at=entity["subscription_read_at"],
        failed_at=entity["ended_at"] if entity["outcome"] == Outcome.FAILED else None,
        missing=missing_of(entity),
    )
    trigger = Trigger.FILE if entity["provider"] == BY_FILES else Trigger.MANUAL
    asked_at = [row["requested_at"] for row in (waiting, running) if row]
    old = are_late(entity["figures_at"], asked_at, now)
    return Card(entity, waiting, running, status, refusal(facts, trigger=trigger, now=now), old)
