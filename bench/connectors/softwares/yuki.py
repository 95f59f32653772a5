"""Yuki: a SOAP question for each month, and for what is before and behind."""

from datetime import UTC, date, datetime

import requests

from bench.connectors.software import MONEY, SECONDS, Document, Settings, Software, resource
from monitr_pipelines.emulators.volume import FIRST_MONTH
from monitr_pipelines.providers.soap import envelope, first, headers, parsed
from monitr_pipelines.providers.yuki.datasets import COMMERCIAL, LINES, NAMESPACE, SESSION, Dataset
from monitr_pipelines.providers.yuki.windows import all_of_time

WITHOUT_LIMITS = {"calls_a_day": "100000000"}


def _read_by_dlt(credentials: Settings, administration: str) -> Document:
    session = _session(credentials)
    today: date = datetime.now(UTC).date()
    bodies = [
        envelope(
            NAMESPACE,
            LINES.operation,
            {
                "sessionID": session,
                "administrationID": administration,
                "GLAccountCode": "",
                "StartDate": f"{start}T00:00:00",
                "EndDate": f"{end}T00:00:00",
                "financialMode": COMMERCIAL,
            },
        ).decode()
        for start, end in all_of_time(FIRST_MONTH.first_day, today)
    ]
    return {
        "client": {"base_url": credentials["url"], "headers": _headers(LINES)},
        "endpoint": {"path": LINES.path, "method": "POST", "data_selector": "$"},
        "resource": resource("id", {"transactionAmount": MONEY, "transactionAmountForeignCurrency": MONEY}),
        "soap": {"bodies": bodies, "record": LINES.record, "fields": LINES.fields},
    }


def _session(credentials: Settings) -> str:
    asked = envelope(NAMESPACE, SESSION.operation, {"accessKey": credentials["api_key"]})
    told = requests.post(
        f"{credentials['url']}{SESSION.path}", data=asked, headers=_headers(SESSION), timeout=SECONDS
    )
    found = first(parsed(told.content), SESSION.result)
    if found is None or not found.text:
        raise RuntimeError("the emulator opens no session")
    return found.text


def _headers(dataset: Dataset) -> dict[str, str]:
    return dict(headers(NAMESPACE, dataset.operation))


SOFTWARES = (Software("Yuki", "yuki", dict, _read_by_dlt, "transaction_amount", WITHOUT_LIMITS),)
