"""What the reader of files tells and asks, as the wizard calls it."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.messages import Message, Option
from monitr_pipelines.web.shell.i18n import has_text, text
from monitr_pipelines.web.shell.wording import on_page, told_of

# What a guard stops, and the field that lets it pass the next time.
ALLOWANCES: Mapping[str, str] = {
    "shrunken": Option.ALLOW_SHRINK,
    "unbalanced": Option.ALLOW_UNBALANCED,
    "odd_dates": Option.ALLOW_DATES,
    "other_fiscal_year": Option.KEEP_CALENDAR,
}


def told_label(language: str, name: str) -> str:
    """What the page calls a thing that the reader tells about a file, such as its date format."""
    key = f"wizard.told.{name.replace(' ', '_')}"
    return text(language, key) if has_text(key) else name


def fields_asked(questions: Iterable[Message]) -> set[str]:
    """The fields that questions are about."""
    return {answer.name for question in questions for answer in question.answers}


def asked_in_words(language: str, problem: ImportProblem) -> Markup:
    """What an import would ask, on a page that has a button for each answer."""
    if isinstance(problem, NeedsAnswer):
        return on_page(language, problem.questions)
    return told_of(language, problem.messages)


def allowance(error_code: str | None) -> str | None:
    """The field that lets pass what an import was stopped for; None for anything else."""
    return ALLOWANCES.get(error_code or "")
