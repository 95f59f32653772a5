"""How long connectors wait for a server, and when they ask again."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitr_pipelines.lifecycle.errors import ProviderDown

NOTHING = timedelta()


@dataclass(frozen=True)
class Patience:
    """The bounds of a question.

    Args:
        connect: Longest wait for a connection.
        silence: Longest wait for the next bytes.
        whole_answer: Longest wait from the question to the last byte.
        largest_answer: Bytes that an answer may have.
        tries: How often a question is asked at most.
        first_wait: Before the second try; each further wait is twice as long.
        budget: Longest time that all waits of a question take together.
    """

    connect: timedelta = timedelta(seconds=10)
    silence: timedelta = timedelta(seconds=60)
    whole_answer: timedelta = timedelta(minutes=3)
    largest_answer: int = 64 * 1024 * 1024
    tries: int = 4
    first_wait: timedelta = timedelta(seconds=1)
    budget: timedelta = timedelta(minutes=1)


PATIENCE = Patience()


class Retries:
    """The tries of one question."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._tries = 1
        self._waited = NOTHING

    def wait_after(self, error: ProviderDown) -> None:
        """Wait for the next try, as long as the server asks for where it does.

        Raises:
            ProviderDown: The error itself, where the tries or the time are used up.
        """
        wait = self._wait(error.retry_at)
        if self._tries >= self._patience.tries or self._waited + wait > self._patience.budget:
            raise error
        time.sleep(wait.total_seconds())
        self._waited += wait
        self._tries += 1

    def _wait(self, retry_at: datetime | None) -> timedelta:
        """Up to a quarter longer than due, so that many imports do not come back all at once."""
        backoff = self._patience.first_wait * (1 << (self._tries - 1))
        due = max(retry_at - datetime.now(UTC), NOTHING) if retry_at else backoff
        return due + backoff * random.randrange(25) / 100  # noqa: S311 - nothing secret
