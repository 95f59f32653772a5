"""What is to be done about an import that waits: a pure function, over every combination of facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.reconciler.decisions import MOST_LAUNCHES, Step, TaggedRun, Waiting, next_step

NEW = Waiting(
    id=1,
    entity_id=1,
    organisation_id=1,
    entity_key="1-bakery",
    priority=10,
    by_schedule=False,
    requested_by="jan",
    launches=0,
    launched_run_id=None,
    launched_priority=None,
    claimed=False,
    running=False,
)
LAUNCHED = replace(NEW, launches=1, launched_run_id="a", launched_priority=10)
ALIVE = TaggedRun("a")
UNQUEUED = TaggedRun("a", queued=False)
FAILED = TaggedRun("a", ended=True)
CANCELED = TaggedRun("a", ended=True, canceled=True)
CASES = {
    "asked for": (NEW, [], Step.LAUNCH),
    "someone is launching it": (replace(NEW, claimed=True), [], Step.WAIT),
    "launched, but nobody noted it": (replace(NEW, claimed=True, launches=1), [ALIVE], Step.FOLLOW),
    "on its way": (LAUNCHED, [ALIVE], Step.WAIT),
    "moved to the front": (replace(LAUNCHED, launched_priority=-10), [ALIVE], Step.FOLLOW),
    "launched again": (LAUNCHED, [TaggedRun("b"), FAILED], Step.FOLLOW),
    "its run was canceled": (LAUNCHED, [CANCELED], Step.CANCEL),
    "canceled, then executed again": (LAUNCHED, [TaggedRun("b"), CANCELED], Step.FOLLOW),
    "its run failed": (LAUNCHED, [FAILED], Step.LAUNCH),
    "its first run failed a moment ago": (replace(LAUNCHED, claimed=True), [FAILED], Step.LAUNCH),
    "its second run failed a moment ago": (
        replace(LAUNCHED, launches=2, claimed=True),
        [FAILED, TaggedRun("b", ended=True)],
        Step.WAIT,
    ),
    "an earlier run failed, someone is launching it": (replace(NEW, claimed=True), [FAILED], Step.WAIT),
    "its run failed for another runs": (replace(LAUNCHED, running=True), [FAILED], Step.WAIT),
    "its run was deleted": (LAUNCHED, [], Step.LAUNCH),
    "failed too often": (LAUNCHED, [FAILED] * MOST_LAUNCHES, Step.GIVE_UP),
    "refused too often": (replace(NEW, launches=MOST_LAUNCHES), [], Step.GIVE_UP),
    "the last launch is on its way": (LAUNCHED, [ALIVE, *[FAILED] * MOST_LAUNCHES], Step.WAIT),
    "its run is being queued": (replace(NEW, claimed=True), [UNQUEUED], Step.FOLLOW),
    "its run was never queued": (LAUNCHED, [UNQUEUED], Step.LAUNCH),
}

imports = st.builds(
    Waiting,
    id=st.just(1),
    organisation_id=st.just(1),
    entity_key=st.just("1-bakery"),
    priority=st.sampled_from([-10, 10]),
    by_schedule=st.booleans(),
    requested_by=st.just("jan"),
    launches=st.integers(0, 5),
    launched_run_id=st.sampled_from([None, "a", "b"]),
    launched_priority=st.sampled_from([None, -10, 10]),
    claimed=st.booleans(),
    running=st.booleans(),
)
runs = st.lists(
    st.builds(
        lambda run_id, state: TaggedRun(
            run_id,
            queued=state != "unqueued",
            ended=state in {"ended", "canceled"},
            canceled=state == "canceled",
        ),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["unqueued", "alive", "ended", "canceled"]),
    ),
    max_size=MOST_LAUNCHES + 1,
)


@pytest.mark.parametrize(("waiting", "known", "step"), CASES.values(), ids=CASES)
def test_the_next_step(waiting: Waiting, known: list[TaggedRun], step: Step) -> None:
    assert next_step(waiting, known) is step


@given(imports, runs)
def test_never_two_runs_and_never_one_too_many(waiting: Waiting, known: list[TaggedRun]) -> None:
    step = next_step(waiting, known)
    if step in {Step.LAUNCH, Step.GIVE_UP}:
        assert all(run.ended or not run.queued for run in known)
        over = waiting.launched_run_id in {run.run_id for run in known if run.ended}
        assert not waiting.claimed or (over and waiting.launches <= 1)
        assert not waiting.running
        assert (step is Step.LAUNCH) == (max(len(known), waiting.launches) < MOST_LAUNCHES)
    if step is Step.FOLLOW:
        assert any(not run.ended for run in known)
    if step is Step.CANCEL:
        assert known[0].canceled


@given(imports, runs)
def test_an_import_is_never_left_alone_for_ever(waiting: Waiting, known: list[TaggedRun]) -> None:
    """Once a launcher and other imports are out of the way, something happens to it."""
    free = replace(waiting, claimed=False, running=False)
    if all(run.ended or not run.queued for run in known):
        assert next_step(free, known) is not Step.WAIT
