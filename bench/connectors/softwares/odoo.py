"""Odoo, over both of its interfaces: pages by the number of their last line."""

from collections.abc import Mapping
from typing import Any

import requests

from bench.connectors.software import MONEY, PAGE_ROWS, SECONDS, Document, Settings, Software, resource
from monitr_pipelines.providers.odoo import datasets as odoo

# `false` stands for whatever is empty: without a type each such field would get a second column.
ODOO_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("debit", "credit", "balance", "amount_currency"), MONEY),
    **{name: {"data_type": "json"} for name in ("partner_id", "currency_id", "analytic_distribution")},
    **{name: {"data_type": "text"} for name in ("name", "ref", "move_name")},
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
        "resource": resource("id", ODOO_COLUMNS),
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
        "resource": resource("id", ODOO_COLUMNS),
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


SOFTWARES = (
    Software("Odoo 18, JSON-RPC", "odoo", dict, _odoo_18, "balance", {"version": "18"}),
    Software("Odoo 19, JSON-2", "odoo", dict, _odoo_19, "balance", {"version": "19"}),
)
