"""What a validator found: data, not an exception, so that a reader sees every problem at once."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitr_pipelines.ledger.sentences import Sentence, of_json, sentence
from monitr_pipelines.ledger.wording import cut

SHOWN_FINDINGS = 100
# Of one kind: more of them are told in one line.
SHOWN_OF_KIND = 3
NAMED_LINES = 10
LONGEST_MESSAGE = 1000


class Severity(StrEnum):
    """An error stops the import; a warning is shown and the import goes on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: a stable code, what was found and expected, and where.

    `line` and `column` count from 1 and are None where the source has no such position. Messages may
    quote any text of the source, so they are cut when long. A message that is a `Sentence` can be told in
    other languages; `sentence` is that then.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    line: int | None = None
    column: str | None = None
    sentence: Sentence | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.message, Sentence):
            object.__setattr__(self, "sentence", self.message)
        object.__setattr__(self, "message", cut(self.message, LONGEST_MESSAGE))

    def __str__(self) -> str:
        places = [f"line {self.line}"] if self.line is not None else []
        places += [f"column {self.column}"] if self.column is not None else []
        return f"{', '.join(places)}: {self.message}" if places else self.message


def of_record(row: Mapping[str, Any]) -> Finding:
    """A finding as it was recorded; what another release recorded keeps its English."""
    message = row["message"]
    with suppress(KeyError, ValueError):
        told = of_json(row["sentence"]) if row["sentence"] else None
        message = told if isinstance(told, Sentence) else message
    return Finding(row["code"], message, Severity(row["severity"]), row["line"], row["column"])


def grouped(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as people read them: of many of a kind the first, with the lines of the others.

    The order is that of the first of each kind.
    """
    kinds: dict[tuple[object, ...], list[Finding]] = {}
    for found in findings:
        kinds.setdefault((found.severity, found.code, found.column), []).append(found)
    told: list[Finding] = []
    for alike in kinds.values():
        told += alike if len(alike) <= SHOWN_OF_KIND else [_one_for_all(alike)]
    return told


def _one_for_all(alike: Sequence[Finding]) -> Finding:
    first, *others = alike
    what = first.sentence if first.sentence is not None else first.message
    lines = [str(other.line) for other in others if other.line is not None]
    if len(lines) < len(others):
        message = sentence("more_of_kind", what=what, count=len(others))
    else:
        named = ", ".join(lines[:NAMED_LINES]) + (", …" if len(lines) > NAMED_LINES else "")
        message = sentence("more_of_kind_in_lines", what=what, count=len(others), lines=named)
    return Finding(first.code, message, first.severity, first.line, first.column)


def listing(findings: Iterable[Finding]) -> str:
    """Findings one a line, or one for many of a kind; the first hundred of them."""
    every = grouped(findings)
    shown = [str(finding) for finding in every[:SHOWN_FINDINGS]]
    if len(every) > SHOWN_FINDINGS:
        shown.append(f"... and {len(every) - SHOWN_FINDINGS} more")
    return "\n".join(shown)
