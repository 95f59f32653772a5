"""Which answers of a billing system are believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.billing.doubt import FEW, doubt
from monitr_pipelines.lifecycle.eligibility import PAYING

STATES = st.sampled_from(["active", "trialing", "past_due", "canceled", "unpaid"])
CUSTOMERS = st.dictionaries(st.integers(0, 12).map(str), STATES)


def paying(count: int) -> dict[str, str]:
    return {str(number): "active" for number in range(count)}


def canceled(count: int) -> dict[str, str]:
    return {str(number): "canceled" for number in range(count)}


@pytest.mark.parametrize(
    ("known", "told", "believed"),
    [
        (paying(1), canceled(1), True),
        (paying(2), canceled(2), True),
        (paying(3), paying(3) | canceled(2), True),
        (paying(3), canceled(3), False),
        (paying(10), paying(10) | canceled(5), True),
        (paying(10), paying(10) | canceled(6), False),
        (paying(1), {"another": "active"}, False),
        (paying(2), {"0": "active"}, True),
        (paying(3), {"0": "active"}, False),
        (paying(5), {}, False),
        (canceled(5), {}, False),
        (canceled(5), {"0": "active"}, True),
        ({}, {}, True),
    ],
)
def test_examples(known: dict[str, str], told: dict[str, str], believed: bool) -> None:  # noqa: FBT001
    assert (doubt(known, told) is None) is believed


@given(CUSTOMERS, CUSTOMERS)
def test_nobody_loses_most_of_several_on_a_doubt(known: dict[str, str], told: dict[str, str]) -> None:
    paid = {customer for customer, state in known.items() if state in PAYING}
    lost = {customer for customer in paid if told.get(customer) not in PAYING}
    if doubt(known, told) is None:
        assert told or not known
        assert 2 * len(lost) <= len(paid) or len(lost) < FEW
        assert 2 * len(lost - set(told)) <= len(paid)


@given(CUSTOMERS.filter(bool))
def test_an_answer_in_which_nobody_stops_is_believed(known: dict[str, str]) -> None:
    assert doubt(known, known) is None
