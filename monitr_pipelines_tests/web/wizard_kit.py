"""Someone signed in who takes files through the wizard, and imports as a run would do them."""

import itertools
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from io import BytesIO

import httpx2
from openpyxl import Workbook

from monitr_pipelines.importing.session import ImportSession, begin
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import Company, form_token, sign_in

_numbers = itertools.count(1)

HEADER = "date,account_code,account_name,description,debit,credit\n"


def booking(day: str, amount: str = "100.00") -> str:
    return f"{day},611000,Electricity,Invoice,{amount},\n{day},440000,Suppliers,Invoice,,{amount}\n"


def xlsx() -> bytes:
    return book({"Sheet": [line.split(",") for line in (HEADER + booking("2025-01-31")).splitlines()]})


def book(sheets: Mapping[str, Iterable[Sequence[object]]]) -> bytes:
    """A workbook of sheets by their names."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


@dataclass(frozen=True)
class Person:
    """A signed-in client at the wizard of one entity."""

    client: httpx2.Client
    company: Company

    @property
    def address(self) -> str:
        return f"/entities/{self.company.key}/import"

    def upload(self, content: bytes | str, name: str = "books.csv") -> httpx2.Response:
        data = content.encode() if isinstance(content, str) else content
        fields = {"csrf": form_token(self.client, self.address)}
        return self.client.post(self.address, data=fields, files={"file": (name, data)})

    def draft(self, content: bytes | str, name: str = "books.csv") -> str:
        """The address of the page of an uploaded file."""
        answer = self.upload(content, name)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def drafts(self, files: Mapping[str, bytes | str]) -> str:
        """The address of the page of files, by their names, that were uploaded together."""
        parts = [
            ("file", (name, content.encode() if isinstance(content, str) else content))
            for name, content in files.items()
        ]
        fields = {"csrf": form_token(self.client, self.address)}
        answer = self.client.post(self.address, data=fields, files=parts)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def send(self, page: str, action: str, **fields: str) -> httpx2.Response:
        csrf = form_token(self.client, page)
        return self.client.post(page, data={"csrf": csrf, "action": action, **fields})

    def outcome(self, page: str) -> str:
        return words(self.client.get(f"{page}/progress").text)


def signed_in(client: httpx2.Client, company: Company) -> Person:
    assert sign_in(client, company.token).status_code == 303
    return Person(client, company)


def words(page: str) -> str:
    """What the main part of a page says, without its markup."""
    main = page.partition("<main")[2] or page
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def started(connection: Connection, key: str) -> ImportSession:
    """The waiting import of an entity, or a new one, as a run that begins it."""
    waiting = connection.execute(
        """
        select i.id from app.import as i inner join app.entity as e on i.entity_id = e.id
        where e.key = %s and i.started_at is null and i.finished_at is null
        """,
        [key],
    ).fetchone()
    run_id = f"wizard-run-{os.getpid()}-{next(_numbers)}"
    return begin(key, run_id=run_id, import_id=waiting["id"] if waiting else None, trigger="cli")


def run_import(connection: Connection, key: str) -> ImportSession:
    """The steps of an import in their order, its outcome recorded."""
    session = started(connection, key)
    try:
        session.fetch()
        session.publish()
    except ImportProblem as problem:
        session.failed(problem)
    finally:
        session.end()
    return session


def closing_balances(connection: Connection, key: str) -> dict[str, object]:
    rows = connection.execute(
        """
        select account_code, sum(debit - credit) as balance
        from marts.trial_balance as balances inner join app.entity as e on balances.entity_id = e.id
        where e.key = %s group by account_code
        """,
        [key],
    )
    return {row["account_code"]: row["balance"] for row in rows}


def uploads_of(connection: Connection, key: str) -> list[dict[str, object]]:
    return connection.execute(
        """
        select
            u.id, u.state, u.size_bytes, u.settings, u.mode,
            (select count(*) from app.upload_chunk where upload_id = u.id) as chunks
        from app.upload as u inner join app.entity as e on u.entity_id = e.id
        where e.key = %s order by u.id
        """,
        [key],
    ).fetchall()


def imports_of(connection: Connection, key: str) -> list[dict[str, object]]:
    return connection.execute(
        """
        select i.id, i.trigger, i.requested_by, i.outcome, i.error_code, i.options
        from app.import as i inner join app.entity as e on i.entity_id = e.id
        where e.key = %s order by i.id
        """,
        [key],
    ).fetchall()
