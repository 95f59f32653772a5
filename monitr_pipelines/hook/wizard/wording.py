"""What the reader of files says, for the page: it names options of the command line, a page has fields."""

import re

from monitr_pipelines.hook.i18n import has_text, text

OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
EXAMPLE = re.compile(r",? (?:for example|such as) --columns '\{[^}]*\}'|,? such as --[a-z-]+ [\w/-]+")
# What a guard stops, and the field that lets it pass the next time.
ALLOWANCES = {"shrunken": "allow_shrink", "unbalanced": "allow_unbalanced"}


def on_page(language: str, message: str) -> str:
    """A message with the labels of fields in the place of options."""
    return OPTION.sub(lambda option: _label(language, option), EXAMPLE.sub("", message))


def told_label(language: str, name: str) -> str:
    """What the page calls a thing that the reader tells about a file, such as its date format."""
    key = f"wizard.told.{name.replace(' ', '_')}"
    return text(language, key) if has_text(key) else name


def fields_asked(message: str) -> set[str]:
    """The fields that a question is about."""
    return {name.replace("-", "_") for name in OPTION.findall(message)}


def allowance(error_code: str | None) -> str | None:
    """The field that lets pass what an import was stopped for; None for anything else."""
    return ALLOWANCES.get(error_code or "")


def _label(language: str, option: re.Match[str]) -> str:
    key = f"wizard.field.{option.group(1).replace('-', '_')}"
    return f"“{text(language, key)}”" if has_text(key) else option.group()
