"""Twinfield: a browse question for each period; answers have no pages."""

import requests

from bench.connectors.software import (
    FAR_AHEAD,
    MONEY,
    SECONDS,
    Document,
    Settings,
    Software,
    resource,
)
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.volume import FIRST_MONTH
from monitr_pipelines.providers.twinfield import datasets, envelopes
from monitr_pipelines.providers.twinfield.browse import CODE, LINE, NUMBER, question
from monitr_pipelines.providers.twinfield.lines import FOREIGN
from monitr_pipelines.providers.twinfield.periods import period_name, ranges_of
from monitr_pipelines.providers.twinfield.sign_in import CONNECT

WITHOUT_LIMITS = {"credits_a_minute": "100000000"}
KEY = [CODE, NUMBER, LINE]
YEARS = 3


def _signed_in(announced: Settings) -> Settings:
    form = {"grant_type": "refresh_token", "refresh_token": announced["refresh_token"]}
    told = requests.post(
        f"{announced['url']}{CONNECT}/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=SECONDS
    ).json()
    return {**announced, "access_token": told["access_token"], "expires_at": FAR_AHEAD}


def _read_by_dlt(credentials: Settings, office: str) -> Document:
    first = FIRST_MONTH.first_day.year
    months = [period_name(str(first + year), str(month)) for year in range(YEARS) for month in range(1, 13)]
    asked = [
        envelopes.process(credentials["access_token"], office, question(datasets.LINES, within, None))
        for within in ranges_of(months, None)
    ]
    return {
        "client": {"base_url": credentials["url"], "headers": dict(asked[0].headers or {})},
        "endpoint": {"path": asked[0].path, "method": "POST", "data_selector": "$"},
        "resource": {
            **resource("", {datasets.AMOUNT: MONEY, FOREIGN: MONEY}),
            "primary_key": KEY,
        },
        "soap": {
            "bodies": [each.xml.decode() for each in asked if each.xml],
            "record": "tr",
            "fields": [*datasets.LINES.fields, *KEY],
        },
    }


SOFTWARES = (
    Software(
        "Twinfield", "twinfield", _signed_in, _read_by_dlt, "fin_trs_line_basevaluesigned", WITHOUT_LIMITS
    ),
)
