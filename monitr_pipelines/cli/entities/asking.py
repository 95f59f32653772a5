"""Questions before what cannot be undone by a keystroke: answered at a terminal, or by an option.

Nobody guesses: where no one sits at the standard input, an option has to answer.
"""

import sys

import typer

from monitr_pipelines.lifecycle.errors import Refused

NOT_CONFIRMED = "Not confirmed; nothing was changed."


def confirm(question: str, *, yes: bool) -> None:
    """Ask for a yes; Refused where it is another answer, or nobody can be asked and `yes` is not given."""
    if yes:
        return
    _require_terminal("--yes")
    if not typer.confirm(question, err=True):
        raise Refused(NOT_CONFIRMED, code="not_confirmed")


def confirm_by_key(question: str, key: str, given: str | None) -> None:
    """Ask for the key; Refused where it is another, or nobody can be asked and none is given."""
    if given is None:
        _require_terminal(f"--key {key}")
        given = str(typer.prompt(question, err=True))
    if given.strip() != key:
        raise Refused(f"{given.strip()!r} is not {key!r}. {NOT_CONFIRMED}", code="not_confirmed")


def _require_terminal(option: str) -> None:
    if not sys.stdin.isatty():
        raise Refused(f"Nobody can be asked here: say {option}. Nothing was changed.", code="not_confirmed")
