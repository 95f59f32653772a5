"""Messages as a page shows them: in the reader's language, with what can be done on a page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.sentences import Sentence, Value, as_json, capital, of_json
from monitr_pipelines.lifecycle.advice import of_page
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.i18n import FALLBACK, has_text, text


def on_page(language: str, messages: Sequence[Message], *, takes_files: bool = True) -> Markup:
    """Messages with what whoever has a page does about them; what has no translation is marked as English."""
    parts = [part for message in messages for part in _parts(language, message, takes_files=takes_files)]
    return Markup(" ").join(parts)


def told_of(language: str, messages: Sequence[Message]) -> Markup:
    """Messages alone, for a page that has a button for what can be done."""
    parts = (
        _worded(language, f"message.{message.kind}", message) or _english(language, message)
        for message in messages
    )
    return Markup(" ").join(parts)


def question(language: str, message: Message) -> str | None:
    """A question with how the form answers it; None for any other message."""
    return _worded(language, f"wizard.ask.{message.kind}", message)


def _parts(language: str, message: Message, *, takes_files: bool) -> Iterator[str]:
    asked = question(language, message)
    if asked is not None:
        yield asked
        return
    yield _worded(language, f"message.{message.kind}", message) or _english(language, message)
    for name in of_page(message):
        files = f"advice_files.{name}"
        yield text(language, files if takes_files and has_text(files) else f"advice.{name}")


def _worded(language: str, key: str, message: Message) -> str | None:
    """The text of a key; None where there is none, or it names what an older record does not tell."""
    try:
        return text(language, key, **_values(language, message))
    except KeyError:
        return None


def _values(language: str, message: Message) -> dict[str, object]:
    """What a message tells; the state of a subscription by its name in the reader's language."""
    values: dict[str, object] = {name: _shown(language, value) for name, value in message.values.items()}
    state = f"subscription.{str(values.get('state', '')).replace(' ', '_')}"
    told = language != FALLBACK and has_text(state)
    return values | {"state": text(language, state)} if told else values


def finding(language: str, found: object) -> str:
    """What was found, a `Finding` or a row of its record; what has no translation is marked as English."""
    message, recorded = _found(found)
    try:
        told = of_json(recorded) if recorded else message
        if isinstance(told, Sentence):
            return _shown(language, told)
    except (KeyError, ValueError):
        pass  # another release recorded it
    return message if language == FALLBACK else Markup('<span lang="{}">{}</span>').format(FALLBACK, message)


def _found(found: object) -> tuple[str, object]:
    if isinstance(found, Finding):
        return found.message, as_json(found.sentence) if found.sentence is not None else None
    row: Mapping[str, Any] = found  # type: ignore[assignment]  # of `app.finding`
    return row["message"], row["sentence"]


def _shown(language: str, value: Value) -> str:
    """A value as the reader writes it."""
    match value:
        case Sentence():
            values = {name: _shown(language, one) for name, one in value.values.items()}
            return capital(value.kind, i18n.text(language, f"finding.{value.kind}", **values))
        case Decimal():
            return i18n.amount(language, value)
        case date():
            return i18n.day(language, value)
        case Month():
            return i18n.month_of_year(language, value)
        case int():
            return i18n.number(language, value)
    return str(value)


def _english(language: str, message: Message) -> str:
    if language == FALLBACK:
        return message.text
    return Markup('<span lang="{}">{}</span>').format(FALLBACK, message.text)
