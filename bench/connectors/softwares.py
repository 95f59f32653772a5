"""The accounting software that is measured: how an emulator is started, and how dlt is told to read it.

dlt asks for the same rows and fields as our connector does, a thousand rows at a time, with its own classes
for authentication and paging where it has them. Amounts are declared as decimals, as exact ones must be;
nested values stay JSON: by default dlt would make a table of its own of each field that refers to
another row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from monitr_pipelines.emulators.exact import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.providers.exact import datasets as exact
from monitr_pipelines.providers.odoo import datasets as odoo

PAGE_ROWS = 1_000
SECONDS = 60
LINES = "lines"
MONEY = {"data_type": "decimal", "precision": 19, "scale": 4}
UPSERT = {"disposition": "merge", "strategy": "upsert"}
FAR_AHEAD = "2100-01-01T00:00:00+00:00"

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


def _signed_in(announced: Settings) -> Settings:
    """An access token as a person's consent gives it; it does not end while pages are remembered with it."""
    address, back = announced["url"], "http://127.0.0.1/"
    client = {"client_id": CLIENT_ID, "redirect_uri": back}
    page = requests.get(
        f"{address}/api/oauth2/auth",
        params={**client, "response_type": "code"},
        allow_redirects=False,
        timeout=SECONDS,
    )
    (code,) = parse_qs(urlsplit(page.headers["Location"]).query)["code"]
    form = {**client, "client_secret": CLIENT_SECRET, "grant_type": "authorization_code", "code": code}
    told = requests.post(f"{address}/api/oauth2/token", data=form, timeout=SECONDS).json()
    tokens = {name: told[name] for name in ("access_token", "refresh_token")}
    return {**announced, **tokens, "expires_at": FAR_AHEAD}


def _exact(credentials: Settings, division: str) -> Document:
    return {
        "client": {
            "base_url": f"{credentials['url']}/api/v1/{division}/",
            "headers": {"Accept": "application/json"},
            "auth": {"type": "bearer", "token": credentials["access_token"]},
        },
        "endpoint": {
            "path": exact.LINES.path,
            "params": {"$filter": "Timestamp gt 0L", "$select": ",".join(exact.LINES.fields)},
            "data_selector": "d.results",
            "paginator": {"type": "json_link", "next_url_path": "d.__next"},
        },
        "resource": _resource("ID", {"AmountDC": MONEY, "AmountFC": MONEY}),
    }


def _odoo_18(credentials: Settings, company: str) -> Document:
    database, key = credentials["database"], credentials["api_key"]
    service = {"service": "common", "method": "authenticate"}
    signing_in = _call({**service, "args": [database, credentials["username"], key, {}]})
    user = requests.post(f"{credentials['url']}/jsonrpc", json=signing_in, timeout=SECONDS).json()["result"]
    arguments = [database, user, key, odoo.LINE, "search_read", [], _search(company)]
    return {
        "client": {"base_url": credentials["url"]},
        "endpoint": {
            "path": "/jsonrpc",
            "method": "POST",
            "json": _call({"service": "object", "method": "execute_kw", "args": arguments}),
            "data_selector": "result",
        },
        "resource": _resource("id", ODOO_COLUMNS),
        "behind": ["params", "args", 6, "domain", 0, 2],
    }


def _odoo_19(credentials: Settings, company: str) -> Document:
    return {
        "client": {
            "base_url": credentials["url"],
            "headers": {"X-Odoo-Database": credentials["database"]},
            "auth": {"type": "bearer", "token": credentials["api_key"]},
        },
        "endpoint": {
            "path": f"/json/2/{odoo.LINE}/search_read",
            "method": "POST",
            "json": _search(company),
            "data_selector": "$",
        },
        "resource": _resource("id", ODOO_COLUMNS),
        "behind": ["domain", 0, 2],
    }


def _search(company: str) -> Document:
    """The arguments of our connector's own search."""
    return {
        "domain": [["id", ">", 0], *odoo.posted_lines(int(company))],
        "fields": ["id", *odoo.LINES.fields],
        "limit": PAGE_ROWS,
        "order": "id",
        "context": {"active_test": False, "allowed_company_ids": [int(company)]},
    }


def _call(params: Document) -> Document:
    return {"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}


def _resource(key: str, columns: Mapping[str, Mapping[str, Any]]) -> Document:
    named = {name: dict(hints) for name, hints in columns.items()}
    return {
        "name": LINES,
        "primary_key": key,
        "write_disposition": UPSERT,
        "max_table_nesting": 0,
        "columns": named,
    }


# `false` stands for whatever is empty: without a type each such field would get a second column.
ODOO_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("debit", "credit", "balance", "amount_currency"), MONEY),
    **{name: {"data_type": "json"} for name in ("partner_id", "currency_id", "analytic_distribution")},
    **{name: {"data_type": "text"} for name in ("name", "ref", "move_name")},
}
WITHOUT_LIMITS = {"consent": "automatic", "calls_a_minute": "1000000", "calls_a_day": "100000000"}
SOFTWARES: Sequence[Software] = (
    Software("Exact Online", "exact", _signed_in, _exact, "amount_dc", WITHOUT_LIMITS),
    Software("Odoo 18, JSON-RPC", "odoo", dict, _odoo_18, "balance", {"version": "18"}),
    Software("Odoo 19, JSON-2", "odoo", dict, _odoo_19, "balance", {"version": "19"}),
)
