"""Recorded messages as a page shows them: with the labels of its fields, in the reader's language."""

from functools import partial

from monitr_pipelines.lifecycle.without_commands import without_commands
from monitr_pipelines.web.shell.i18n import has_text, text


def on_page(language: str, message: str, *, takes_files: bool = True) -> str:
    """A message with what someone can do on a page in the place of commands and options."""
    return without_commands(message, takes_files=takes_files, field=partial(_label, language))


def _label(language: str, option: str) -> str | None:
    key = f"wizard.field.{option.replace('-', '_')}"
    return text(language, key) if has_text(key) else None
