"""An accounting software that is measured: how its emulator is started, and how dlt is told to read it.

dlt asks for the same rows and fields as our connector does, with its own classes for authentication and
paging where it has them. Amounts are declared as decimals, as exact ones must be; nested values stay JSON:
by default dlt would make a table of its own of each field that refers to another row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

PAGE_ROWS = 1_000
SECONDS = 60
LINES = "lines"
MONEY = {"data_type": "decimal", "precision": 19, "scale": 4}
UPSERT = {"disposition": "merge", "strategy": "upsert"}
FAR_AHEAD = "2100-01-01T00:00:00+00:00"
BACK = "http://127.0.0.1/"

Settings = Mapping[str, str]
Document = dict[str, Any]


@dataclass(frozen=True)
class Software:
    """One that is measured.

    Args:
        title: As rows name it.
        provider: The connector and the emulator.
        options: How the emulator is started.
        credentials: What our connection holds, from the settings that the emulator announces.
        peer: What `bench.contestants.dlt_rest_api` is given, from the credentials and the administration.
        amounts: SQL of the amount of a row that dlt loaded, debit positive.
    """

    title: str
    provider: str
    credentials: Callable[[Settings], Settings]
    peer: Callable[[Settings, str], Document]
    amounts: str
    options: Settings = field(default_factory=dict)


def resource(key: str, columns: Mapping[str, Mapping[str, Any]]) -> Document:
    """The lines as a resource of dlt: the name of their key, and hints of columns by name."""
    named = {name: dict(hints) for name, hints in columns.items()}
    return {
        "name": LINES,
        "primary_key": key,
        "write_disposition": UPSERT,
        "max_table_nesting": 0,
        "columns": named,
    }


def allowed_in(
    announced: Settings, client: tuple[str, str], page: str, token: str, scopes: Sequence[str] = ()
) -> Settings:
    """An access token as a person's consent gives it; it does not end while pages are remembered with it.

    Args:
        announced: The settings that the emulator tells.
        client: The id and the secret of who asks.
        page: The path of the page of consent.
        token: The path at which the code that it gives is exchanged.
        scopes: What is asked for, where that is not whatever the software gives.
    """
    number, secret = client
    asked = {"client_id": number, "redirect_uri": BACK}
    shown = requests.get(
        f"{announced['url']}{page}",
        params={**asked, "response_type": "code"} | ({"scope": " ".join(scopes)} if scopes else {}),
        allow_redirects=False,
        timeout=SECONDS,
    )
    (code,) = parse_qs(urlsplit(shown.headers["Location"]).query)["code"]
    form = {**asked, "client_secret": secret, "grant_type": "authorization_code", "code": code}
    told = requests.post(f"{announced['url']}{token}", data=form, timeout=SECONDS).json()
    tokens = {name: told[name] for name in ("access_token", "refresh_token") if name in told}
    return {**announced, **tokens, "expires_at": FAR_AHEAD}
