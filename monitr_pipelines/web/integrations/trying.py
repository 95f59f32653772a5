"""Asking a software on behalf of a page: what is wrong is told in the reader's language, and nothing else."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import HTTPException
from psycopg import OperationalError

from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.server.tenancy import OrganisationBusy
from monitr_pipelines.web.shell.i18n import has_text

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
OTHER = "our_fault"
# Worded with what they tell; a connector's own message is in English, and may quote what it was given.
TOLD_WHOLE = frozenset({"other_account"})


@dataclass(frozen=True)
class Problem:
    """Why connecting did not work: the key of a text, or messages that have translations."""

    key: str
    messages: Sequence[Message] = ()


def ask(question: Callable[[], Answer]) -> Answer | Problem:
    """The answer to a question, or what is wrong.

    What a connector raises that nobody foresaw is logged by its kind: its text may quote what was sent.
    """
    try:
        return question()
    except ImportProblem as problem:
        if isinstance(problem, OurFault):
            log.warning("connecting: %s", problem.code)
        return _problem(problem)
    except (HTTPException, OperationalError, OrganisationBusy):
        raise
    except Exception as error:  # noqa: BLE001 - of a connector
        log.warning("connecting: %s", type(error).__name__)
        return Problem(f"integrations.problem.{OTHER}")


def _problem(problem: ImportProblem) -> Problem:
    key = f"integrations.problem.{problem.code}"
    messages = problem.messages if problem.code in TOLD_WHOLE else ()
    return Problem(key if has_text(key) else f"integrations.problem.{OTHER}", messages)
