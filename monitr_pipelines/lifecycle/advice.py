"""What answers a message, for each kind of reader: who has the command line, and who has a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from monitr_pipelines.lifecycle.messages import Answer, Message, Option, Setting


@dataclass(frozen=True)
class Advice:
    """How to give an answer: `command` for who has the command line, `page` for who has none.

    `files` is for who uploads the entity's ledger on a page; None where that is no different.
    """

    command: str
    page: str
    files: str | None = None

    def for_page(self, *, takes_files: bool) -> str:
        """What whoever has a page does about an entity."""
        return self.files if takes_files and self.files else self.page


ADVICE: Mapping[Option | Setting, Advice] = {
    Option.ALLOW_SHRINK: Advice(
        "If the lines were really removed, import again with --allow-shrink.",
        "If the lines were really removed, ask whoever manages Monitr for you to accept that.",
        "If the lines were really removed, import again with “Accept that months lose their lines”.",
    ),
    Option.ALLOW_UNBALANCED: Advice(
        "If the difference is known, import again with --allow-unbalanced.",
        "If the difference is known, ask whoever manages Monitr for you to accept that.",
        "If the difference is known, import again with “Accept that debit and credit differ”.",
    ),
    Option.ALLOW_DATES: Advice(
        "If the dates are right, import again with --allow-dates.",
        "If the dates are right, ask whoever manages Monitr for you to accept them.",
        "If the dates are right, import again with “Accept these dates”.",
    ),
    Option.KEEP_CALENDAR: Advice(
        "If the calendar is right as it is, import again with --keep-calendar.",
        "If the calendar is right as it is, ask whoever manages Monitr for you to accept the file.",
        "If the calendar is right as it is, import again with “Keep the fiscal years as they are”.",
    ),
    Option.MODE: Advice(
        "If the file is a part of the year, import it with --mode months, which replaces the months that it "
        "has lines in, or with --mode append where it adds to them.",
        "If the file is a part of the year, import it with “The months in the file”, or with “Nothing: add "
        "to it” where it adds to them.",
    ),
    Option.ENCODING: Advice(
        "Give the right character set with --encoding, such as --encoding cp1252.",
        "Choose the right character set.",
    ),
    Setting.FISCAL_YEAR_START: Advice(
        "If the fiscal year starts in another month, say so: "
        "`monitr entity set {entity} --fiscal-year-start {candidate}`.",
        "If the fiscal year starts in another month, ask whoever manages Monitr for you to set that.",
    ),
    Setting.FISCAL_YEARS: Advice(
        "If just this year is broken or long: `monitr entity set {entity} --set fiscal_years={candidate}`.",
        "If just this year is broken or long, ask whoever manages Monitr for you to set that.",
    ),
}


def for_operations(messages: Sequence[Message], *, entity: str) -> str:
    """Messages in English for who has the command line, with the commands that answer them."""
    return "\n".join(
        " ".join([message.text, *(_command(answer, entity) for answer in message.answers)])
        for message in messages
    )


def for_customer(messages: Sequence[Message], *, takes_files: bool) -> str:
    """Messages in English for who has a page and no command line."""
    return "\n".join(
        " ".join(
            [message.text, *(one.for_page(takes_files=takes_files) for one in of_page(message).values())]
        )
        for message in messages
    )


def of_page(message: Message) -> dict[Option | Setting, Advice]:
    """The answers to a message that someone with a page is advised about; forms ask for the others."""
    return {answer.name: ADVICE[answer.name] for answer in message.answers if answer.name in ADVICE}


def option(name: str) -> str:
    """An option as the command line writes it.

    >>> option("date_format")
    '--date-format'
    """
    return f"--{name.replace('_', '-')}"


def _command(answer: Answer, entity: str) -> str:
    if answer.name in ADVICE and (isinstance(answer.name, Setting) or not answer.candidates):
        return ADVICE[answer.name].command.format(entity=entity, candidate=next(iter(answer.candidates), ""))
    written = [f"{option(answer.name)} {quote(str(candidate))}" for candidate in answer.candidates]
    return f"Answer with {' or '.join(written) or option(answer.name)}."
