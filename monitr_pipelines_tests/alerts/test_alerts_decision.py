"""Which sequences of imports are told, once each, and which are not."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.alerts.decision import IN_A_ROW, LASTS, Decision, Ended, Freshness, Trouble, decide
from monitr_pipelines.lifecycle.codes import LATE, REMEDIES, UNEXPECTED, Alert

START = datetime(2026, 11, 1, tzinfo=UTC)
FRESH, OLD = Freshness(), Freshness(late=True, fresh=False)
UNWATCHED = Freshness(late=False, fresh=False)
CODES = [
    None,
    None,
    "reconnect_needed",
    "shrunken",
    "provider_down",
    "our_fault",
    "worker_lost",
    "already_running",
]
histories = st.lists(
    st.tuples(st.sampled_from(CODES), st.integers(min_value=1, max_value=300)), min_size=1, max_size=30
)


def ended(*codes: str | None, minutes: int = 60) -> list[Ended]:
    return [
        Ended(nth, START + timedelta(minutes=minutes * nth), code, f"{code} {nth}")
        for nth, code in enumerate(codes, start=1)
    ]


def spaced(history: list[tuple[str | None, int]]) -> list[Ended]:
    at, found = START, []
    for nth, (code, minutes) in enumerate(history, start=1):
        at += timedelta(minutes=minutes)
        found.append(Ended(nth, at, code, str(code)))
    return found


def told(story: list[Ended], looks: set[int] | None = None) -> list[str]:
    """What is said when someone looks after each import, or after those alone."""
    said: list[str] = []
    open_alert: Trouble | None = None
    for count in range(1, len(story) + 1):
        if looks is None or count in looks or count == len(story):
            decision = decide(story[:count], FRESH, open_alert)
            open_alert = None if decision.closes else open_alert
            said += [f"recovered after {count}"] * decision.recovered
            if decision.opens:
                assert open_alert is None
                open_alert = decision.opens
                said.append(decision.opens.cause)
            assert decide(story[:count], FRESH, open_alert) == Decision(), "looking twice says it twice"
    return said


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["reconnect_needed"], ["reconnect_needed"]),
        (["reconnect_needed"] * 5, ["reconnect_needed"]),
        (["reconnect_needed", None], ["reconnect_needed", "recovered after 2"]),
        (["reconnect_needed", None, None], ["reconnect_needed", "recovered after 2"]),
        (["reconnect_needed", "entity_gone"], ["reconnect_needed", "entity_gone"]),
        (["our_fault"] * 2, []),
        (["our_fault", "our_fault", None, "our_fault", "our_fault"], []),
        (["our_fault"] * 3, [UNEXPECTED]),
        (["our_fault", "worker_lost", "nobody_foresaw_this", "our_fault"], [UNEXPECTED]),
        (["our_fault"] * 3 + [None], [UNEXPECTED, "recovered after 4"]),
        (["reconnect_needed", "our_fault", "reconnect_needed"], ["reconnect_needed"]),
        (["reconnect_needed", "our_fault", "our_fault", "our_fault"], ["reconnect_needed", UNEXPECTED]),
        (["provider_down"] * 4, []),
        (["provider_down"] * 5, ["provider_down"]),
        (["provider_down"] * 3 + [None] + ["provider_down"] * 3, []),
        (["already_running"] * 9, []),
        ([None, None], []),
    ],
)
def test_what_is_told_hour_by_hour(codes: list[str | None], expected: list[str]) -> None:
    assert told(ended(*codes)) == expected


def test_a_recovery_that_nobody_saw_is_told_with_the_next_trouble() -> None:
    story = ended("shrunken", None, "shrunken")
    assert told(story, looks={1, 3}) == ["shrunken", "recovered after 3", "shrunken"]


def test_a_trouble_that_came_and_went_unseen_is_not_told() -> None:
    assert told(ended("shrunken", None), looks={2}) == []


@given(histories)
def test_words_alternate_and_agree_with_the_facts(history: list[tuple[str | None, int]]) -> None:
    story = spaced(history)
    said = told(story)
    for before, after in pairwise(said):
        assert before != after, "a cause is told once"
        assert not (before.startswith("recovered") and after.startswith("recovered"))
    assert not said or not said[0].startswith("recovered"), "nothing recovers that was not told"
    if story[-1].code is None:
        assert not said or said[-1].startswith("recovered"), "a success ends it"
    elif story[-1].alert is Alert.AT_ONCE:
        assert [word for word in said if not word.startswith("recovered")][-1] == story[-1].code
        assert not said[-1].startswith("recovered")


@given(histories)
def test_unforeseen_causes_need_a_row_and_outages_must_last(history: list[tuple[str | None, int]]) -> None:
    story = [last for last in spaced(history) if last.code]
    said = told(spaced(history))
    unforeseen = [last for last in story if last.alert is Alert.AFTER_THREE]
    assert len(unforeseen) >= IN_A_ROW or UNEXPECTED not in said
    down = [last.at for last in story if last.code == "provider_down"]
    assert (down and max(down) - min(down) >= LASTS) or "provider_down" not in said


@given(histories, st.sets(st.integers(min_value=1, max_value=30)))
def test_looks_that_were_missed_change_nothing_in_the_end(
    history: list[tuple[str | None, int]], looks: set[int]
) -> None:
    """Whoever looks seldom says less, and holds the same alert open after a failure that is told at once."""
    story = spaced(history)
    seldom, often = told(story, looks), told(story)
    if story[-1].alert is Alert.AT_ONCE and story[-1].code:
        assert seldom[-1] == [word for word in often if not word.startswith("recovered")][-1]
    if story[-1].code is None:
        assert not seldom or seldom[-1].startswith("recovered")


@given(histories, st.sampled_from([FRESH, OLD, UNWATCHED]))
def test_a_deleted_entity_is_silent(history: list[tuple[str | None, int]], freshness: Freshness) -> None:
    story = spaced(history)
    assert decide(story, freshness, None, deleted=True) == Decision()
    assert decide(story, freshness, Trouble("shrunken", ""), deleted=True) == Decision(closes=True)


def test_old_figures_are_told_where_nothing_else_is() -> None:
    late = decide(ended(None), OLD, None).opens
    assert late is not None
    assert late.cause == LATE
    assert decide(ended(None), OLD, late) == Decision()
    assert decide(ended("shrunken"), OLD, Trouble("shrunken", "", START)) == Decision()


def test_old_figures_are_over_when_they_are_fresh_or_nobody_watches_them() -> None:
    late = Trouble(LATE, "")
    assert decide([], FRESH, late) == Decision(closes=True, recovered=True)
    assert decide([], UNWATCHED, late) == Decision(closes=True)


def test_old_figures_are_not_over_because_an_import_was_asked_for() -> None:
    awaited = Freshness(late=False, fresh=False, awaited=True)
    assert decide([], awaited, Trouble(LATE, "")) == Decision()
    assert decide([], awaited, None) == Decision()


def test_a_cause_takes_the_place_of_old_figures() -> None:
    decision = decide(ended("reconnect_needed"), OLD, Trouble(LATE, ""))
    assert decision.closes
    assert not decision.recovered
    assert decision.opens is not None
    assert decision.opens.cause == "reconnect_needed"


@pytest.mark.parametrize("freshness", [FRESH, OLD])
def test_an_open_alert_outlives_the_imports_that_are_looked_at(freshness: Freshness) -> None:
    assert decide(ended("our_fault"), freshness, Trouble("reconnect_needed", "", START)) == Decision()


def test_the_import_that_made_it_a_message_is_named() -> None:
    opens = decide(ended("our_fault", "our_fault", "worker_lost"), FRESH, None).opens
    assert opens == Trouble(UNEXPECTED, "worker_lost 3", START + timedelta(hours=3), 3)


def test_causes_that_are_told_have_their_own_remedy() -> None:
    assert {LATE, UNEXPECTED} <= REMEDIES.keys()
