"""The pages on which people sign in, and what browsers and programs send to an authorization server."""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode

from monitr_pipelines.emulators.frame.grants import Refused
from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request

FORM = "application/x-www-form-urlencoded"
# What the form of the page sends on of the fields that the browser brought.
CARRIED = ("client_id", "redirect_uri", "response_type", "scope", "state")
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<title>Sign in: emulated {software}</title></head><body><main>
<h1>Emulated {software}</h1>
{body}
</main></body></html>
"""
QUESTION = """<p>{sentence}</p>
<form method="post" action="{action}">{fields}
<button name="decision" value="allow">{allow}</button>
<button name="decision" value="refuse">{refuse}</button>
</form>"""
ALLOWED = """<ul>{lines}</ul>
<form method="post" action="{action}"><button>{button}</button></form>"""


@dataclass(frozen=True)
class Pages:
    """Pages of a software, by its name."""

    software: str

    def message(self, status: int, text: str) -> Answer:
        """A page that only says something."""
        return self._page(status, f"<p>{escape(text)}</p>")

    def missing(self) -> Answer:
        """There is no page here."""
        return self.message(404, "There is no such page.")

    def question(
        self, action: str, sentence: str, fields: str, buttons: tuple[str, str] = ("Allow", "Refuse")
    ) -> Answer:
        """A page on which a person agrees or refuses; sentence and fields are HTML."""
        allow, refuse = buttons
        body = QUESTION.format(sentence=sentence, action=action, fields=fields, allow=allow, refuse=refuse)
        return self._page(200, body)

    def allowed(self, action: str, allowed: Sequence[str], button: str = "Withdraw") -> Answer:
        """A page of what is allowed, a sentence each, on which a person withdraws all of it."""
        if not allowed:
            return self.message(200, "No app may read your books.")
        lines = "".join(f"<li>{escape(sentence)}</li>" for sentence in allowed)
        return self._page(200, ALLOWED.format(lines=lines, action=action, button=button))

    def _page(self, status: int, body: str) -> Answer:
        return Answer.text(PAGE.format(software=self.software, body=body), HTML, status)


def asked(request: Request) -> dict[str, str]:
    """What a browser brings to the page: its query, or the form that came of the page."""
    return dict(request.query) if request.method == "GET" else form(request)


def hidden(fields: Mapping[str, str], names: Sequence[str] = CARRIED) -> str:
    """Those of the fields that the page's form sends on."""
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(fields[name])}">'
        for name in names
        if name in fields
    )


def back(fields: Mapping[str, str], **reply: str) -> Answer:
    """The browser goes back where it came from, with a reply and the state that it brought."""
    if "state" in fields:
        reply["state"] = fields["state"]
    redirect = fields["redirect_uri"]
    separator = "&" if "?" in redirect else "?"
    return Answer(302, headers={"Location": f"{redirect}{separator}{urlencode(reply)}"})


def form(request: Request) -> dict[str, str]:
    """The fields of a form, none where the body is something else."""
    if kind(request) != FORM:
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def kind(request: Request) -> str:
    """What the body is, such as `application/json`."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def basic(request: Request) -> dict[str, str]:
    """The program's key where it stands in a header."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, separator, secret = b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret} if separator else {}


def needed(fields: Mapping[str, str], refusal: Callable[[str], Refused], *names: str) -> list[str]:
    """The values of parameters.

    Raises:
        Refused: The refusal of the first that is missing or empty.
    """
    for name in names:
        if not fields.get(name):
            raise refusal(name)
    return [fields[name] for name in names]
