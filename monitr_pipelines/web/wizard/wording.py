"""What the reader of files tells and asks, as the wizard calls it."""

from monitr_pipelines.lifecycle.without_commands import options_in
from monitr_pipelines.web.shell.i18n import has_text, text

# What a guard stops, and the field that lets it pass the next time.
ALLOWANCES = {"shrunken": "allow_shrink", "unbalanced": "allow_unbalanced"}


def told_label(language: str, name: str) -> str:
    """What the page calls a thing that the reader tells about a file, such as its date format."""
    key = f"wizard.told.{name.replace(' ', '_')}"
    return text(language, key) if has_text(key) else name


def fields_asked(message: str) -> set[str]:
    """The fields that a question is about."""
    return {name.replace("-", "_") for name in options_in(message)}


def allowance(error_code: str | None) -> str | None:
    """The field that lets pass what an import was stopped for; None for anything else."""
    return ALLOWANCES.get(error_code or "")
