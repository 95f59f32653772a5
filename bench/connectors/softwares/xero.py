"""Xero: pages by the number of the last journal. dlt takes their lines alone, without what journals tell."""

import requests

from bench.connectors.software import FAR_AHEAD, MONEY, SECONDS, Document, Settings, Software, resource
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.providers.xero import datasets

WITHOUT_LIMITS = {"calls_a_minute": "1000000", "calls_a_day": "100000000"}


def _signed_in(announced: Settings) -> Settings:
    """An access token; it does not end while pages are remembered with it."""
    form = {"grant_type": "refresh_token", "refresh_token": announced["refresh_token"]}
    address, pair = f"{announced['url']}/connect/token", (CLIENT_ID, CLIENT_SECRET)
    told = requests.post(address, data=form, auth=pair, timeout=SECONDS).json()
    return {**announced, "access_token": told["access_token"], "expires_at": FAR_AHEAD}


def _read_by_dlt(credentials: Settings, tenant: str) -> Document:
    return {
        "client": {
            "base_url": credentials["url"],
            "headers": {"Accept": "application/json", "xero-tenant-id": tenant},
            "auth": {"type": "bearer", "token": credentials["access_token"]},
        },
        "endpoint": {
            "path": datasets.JOURNALS.path,
            "params": {"offset": 0},
            "data_selector": "Journals[*].JournalLines[*]",
            "paginator": {
                "type": "cursor",
                "cursor_path": "Journals[-1].JournalNumber",
                "cursor_param": "offset",
            },
        },
        "resource": resource(
            "JournalLineID", dict.fromkeys(("NetAmount", "GrossAmount", "TaxAmount"), MONEY)
        ),
    }


SOFTWARES = (Software("Xero", "xero", _signed_in, _read_by_dlt, "net_amount", WITHOUT_LIMITS),)
