"""QuickBooks Online: reports of one month after another, which dlt takes as rows that its user lays out."""

from datetime import date, timedelta

import requests

from bench.connectors.software import FAR_AHEAD, MONEY, SECONDS, Document, Settings, Software, resource
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.providers.quickbooks import datasets
from monitr_pipelines.providers.quickbooks.datasets import CREDIT, DEBIT, LEDGER, MEMO, NAME, NUMBER, TYPE

OPTIONS = {"requests_a_minute": "1000000", "currencies": "one"}
COLUMNS = (datasets.DATE, TYPE, NUMBER, NAME, MEMO, *datasets.AXES, DEBIT, CREDIT)
YEARS = (2023, 2024, 2025)


def _signed_in(announced: Settings) -> Settings:
    """An access token; it does not end while pages are remembered with it."""
    form = {"grant_type": "refresh_token", "refresh_token": announced["refresh_token"]}
    address, pair = f"{announced['url']}/oauth2/v1/tokens/bearer", (CLIENT_ID, CLIENT_SECRET)
    told = requests.post(address, data=form, auth=pair, timeout=SECONDS).json()
    tokens = {name: told[name] for name in ("access_token", "refresh_token")}
    return {**announced, **tokens, "expires_at": FAR_AHEAD}


def _read_by_dlt(credentials: Settings, realm: str) -> Document:
    return {
        "client": {
            "base_url": f"{credentials['url']}/v3/company/{realm}",
            "headers": {"Accept": "application/json"},
            "auth": {"type": "bearer", "token": credentials["access_token"]},
        },
        "endpoint": {
            "path": LEDGER.asked,
            "params": {
                "accounting_method": "Accrual",
                "columns": ",".join(COLUMNS),
                "minorversion": datasets.MINOR_VERSION,
            },
            "data_selector": "$",
        },
        "resource": resource("key", {DEBIT: MONEY, CREDIT: MONEY}),
        "windows": [_month(year, number) for year in YEARS for number in range(1, 13)],
        "report": {"transaction": TYPE, "amounts": [DEBIT, CREDIT]},
    }


def _month(year: int, number: int) -> dict[str, str]:
    following = date(year + number // 12, number % 12 + 1, 1)
    return {"start_date": f"{date(year, number, 1)}", "end_date": f"{following - timedelta(days=1)}"}


AMOUNTS = f"coalesce({DEBIT}, 0) - coalesce({CREDIT}, 0)"
SOFTWARES = (Software("QuickBooks Online", "quickbooks", _signed_in, _read_by_dlt, AMOUNTS, OPTIONS),)
