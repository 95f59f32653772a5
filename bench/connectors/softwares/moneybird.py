"""Moneybird: pages of a hundred lines, month by month and of one project at a time."""

from itertools import product

import requests

from bench.connectors.software import MONEY, SECONDS, Document, Settings, Software, allowed_in, resource
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.volume import FIRST_MONTH
from monitr_pipelines.providers.moneybird import datasets
from monitr_pipelines.providers.moneybird.sign_in import SCOPES

WITHOUT_LIMITS = {"consent": "automatic", "calls": "100000000"}
MONTHS = 36


def _signed_in(announced: Settings) -> Settings:
    client = (CLIENT_ID, CLIENT_SECRET)
    return allowed_in(announced, client, "/oauth/authorize", "/oauth/token", SCOPES)


def _read_by_dlt(credentials: Settings, administration: str) -> Document:
    """Each month by project, as our connector asks for it: parts of a list, in dlt's own words."""
    books = f"{credentials['url']}/api/v2/{administration}/"
    months = [FIRST_MONTH.plus(step) for step in range(MONTHS)]
    slices = product(months, ["null", *_projects(books, credentials["access_token"])])
    return {
        "client": {"base_url": books, "auth": {"type": "bearer", "token": credentials["access_token"]}},
        "endpoint": {
            "path": datasets.ENTRIES.path,
            "params": {
                "period": "{resources.parts.period}",
                "project_id": "{resources.parts.project_id}",
                "per_page": datasets.PAGE,
            },
            "paginator": {"type": "header_link"},
        },
        "parts": [
            {"period": f"{month.year}{month.month:02}", "project_id": project} for month, project in slices
        ],
        "resource": resource("id", {"amount": MONEY}),
    }


def _projects(books: str, token: str) -> list[str]:
    answer = requests.get(
        f"{books}{datasets.PROJECTS.path}",
        params={"filter": "state:all", "per_page": str(datasets.PAGE)},
        headers={"Authorization": f"Bearer {token}"},
        timeout=SECONDS,
    )
    return [row["id"] for row in answer.json()]


SOFTWARES = (Software("Moneybird", "moneybird", _signed_in, _read_by_dlt, "amount", WITHOUT_LIMITS),)
