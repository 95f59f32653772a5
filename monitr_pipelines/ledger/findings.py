"""What a validator found: data, not an exception, so that a reader sees every problem at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from monitr_pipelines.ledger.sentences import Sentence
from monitr_pipelines.ledger.wording import cut

SHOWN_FINDINGS = 100
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


def listing(findings: Iterable[Finding]) -> str:
    """Findings one a line, the first hundred of them."""
    every = list(findings)
    shown = [str(finding) for finding in every[:SHOWN_FINDINGS]]
    if len(every) > SHOWN_FINDINGS:
        shown.append(f"... and {len(every) - SHOWN_FINDINGS} more")
    return "\n".join(shown)
