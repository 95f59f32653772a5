"""Messages as a page shows them: in the reader's language, with what can be done on a page."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from monitr_pipelines.lifecycle.advice import of_page
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.web.shell.i18n import FALLBACK, has_text, text


def on_page(language: str, messages: Sequence[Message], *, takes_files: bool = True) -> Markup:
    """Messages with what whoever has a page does about them; what has no translation is marked as English."""
    parts = [part for message in messages for part in _parts(language, message, takes_files=takes_files)]
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
    values: dict[str, object] = dict(message.values)
    state = f"subscription.{str(values.get('state', '')).replace(' ', '_')}"
    told = language != FALLBACK and has_text(state)
    return values | {"state": text(language, state)} if told else values


def _english(language: str, message: Message) -> str:
    if language == FALLBACK:
        return message.text
    return Markup('<span lang="{}">{}</span>').format(FALLBACK, message.text)
