"""The problems of one file: collected while it is read, told to the user in one refusal."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn

from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding, Severity
from monitr_pipelines.ledger.sentences import Sentence, Value, sentence
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message

LONGEST_SHOWN = 60


class BadValueError(Exception):
    """One value of a file that cannot be read; whoever knows the line makes it a finding."""

    def __init__(self, code: str, message: str, column: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.column = column


class Question(Message):
    """What only the user knows, with the options of the import that answer it."""

    def __init__(self, kind: str, values: Mapping[str, Value], *answers: Answer) -> None:
        super().__init__(kind, values, answers)


class NeedsAnswer(InconsistentData):
    """Only the user knows a setting; `headers` are the columns of the file where they are known by then.

    `sheets` are the names of its sheets, of which others may be chosen; `proposed` are our names to the
    headers that probably hold them, and `proposed_sheet` what was chosen before, for the user to confirm.
    """

    code = "needs_answer"
    headers: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    proposed: Mapping[str, str] = MappingProxyType({})
    proposed_sheet: str = ""

    def __init__(self, *questions: Question) -> None:
        super().__init__(*questions)
        self.questions = questions


class Problems:
    """Gathers findings, and refuses the file when there are a hundred errors or it has been read.

    `sheet` is the one of several that is read now; its name stands beside the line of each finding.
    """

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.errors = 0
        self.sheet = ""

    def add(self, code: str, message: str, *, line: int | None = None, column: str | None = None) -> None:
        """An error of the file."""
        self.findings.append(Finding(code, self._in_sheet(message), line=line, column=column))
        self.errors += 1
        if self.errors >= SHOWN_FINDINGS:
            self.refuse()

    def warn(self, code: str, message: str, *, line: int | None = None) -> None:
        """Something the user should know that does not stop the import."""
        self.findings.append(Finding(code, self._in_sheet(message), severity=Severity.WARNING, line=line))

    def _in_sheet(self, message: str) -> str:
        return sentence("in_sheet", sheet=self.sheet, what=message) if self.sheet else message

    def refuse_if_any(self, *answers: Answer) -> None:
        """Refuse the file if it has errors, with what would let it be read."""
        if self.errors:
            self.refuse(*answers)

    def refuse(self, *answers: Answer) -> NoReturn:
        """Refuse the file because of what was found so far."""
        first, *others = [finding for finding in self.findings if finding.severity is Severity.ERROR]
        message = Message("file_refused", {"finding": _placed(first)}, answers)
        if others:
            message = Message(
                "file_refused_for_more", {"finding": _placed(first), "more": len(others)}, answers
            )
        raise InconsistentData(message, findings=self.findings, code="file_refused")


class QuietProblems(Problems):
    """The problems of a first look through a file, which are found again when it is read."""

    def __init__(self) -> None:
        super().__init__([])

    def add(self, code: str, message: str, *, line: int | None = None, column: str | None = None) -> None:
        """Leave it to the reading."""


def refuse_file(code: str, message: str, *, line: int | None = None, column: str | None = None) -> NoReturn:
    """Refuse the file for one problem that makes reading on pointless."""
    problems = Problems([])
    problems.add(code, message, line=line, column=column)
    problems.refuse()


def refuse_format(seems: Sentence) -> NoReturn:
    """Refuse content that is none of the formats read here."""
    raise InconsistentData(Message("unknown_format", {"seems": seems}), code="unknown_format")


def ask(*questions: Question) -> NoReturn:
    """Refuse to guess: the user must answer."""
    raise NeedsAnswer(*questions)


def shown(text: str) -> str:
    """A value of the file as messages quote it, cut when long."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")


def _placed(finding: Finding) -> Value:
    """What was found and where, as a sentence that stands by itself."""
    text = str(finding)
    told = finding.sentence
    if told is None:
        return f"{text[0].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")
    line, column = finding.line, finding.column
    if line is not None and column is not None:
        told = sentence("at_line_and_column", line=str(line), column=column, what=told)
    elif line is not None:
        told = sentence("at_line", line=str(line), what=told)
    elif column is not None:
        told = sentence("at_column", column=column, what=told)
    return sentence("alone" if text.endswith("?") else "alone_with_stop", what=told)
