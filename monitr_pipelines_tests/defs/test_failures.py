"""What a failed step tells operations staff in the Dagster UI."""

from contextlib import suppress

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from monitr_pipelines.defs.import_run import _as_failure, _failure_outside
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option


def test_a_failed_step_tells_the_cause_who_acts_and_what_to_type() -> None:
    message = Message("shrunken", answers=(Answer(Option.ALLOW_SHRINK),))
    problem = InconsistentData(
        message, code="shrunken", findings=[Finding("month_emptied", "2026-01 is empty")]
    )
    failure = _as_failure(problem, "1017-peeters")
    assert failure.description
    assert failure.description.endswith("import again with --allow-shrink.")
    assert {name: value.value for name, value in failure.metadata.items()} == {
        "code": "shrunken",
        "who acts": "customer",
        "findings": "* 2026-01 is empty",
    }


def test_what_a_failed_step_tells_can_be_stored() -> None:
    """Dagster stores no value of an enumeration that it does not know, and drops the whole event."""
    failure = _as_failure(InconsistentData("Odd."), "1017-peeters")
    assert {type(value.value) for value in failure.metadata.values()} == {str}
    dg.serialize_value(dict(failure.metadata))


@pytest.mark.parametrize(
    ("error", "code"), [(DagsterExecutionInterruptedError, "stopped"), (ValueError, "step_failed")]
)
def test_a_run_that_is_stopped_between_lines_of_ours_says_so_too(
    error: type[BaseException], code: str
) -> None:
    @dg.asset
    def interrupted() -> None:
        raise error

    with dg.DagsterInstance.ephemeral() as instance:
        with suppress(error):
            dg.materialize([interrupted], instance=instance)
        (run,) = instance.get_runs()
        problem = _failure_outside(instance, run.run_id)
        assert problem is not None
        assert (problem.code, problem.detail) == (code, run.run_id)


def test_a_run_without_a_failed_step_has_no_failure() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert _failure_outside(instance, "none") is None
