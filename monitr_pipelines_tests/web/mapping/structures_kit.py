"""Structures on pages: their addresses, a file that is read in, and the form of its preview."""

import re
from html import unescape

import httpx2

from monitr_pipelines.warehouse.reports import structures
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import Company, form_token

NBB = (structures.FOLDER / "be_nbb.csv").read_text()
# Sales lose the beginning that placed them, and the line that a person placed ovens on has another code.
FEWER = NBB.replace("\n70,", "\nOURS,").replace(",70,,,CF", ",78999,,,CF").replace("\n61,", "\n61X,")


def at(company: Company, *path: object) -> str:
    return "/".join((f"/entities/{company.key}/mapping/structures", *map(str, path)))


def number_of(connection: Connection, name: str, company: Company | None = None) -> int:
    row = connection.execute(
        "select id from app.reporting_structure where name = %s and organisation_id is not distinct from %s",
        [name, company.organisation_id if company else None],
    ).fetchone()
    assert row is not None
    return int(row["id"])


def upload(client: httpx2.Client, company: Company, content: str, name: str = "Our own") -> httpx2.Response:
    data = {"csrf": form_token(client, at(company)), "name": name}
    return client.post(at(company, "preview"), data=data, files={"file": ("own.csv", content.encode())})


def save(client: httpx2.Client, company: Company, preview: httpx2.Response) -> httpx2.Response:
    """The form of a preview, sent."""
    assert preview.status_code == 200, preview.text[:500]
    fields = {
        name: unescape(re.findall(rf'name="{name}" value="([^"]*)"', preview.text)[0])
        for name in ("csrf", "name", "seen", "content")
    }
    return client.post(at(company), data=fields)


def choose(client: httpx2.Client, company: Company, number: int) -> httpx2.Response:
    csrf = form_token(client, at(company, number, "choose"))
    return client.post(at(company, number, "choose"), data={"csrf": csrf})
