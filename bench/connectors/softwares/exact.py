"""Exact Online: pages by the address of the next one."""

from bench.connectors.software import MONEY, Document, Settings, Software, allowed_in, resource
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.providers.exact import datasets

WITHOUT_LIMITS = {"consent": "automatic", "calls_a_minute": "1000000", "calls_a_day": "100000000"}


def _signed_in(announced: Settings) -> Settings:
    return allowed_in(announced, (CLIENT_ID, CLIENT_SECRET), "/api/oauth2/auth", "/api/oauth2/token")


def _read_by_dlt(credentials: Settings, division: str) -> Document:
    return {
        "client": {
            "base_url": f"{credentials['url']}/api/v1/{division}/",
            "headers": {"Accept": "application/json"},
            "auth": {"type": "bearer", "token": credentials["access_token"]},
        },
        "endpoint": {
            "path": datasets.LINES.path,
            "params": {"$filter": "Timestamp gt 0L", "$select": ",".join(datasets.LINES.fields)},
            "data_selector": "d.results",
            "paginator": {"type": "json_link", "next_url_path": "d.__next"},
        },
        "resource": resource("ID", {"AmountDC": MONEY, "AmountFC": MONEY}),
    }


SOFTWARES = (Software("Exact Online", "exact", _signed_in, _read_by_dlt, "amount_dc", WITHOUT_LIMITS),)
