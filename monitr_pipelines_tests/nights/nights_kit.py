"""The nights one after another: what happens in each, and what must hold afterwards."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from random import Random
from zoneinfo import ZoneInfo

from clock_kit import Clock
from judge_kit import Judge, Size, size
from later_kit import later
from process_kit import wait_for
from product_kit import Product
from town_kit import SLOW, Town

from monitr_pipelines import emulators
from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.codes import LATE
from monitr_pipelines.warehouse.registry import organisations

BRUSSELS = ZoneInfo("Europe/Brussels")
HOUR = timedelta(hours=1)
EVENING = 2 * HOUR
AFTERWARDS = timedelta(days=100)
MIDNIGHT, FIVE, MORNING = hour(0), hour(5), hour(8)
GUEST, PERSON = "Guest", "story"
MayFail = Mapping[str, frozenset[str | None]]
STOPPED = frozenset({None, "stopped", "worker_lost"})
DOWN = frozenset({"provider_down"})
RENEWED = frozenset({None, "reconnect_needed"})
NEVER = -9


@dataclass(frozen=True)
class Plan:
    """In which night what happens; `change` is the one after whose midnight the clocks change.

    `afterwards`: so long nothing happens at all, and what is due to go has gone.
    """

    nights: int
    companies: int
    edits: int
    change: int
    short_outage: int = NEVER
    outage: int = NEVER
    deploy: int = NEVER
    back_up: int = NEVER
    restore: int = NEVER
    lapse: int = NEVER
    resume: int = NEVER
    afterwards: timedelta | None = None
    first_look: timedelta = EVENING + HOUR


FOURTEEN = Plan(
    nights=14,
    companies=3,
    edits=6,
    change=6,
    short_outage=1,
    outage=3,
    deploy=5,
    back_up=7,
    restore=9,
    lapse=10,
    resume=12,
    afterwards=AFTERWARDS,
)
THREE = Plan(nights=3, companies=2, edits=6, change=1, outage=0, deploy=2)


def settings_of_story() -> dict[str, str]:
    """What `monitr up` is told."""
    kinds = [each for each in emulators.kinds().values() if each.application]
    known = {each.name: dict(zip(("id", "secret"), each.application or (), strict=True)) for each in kinds}
    return {
        "MONITR_PROVIDER_NETWORKS": "127.0.0.0/8",
        "MONITR_PREVIEW_CONNECTORS": ",".join(emulators.kinds()),
        "MONITR_OAUTH_APPLICATIONS": json.dumps(known),
        "MONITR_ALERT_ALLOW_LOOPBACK": "1",
        "MONITR_BILLING_SECONDS": "5",
    }


@dataclass
class Nights:
    """A product and a town in the nights of a plan; `say` tells what was seen."""

    plan: Plan
    clock: Clock
    product: Product
    change: date
    seed: int
    say: Callable[[str], None]
    ticks: list[datetime] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)

    def moment(self, night: int, at: hour = MIDNIGHT, *, before: timedelta = timedelta()) -> datetime:
        """An hour of a night as people in Brussels call it, and so long before it."""
        day = self.change + timedelta(days=night - self.plan.change)
        return datetime.combine(day, at, BRUSSELS).astimezone(UTC) - before

    def live(self, people: Town) -> None:
        """All nights."""
        self.town, self.judge = people, Judge(people, self.clock)
        self.random = Random(self.seed)  # noqa: S311 - a story is told again by its seed
        self.product.move_in()
        self.product.start()
        self._move_in()
        for night in range(self.plan.nights):
            self._evening(night)
            self._midnight(night)
            self._five(night)
            self._morning(night)
            self._tell(night)
        self.judge.ticks_are(self.product.connection, self.ticks)
        self.say(f"Dagster's daemon was started again {self.product.daemon_ends()} times")
        if self.plan.afterwards:
            later(self.product, self.moment(self.plan.nights) + self.plan.afterwards, self.say)

    def _move_in(self) -> None:
        connection = self.product.connection
        for place, name in enumerate(self.town.softwares):
            self.town.settle_in(connection, f"Office {place // 2}", name)
        for name in {self._failing, next(reversed(self.town.softwares))}:
            self.town.settle_in(connection, GUEST, name)
        self.product.await_imports()
        self.judge.figures_are(connection, self.moment(0, before=self.plan.first_look))
        self.sizes.append(size(connection))
        self.say(f"{len(self.town.entities)} entities moved in")

    def _evening(self, night: int) -> None:
        """The books were edited by day, and what was planned happens; half an hour is left to midnight then.

        What people leave unfinished at that moment is committed behind the midnight import: no software that
        is connected to takes longer than an hour to write something.
        """
        self.clock.jump(self.moment(night, before=EVENING))
        self.town.work(self.random, self.plan.edits)
        self.town.finish()
        if night == self.plan.restore:
            self._restore()
        if night == self.plan.lapse:
            self._subscribe("canceled")
        if night == self.plan.resume:
            self._resume()
        if night == self.plan.short_outage:
            self.town.fails(self._failing)
        self.clock.jump(self.moment(night, before=HOUR / 2))
        self.town.work(self.random, self.plan.edits)
        if night == self.plan.outage:
            self.town.fails(self._failing)

    def _midnight(self, night: int) -> None:
        due = self.judge.due(self.product.connection)
        may_fail: MayFail = {}
        if night in {self.plan.short_outage, self.plan.outage}:
            may_fail = dict.fromkeys(self.town.in_software(self._failing), DOWN)
        if night == self.plan.deploy:
            may_fail = dict.fromkeys(due, STOPPED)
        if night == self.plan.restore:
            may_fail = {key: RENEWED for key in due if self.town.entities[key].signs_in}
        if night - 1 == self.plan.outage:
            for organisation, entities in self.town.offices(self._failing).items():
                self.judge.expect(organisation, "recovered", "provider_down", entities)
        self._tick(night, MIDNIGHT, due, may_fail)
        self.town.finish()

    def _five(self, night: int) -> None:
        may_fail: MayFail = {}
        if night == self.plan.short_outage:
            self.clock.jump(self.moment(night, hour(4)))
            self.town.answers(self._failing)
        if night == self.plan.outage:
            may_fail = dict.fromkeys(self.town.in_software(self._failing), DOWN)
            for organisation, entities in self.town.offices(self._failing).items():
                self.judge.expect(organisation, "opened", "provider_down", entities)
        self._tick(night, FIVE, self.judge.due(self.product.connection), may_fail)

    def _morning(self, night: int) -> None:
        if night == self.plan.outage:
            self.clock.jump(self.moment(night, hour(5), before=-HOUR / 2))
            self.town.answers(self._failing)
        if night == self.plan.back_up:
            self._kept = self.product.back_up(), dict(self.judge.figures)
        if night == self.plan.restore:
            self._connect_again()

    def _tick(self, night: int, at: hour, due: set[str], may_fail: MayFail) -> None:
        """A tick, from its hour to the end of its last import, and what must hold then."""
        moment, since = self.moment(night, at), self.clock.now()
        self.ticks.append(moment)
        deploy = night == self.plan.deploy and at == MIDNIGHT
        self.town.slow(SLOW if deploy else timedelta())
        self.product.await_tick(moment)
        if deploy:
            self._deploy(moment)
        self.product.await_imports()
        connection = self.product.connection
        ended = self.judge.imports_are(connection, moment, due, may_fail)
        self.judge.figures_are(connection, since)
        if night == self.plan.restore and at == MIDNIGHT:
            self._expect_after_restore(ended)
        self.judge.alerts_are(connection, since)

    def _deploy(self, tick: datetime) -> None:
        """All processes are ended and started again while imports run."""
        wait_for(lambda: self.product.under_way(tick), "imports under way")
        self.product.stop()
        self.town.slow(timedelta())
        self.product.start()

    def _restore(self) -> None:
        """The machine is lost with a night in it: figures are those of the back-up, and said to be late."""
        self.judge.ticks_are(self.product.connection, self.ticks)
        self.ticks.clear()
        since, (file, figures) = self.clock.now(), self._kept
        self.product.restore(file)
        self.sizes.append(size(self.product.connection))
        self.judge.figures = figures
        self.judge.figures_are(self.product.connection, since)
        for organisation in self.town.organisations:
            self.judge.expect(organisation, "opened", LATE, self.town.of(organisation))
        self.judge.alerts_are(self.product.connection, since)

    def _expect_after_restore(self, ended: Mapping[str, str | None]) -> None:
        """Who was imported is no longer late; whose tokens were renewed since the back-up connects again."""
        for organisation in self.town.organisations:
            for entity in self.town.of(organisation) & ended.keys():
                if ended[entity] is None:
                    self.judge.expect(organisation, "recovered", LATE, {entity})
                elif ended[entity] in RENEWED:
                    self.judge.expect(organisation, "opened", "reconnect_needed", {entity})

    def _connect_again(self) -> None:
        """People sign in again where that was asked for, and their companies are imported at once."""
        since, broken = self.clock.now(), self.product.broken()
        self.say(f"connections to make again after the restore: {sorted(broken.values())}")
        for number, name in broken.items():
            connecting.reconnect(self.product.connection, number, self.town.softwares[name].settings, PERSON)
        self.product.await_imports()
        self.judge.figures_are(self.product.connection, since)
        for told in list(self.judge.expected):
            if (told.kind, told.cause) == ("opened", "reconnect_needed"):
                self.judge.expect(told.organisation, "recovered", told.cause, {told.entity})
        self.judge.alerts_are(self.product.connection, since)

    def _subscribe(self, state: str) -> None:
        connection = self.product.connection
        organisations.change(connection, GUEST, {"subscription": state})
        wait_for(lambda: self.product.applied(GUEST) == state, f"the guest is {state}")

    def _resume(self) -> None:
        """Whoever comes back is imported at once, and hears nothing of old figures."""
        since = self.clock.now()
        self._subscribe("active")
        self.product.await_imports()
        self.judge.figures_are(self.product.connection, since)
        self.judge.alerts_are(self.product.connection, since)

    @property
    def _failing(self) -> str:
        return list(self.town.softwares)[1]

    def _tell(self, night: int) -> None:
        """What the night stored, held against what its imports may store."""
        self.sizes.append(size(self.product.connection))
        grown = self.sizes[-1].since(self.sizes[-2])
        self.say(f"night {night + 1}, {self.moment(night, MORNING):%d %B}: {grown}")
        if night not in {self.plan.deploy, self.plan.restore}:
            grown.is_bounded()
