"""What is placed, and where: an account, or one of its values of an axis, on a line of a statement."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Placing(NamedTuple):
    """What is placed: an account; with an axis and a value of it, the part of the account with that value."""

    account: str
    axis: str = ""
    value: str = ""


class Choice(NamedTuple):
    """The line that someone chose, by its id in the structure, and why."""

    line: str
    comment: str = ""


class Given(NamedTuple):
    """What someone wants: a choice, None to leave the account to the structure; `row`: of a file, from 1."""

    placing: Placing
    choice: Choice | None
    row: int | None = None


class Difference(NamedTuple):
    """A placing whose choice is another one before than after; None where there is none."""

    placing: Placing
    before: Choice | None
    after: Choice | None


Choices = Mapping[Placing, Choice]


def differences(before: Choices, after: Choices) -> list[Difference]:
    """What changes from one set of choices to another, by account and value."""
    found = (Difference(placing, before.get(placing), after.get(placing)) for placing in {*before, *after})
    return sorted(each for each in found if each.before != each.after)


def changed(before: Choices, given: Iterable[Given]) -> dict[Placing, Choice]:
    """The choices with those put in their place that someone wants, and without those they want gone."""
    after = dict(before)
    for each in given:
        if each.choice is None:
            after.pop(each.placing, None)
        else:
            after[each.placing] = each.choice
    return after
