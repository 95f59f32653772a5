"""The laws of the status, over every combination of facts."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.lifecycle.status import Status, status_of

LEASES = (None, True, False)
OUTCOMES = (None, "succeeded", "failed")
FACTS = list(product(LEASES, (False, True), OUTCOMES))


def shown(lease_alive: bool | None, waiting: bool, last_outcome: str | None) -> Status:  # noqa: FBT001 - facts
    return status_of(lease_alive=lease_alive, waiting=waiting, last_outcome=last_outcome)


@pytest.mark.parametrize("facts", FACTS)
def test_a_running_import_hides_whatever_was_before(facts: tuple[bool | None, bool, str | None]) -> None:
    assert (shown(*facts) is Status.IN_PROGRESS) == (facts[0] is True)


@pytest.mark.parametrize("facts", FACTS)
def test_nothing_is_healthy_that_never_succeeded(facts: tuple[bool | None, bool, str | None]) -> None:
    if shown(*facts) is Status.SUCCEEDED:
        assert facts == (None, False, "succeeded")


@pytest.mark.parametrize("facts", FACTS)
def test_a_dead_worker_is_never_shown_as_running(facts: tuple[bool | None, bool, str | None]) -> None:
    if facts[0] is False:
        assert shown(*facts) is (Status.WAITING if facts[1] else Status.FAILED)


@pytest.mark.parametrize("facts", FACTS)
def test_never_is_only_what_no_import_ever_touched(facts: tuple[bool | None, bool, str | None]) -> None:
    assert (shown(*facts) is Status.NEVER) == (facts == (None, False, None))


@given(
    outcomes=st.lists(st.sampled_from(["succeeded", "failed", "canceled"]), max_size=8),
    waiting=st.booleans(),
    lease_alive=st.sampled_from(LEASES),
)
def test_an_import_canceled_before_it_started_changes_nothing(
    outcomes: list[str],
    waiting: bool,  # noqa: FBT001 - a fact
    lease_alive: bool | None,  # noqa: FBT001 - a fact
) -> None:
    counted = [outcome for outcome in outcomes if outcome != "canceled"]
    last = counted[-1] if counted else None
    status = shown(lease_alive, waiting, last)
    if lease_alive is None and not waiting:
        expected = {None: Status.NEVER, "succeeded": Status.SUCCEEDED, "failed": Status.FAILED}
        assert status is expected[last]
    else:
        assert status in {Status.WAITING, Status.IN_PROGRESS, Status.FAILED}
