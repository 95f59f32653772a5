"""Organisations with entities, their people, and imports that go their way while a page is open."""

import itertools
import os
import re
from dataclasses import dataclass

import httpx2

from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.queue import claims, outcome
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server.database import Connection

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Company:
    """An organisation, the keys of its entities, and a token of one of its people."""

    organisation_id: int
    name: str
    keys: tuple[str, ...]
    token_id: int
    token: str

    @property
    def key(self) -> str:
        return self.keys[0]


def make_company(
    connection: Connection,
    names: tuple[str, ...] = ("Bakkerij Peeters",),
    *,
    provider: str = "tryton",
    subscription: str = "active",
    name: str | None = None,
    role: Role = Role.ADMINISTRATOR,
) -> Company:
    number = f"{os.getpid()}-{next(_numbers)}"
    name = name or f"Group {number}"
    made = connection.execute(
        """
        with organisation as (
            insert into app.organisation (name, subscription) values (%s, %s) returning id
        )
        insert into app.integration (organisation_id, provider) select id, %s from organisation
        returning id, organisation_id
        """,
        [name, subscription, provider],
    ).fetchone()
    assert made
    keys = tuple(f"{number}-page-{nth}" for nth in range(len(names)))
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into app.entity (key, organisation_id, integration_id, name) values (%s, %s, %s, %s)",
            [
                (key, made["organisation_id"], made["id"], entity)
                for key, entity in zip(keys, names, strict=True)
            ],
        )
    token_id, token = access_tokens.create(connection, name, "An Peeters", access_tokens.TOKEN, role)
    return Company(made["organisation_id"], name, keys, token_id, token)


def start(connection: Connection, key: str, import_id: int | None = None) -> Claim:
    """An import begins, as a run would begin it."""
    return claims.claim(
        connection, key, run_id=f"page-run-{os.getpid()}-{next(_numbers)}", import_id=import_id, trigger="cli"
    )


def run(connection: Connection, key: str, problem: ImportProblem | None = None) -> Claim:
    """An import from its beginning to its end; figures are there when it succeeds."""
    claimed = start(connection, key)
    end(connection, claimed, problem)
    return claimed


def end(connection: Connection, claimed: Claim, problem: ImportProblem | None = None) -> None:
    if problem is None:
        connection.execute("update app.entity set figures_at = now() where id = %s", [claimed.entity_id])
    assert outcome.finish(connection, claimed, problem)


def long_ago(connection: Connection, claimed: Claim, hours: int = 2) -> None:
    """The import began and ended hours earlier."""
    connection.execute(
        """
        update app.import
        set
            requested_at = requested_at - %(by)s * interval '1 hour',
            started_at = started_at - %(by)s * interval '1 hour',
            finished_at = finished_at - %(by)s * interval '1 hour'
        where id = %(id)s
        """,
        {"by": hours, "id": claimed.import_id},
    )


def sign_in(client: httpx2.Client, token: str) -> httpx2.Response:
    return client.post("/sign-in", data={"csrf": form_token(client, "/sign-in"), "token": token})


def form_token(client: httpx2.Client, path: str) -> str:
    """The token of the last form of a page."""
    found = re.findall(r'name="csrf" value="([0-9a-f]{64})"', client.get(path).text)
    assert found, path
    return found[-1]


def card_text(page: str, key: str) -> str:
    """What a card says, without its markup."""
    card = re.search(rf'<article class="card" id="card-{key}".*?</article>', page, re.DOTALL)
    assert card, f"no card of {key}"
    return " ".join(re.sub(r"<[^>]+>", " ", card.group()).split())
