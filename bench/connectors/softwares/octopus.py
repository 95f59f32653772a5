"""Octopus: one answer for all that changed since a moment, so that dlt need not ask by type of journal."""

from typing import Any

import requests

from bench.connectors.software import MONEY, SECONDS, Document, Settings, Software, resource
from monitr_pipelines.emulators.octopus import KIND
from monitr_pipelines.providers.octopus import datasets
from monitr_pipelines.providers.octopus.sign_in import ROOT

WITHOUT_LIMITS = {"calls_a_day": "100000000"}
EVERYTHING, LONG_AGO = "-1", "1990-01-01 00:00:00.000"
# What tells lines apart: those of a tax have the number of another one.
KEY = [
    "bookyearPeriodeNr",
    "journalType",
    "journalNr",
    "documentSequenceNr",
    "lineSequenceNr",
    "accountKey",
    "bookingAmount",
]
NESTED = ("bookyearKey", "relationKey", "costCentreKey")


def _read_by_dlt(credentials: Settings, dossier: str) -> Document:
    base = f"{credentials['url']}{ROOT}"
    amounts: dict[str, Any] = dict.fromkeys(("bookingAmount", "documentAmount"), MONEY)
    nested = {name: {"data_type": "json"} for name in NESTED}
    return {
        "client": {
            "base_url": f"{base}/dossiers/{dossier}/",
            "headers": {"dossierToken": _connected(credentials, base, dossier)},
        },
        "endpoint": {
            "path": f"bookyears/{EVERYTHING}/{datasets.LINES.path}",
            "params": {"journalTypeId": EVERYTHING, "modifiedTimeStamp": LONG_AGO},
            "data_selector": "modifiedBookings",
            "paginator": "single_page",
        },
        "resource": {**resource("", {**amounts, **nested}), "primary_key": KEY},
    }


def _connected(credentials: Settings, base: str, dossier: str) -> str:
    """The token of a dossier."""
    assert KIND.application is not None  # noqa: S101
    told = requests.post(
        f"{base}/authentication",
        headers={"softwareHouseUuid": KIND.application[0]},
        json={"user": credentials["user"], "password": credentials["password"]},
        timeout=SECONDS,
    ).json()
    asked = requests.post(
        f"{base}/dossiers",
        headers={"Token": told["token"]},
        params={"dossierId": dossier},
        timeout=SECONDS,
    )
    return str(asked.json()["Dossiertoken"])


SOFTWARES = (Software("Octopus", "octopus", dict, _read_by_dlt, "booking_amount", WITHOUT_LIMITS),)
