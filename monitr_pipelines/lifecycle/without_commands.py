"""Messages for people who have a page and no command line: what they can do in the place of commands."""

import re
from collections.abc import Callable

OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
EXAMPLE = re.compile(r",? for example --columns [^{]*\{[^}]*\}|,? such as --[a-z-]+ [\w/-]+")
ALLOWANCE = re.compile(r"import again with --allow-(?:shrink|unbalanced)")
SETTING = re.compile(r"(?:, say so)?: `(?:monitr entity set|--set)[^`]*`")
# Anchored where sentences begin: tried at each letter of a long one, it would take minutes.
SENTENCE = re.compile(r"(?:(?<=[.!?\n])|^)[^.!?\n]*`monitr [^`]*`[^.!?\n]*[.!?]?")
WHO_SETS = "ask whoever manages Monitr for you to"
FIELDS = {
    "delimiter": "delimiter",
    "date-format": "date format",
    "decimal": "decimal mark",
    "thousands": "mark between thousands",
    "encoding": "character set",
    "columns": "columns",
    "allow-shrink": "accept that months lose their lines",
    "allow-unbalanced": "accept that debit and credit differ",
}


def without_commands(
    message: str, *, takes_files: bool, field: Callable[[str], str | None] = FIELDS.get
) -> str:
    """A message with names of fields for options; `field` knows them, None leaves an option as it is.

    Where no file is uploaded there is no page on which someone could accept what the import refused.
    """
    if not takes_files:
        message = ALLOWANCE.sub(f"{WHO_SETS} accept that", message)
    message = SETTING.sub(f", {WHO_SETS} set that", EXAMPLE.sub("", message))
    return OPTION.sub(lambda option: _named(option, field), SENTENCE.sub("", message)).strip()


def options_in(message: str) -> set[str]:
    """The options that a message names."""
    return set(OPTION.findall(message))


def _named(option: re.Match[str], field: Callable[[str], str | None]) -> str:
    name = field(option.group(1))
    return f"“{name}”" if name else option.group()
