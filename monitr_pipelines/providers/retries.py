"""How long connectors wait for a server, when they ask again, and how often over a whole import."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import sleep

from monitr_pipelines.lifecycle.errors import ProviderDown

NOTHING = timedelta()
# A number of seconds from now is smaller than one since 1970, and that smaller than one of milliseconds.
FIRST_EPOCH, FIRST_MILLISECONDS = 10**9, 10**11
DIGITS_OF_A_MOMENT = 13


@dataclass(frozen=True)
class Patience:
    """The bounds of a question, and of all questions of a client together.

    Args:
        connect: Longest wait for a connection.
        silence: Longest wait for the next bytes.
        whole_answer: Longest wait from the question to the last byte.
        largest_answer: Bytes that an answer may have.
        tries: How often a question is asked at most.
        first_wait: Before the second try; each further wait is twice as long.
        budget: Longest time that all waits of a question take together.
        window: Longest wait for the next window of a limit that is used up: minutes, never a day.
        spare_repeats: Repeats that a client may make over all of its questions; each ten that are answered
            allow one more, so that a server in trouble is never asked much more than a healthy one.
        whole_budget: Longest time that all waits of a client take together.
    """

    connect: timedelta = timedelta(seconds=10)
    silence: timedelta = timedelta(seconds=60)
    whole_answer: timedelta = timedelta(minutes=3)
    largest_answer: int = 64 * 1024 * 1024
    tries: int = 4
    first_wait: timedelta = timedelta(seconds=1)
    budget: timedelta = timedelta(minutes=2)
    window: timedelta = timedelta(minutes=6)
    spare_repeats: int = 10
    whole_budget: timedelta = timedelta(minutes=15)


PATIENCE = Patience()


class Budget:
    """What all questions of a client may repeat and wait, one import long."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._answered = 0
        self._repeats = 0
        self._waited = NOTHING

    def answered(self) -> None:
        """A question was answered."""
        self._answered += 1

    def allows(self, wait: timedelta) -> bool:
        """Whether one more repeat, after a wait, is within it."""
        repeats_left = self._patience.spare_repeats + self._answered // 10 - self._repeats
        return repeats_left > 0 and self._waited + wait <= self._patience.whole_budget

    def spend(self, wait: timedelta) -> None:
        """Count a repeat and its wait."""
        self._repeats += 1
        self._waited += wait


class Retries:
    """The tries of one question."""

    def __init__(self, patience: Patience, budget: Budget) -> None:
        self._patience = patience
        self._budget = budget
        self._tries = 1
        self._waited = NOTHING

    def wait_after(self, error: ProviderDown) -> None:
        """Wait for the next try, as long as the server asks for where it does.

        Raises:
            ProviderDown: The error itself, where the tries or the time are used up.
        """
        wait = self._wait(error.retry_at)
        within = self._tries < self._patience.tries and self._waited + wait <= self._patience.budget
        if not within or not self._budget.allows(wait):
            raise error
        sleep(wait.total_seconds())
        self._budget.spend(wait)
        self._waited += wait
        self._tries += 1

    def _wait(self, retry_at: datetime | None) -> timedelta:
        """Up to a quarter longer than due, so that many imports do not come back all at once."""
        backoff = self._patience.first_wait * (1 << (self._tries - 1))
        due = max(retry_at - datetime.now(UTC), NOTHING) if retry_at else backoff
        return due + backoff * random.randrange(25) / 100  # noqa: S311 - nothing secret


@dataclass(frozen=True)
class RateHeaders:
    """The headers in which a software tells what is left of one of its limits.

    Args:
        name: The RateLimit's that they are of.
        limit: How many calls the window has; it takes the place of the number that was declared.
        remaining: How many of them are left.
        reset: When the next window begins, in any form that `moment_of` reads.

    A header that is missing tells nothing; above all not that nothing is left.
    """

    name: str
    limit: str
    remaining: str
    reset: str

    def free_at(self, headers: Mapping[str, str]) -> datetime | None:
        """When calls are allowed again; None where they still are, or nothing is told."""
        if (headers.get(self.remaining) or "").strip() != "0":
            return None
        return moment_of(headers.get(self.reset))

    def calls(self, headers: Mapping[str, str]) -> int | None:
        """How many calls the window has; None where that is not told."""
        told = (headers.get(self.limit) or "").strip()
        return int(told[:DIGITS_OF_A_MOMENT]) or None if _is_number(told) else None


def moment_of(header: str | None) -> datetime | None:
    """A moment as headers write it: seconds from now, a date, or seconds or milliseconds since 1970.

    None where it is none of these. Numbers beyond all years are cut to one that is far away.
    """
    told = (header or "").strip()
    if not _is_number(told):
        return moment_of_date(told)
    number = int(told[:DIGITS_OF_A_MOMENT])
    if number < FIRST_EPOCH:
        return datetime.now(UTC) + timedelta(seconds=number)
    seconds = number if number < FIRST_MILLISECONDS else number // 1000
    return datetime.fromtimestamp(seconds, UTC)


def moment_of_date(header: str | None) -> datetime | None:
    """A date as HTTP writes it; None where it is none."""
    try:
        moment = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
