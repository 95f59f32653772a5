"""Every import that waits gets one run, and what becomes of the run becomes of the import."""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import dagster as dg

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, PARTITIONS, PRIORITY_TAG
from monitr_pipelines.logs import about_import
from monitr_pipelines.reconciler import waiting, webserver
from monitr_pipelines.reconciler.decisions import Step, TaggedRun, Waiting, alive_of, next_step
from monitr_pipelines.reconciler.shares import Shares
from monitr_pipelines.reconciler.starts import Starts
from monitr_pipelines.warehouse.queue.requests import ASKED, level_of
from monitr_pipelines.warehouse.server.database import Connection

LAUNCHES_A_ROUND = 20
FOLLOWED_A_ROUND = 100
LONGEST_PAUSE = 8
# So many that someone asked for go to Dagster's queue beyond the pace: it starts them before the night's.
ASKED_AHEAD = 2
# Lost workers are not looked for while launches are made. A lease of 10 seconds, this, the 3 of a launch that
# nobody answers (webserver.SECONDS) and the 1 of a code server (starts.ANSWER_SECONDS) make 15.
LONGEST_ROUND = 1

log = logging.getLogger(__name__)


@dataclass
class Launching:
    """Where the turn of the imports stands, how many may be starting, how long launches pause.

    Everything is launched here: what waits for its turn waits in `app.import`, and Dagster's queue is short.
    """

    connection: Connection
    instance: dg.DagsterInstance
    starts: Starts = field(default_factory=Starts)
    shares: Shares = field(default_factory=Shares)
    after: int = 0
    failures: int = 0
    paused_until: float = 0
    room: int = 0

    def look(self) -> bool:
        """Bring a bounded number of imports a step further; True where more may be pressing."""
        others = waiting.others(self.connection, FOLLOWED_A_ROUND, self.after)
        self.after = others[-1].id if others else 0
        runs = self._runs_of(others)
        # A run that ended before its claim starts no more: its place is there for whatever replaces it.
        lost = sum(next_step(each, runs[each.id]) is Step.LAUNCH for each in others)
        self.room = self.starts.pace.at_once - (waiting.starting(self.connection) - lost)
        pressing = waiting.pressing(
            self.connection, LAUNCHES_A_ROUND, self.shares.ahead(), from_level=self._from_level
        )
        runs |= self._runs_of(pressing)
        until = time.monotonic() + LONGEST_ROUND
        for each in [*others, *pressing]:
            if time.monotonic() > until:
                return self._goes_on
            with about_import(each.id):
                self._bring_further(each, runs[each.id])
        return len(pressing) == LAUNCHES_A_ROUND and self._goes_on

    @property
    def _goes_on(self) -> bool:
        return self.room > 0 and time.monotonic() >= self.paused_until

    @property
    def _from_level(self) -> int:
        """What may be launched: without room nothing is sorted that cannot be."""
        if self.room > 0:
            return waiting.LOWEST
        return level_of(ASKED) if self.room > -ASKED_AHEAD else waiting.ABOVE_ALL

    def _may_launch(self, each: Waiting) -> bool:
        asked = level_of(each.priority) == level_of(ASKED)
        room = self.room + ASKED_AHEAD if asked else self.room
        return room > 0 and time.monotonic() >= self.paused_until

    def _runs_of(self, imports: Sequence[Waiting]) -> dict[int, list[TaggedRun]]:
        """The runs that carry the imports' ids, the newest first; one query for all."""
        found: dict[int, list[TaggedRun]] = defaultdict(list)
        if imports:
            tagged = dg.RunsFilter(tags={IMPORT_ID_TAG: [str(each.id) for each in imports]})
            for run in self.instance.get_runs(tagged):
                found[int(run.tags[IMPORT_ID_TAG])].append(
                    TaggedRun(
                        run.run_id,
                        queued=run.status is not dg.DagsterRunStatus.NOT_STARTED,
                        ended=run.is_finished,
                        canceled=run.status is dg.DagsterRunStatus.CANCELED,
                    )
                )
        return found

    def _bring_further(self, each: Waiting, runs: Sequence[TaggedRun]) -> None:
        alive = alive_of(each, runs)
        step = next_step(each, runs)
        if step is Step.FOLLOW and alive is not None:
            self._raise_priority(each, alive.run_id)
            waiting.follow(self.connection, each, alive.run_id)
        elif step is Step.LAUNCH and self._may_launch(each):
            self._launch(each)
        elif step is Step.CANCEL:
            log.info("import %d is canceled: its run was", each.id)
            waiting.cancel(self.connection, each)
        elif step is Step.GIVE_UP:
            log.error("import %d failed: no run began with it", each.id)
            waiting.give_up(self.connection, each)

    def _launch(self, each: Waiting) -> None:
        if not waiting.claim(self.connection, each):
            return
        self.room -= 1
        self.instance.add_dynamic_partitions(PARTITIONS, [each.entity_key])
        try:
            run_id = webserver.launch(each)
        except webserver.LaunchFailed as problem:
            waiting.release(self.connection, each, at_once=problem.over)
            self._pause(each, problem)
        except webserver.LaunchRefused as problem:
            # Its claim stands: the others have their turn before it has another.
            log.warning("import %d is not launched: %s", each.id, problem)
        else:
            self.failures = 0
            self.shares.took(level_of(each.priority), each.organisation_id)
            waiting.follow(self.connection, each, run_id)
            log.info("import %d of %s is launched as run %s", each.id, each.entity_key, run_id)

    def _pause(self, each: Waiting, problem: webserver.LaunchFailed) -> None:
        self.failures += 1
        seconds = min(1 << self.failures, LONGEST_PAUSE)
        self.paused_until = time.monotonic() + seconds
        log.warning("import %d is not launched: %s; launches pause for %d seconds", each.id, problem, seconds)

    def _raise_priority(self, each: Waiting, run_id: str) -> None:
        """Move a queued run to where its import belongs; one that runs is left alone."""
        run = self.instance.get_run_by_id(run_id)
        priority = str(each.priority)
        if (
            run is not None
            and run.status is dg.DagsterRunStatus.QUEUED
            and run.tags.get(PRIORITY_TAG, "0") != priority
        ):
            self.instance.add_run_tags(run_id, {PRIORITY_TAG: priority})
