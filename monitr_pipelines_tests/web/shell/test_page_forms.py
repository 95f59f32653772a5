"""Every form there is, found by its route: without the token of the form it changes nothing."""

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.app import create_app
from monitr_pipelines.web.wizard.visits import AT_ENTITY, AT_FILES
from monitr_pipelines_tests.web.wizard_kit import HEADER, Person, booking

FORMS = sorted(
    {
        route.path
        for route in iter_route_contexts(create_app().routes)
        if "POST" in (route.methods or ()) and not route.path.startswith("/hooks/")
    }
)
# All that a form can change, by the organisation whose person sends it.
STATE = """
select
    (select jsonb_agg(t order by id) from app.entity as t where organisation_id = %(id)s) as entities,
    (select jsonb_agg(t order by id) from app.access_token as t where organisation_id = %(id)s) as tokens,
    (select jsonb_agg(t order by session_hash) from app.web_session as t where organisation_id = %(id)s)
        as sessions,
    (select jsonb_agg(t order by id) from app.integration as t where organisation_id = %(id)s) as connections,
    (select jsonb_agg(t order by id) from app.change as t where organisation_id = %(id)s) as changes,
    (
        select jsonb_agg(t order by t.id)
        from app.import as t inner join app.entity as e on t.entity_id = e.id
        where e.organisation_id = %(id)s
    ) as imports,
    (
        select jsonb_agg(t order by t.id)
        from app.upload as t inner join app.entity as e on t.entity_id = e.id
        where e.organisation_id = %(id)s
    ) as uploads
"""


def test_the_forms_are_found() -> None:
    assert {"/sign-in", "/sign-in/{link}", "/entities/{key}/sync", AT_ENTITY} <= set(FORMS)


@pytest.fixture
def uploads(person: Person, connection: Connection) -> list[str]:
    """A file that was refused and may be read again, and one that waits to be confirmed."""
    refused, draft = (person.draft(HEADER + booking(day)) for day in ("2025-01-31", "2026-01-31"))
    ids = [page.rpartition("/")[2] for page in (refused, draft)]
    connection.execute("update app.upload set state = 'refused' where id = %s", [ids[0]])
    return ids


@pytest.mark.parametrize("given", [None, "0" * 64], ids=["no token", "a wrong token"])
@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_its_token_changes_nothing(
    path: str, given: str | None, person: Person, uploads: list[str], connection: Connection
) -> None:
    company = person.company
    _, link = access_tokens.create(connection, company.name, "Jo", access_tokens.LINK)
    person.client.get(f"/sign-in/{link}")  # its cookie is there, as in the browser of someone who is lured
    row = connection.execute(
        "insert into app.integration (organisation_id, provider, credentials) values (%s, 'tryton', 'x') "
        "returning id",
        [company.organisation_id],
    ).fetchone()
    assert row is not None
    known = {"key": company.key, "link": link, "provider": "tryton", "number": row["id"]}
    before = state(connection, company.organisation_id)
    for upload in uploads:
        address = path.format(upload=upload, **known)
        answer = post(person, f"{address}?files={upload}" if path == AT_FILES else address, path, given)
        assert answer.status_code == 403 or (given is None and answer.status_code == 400), answer.text
        assert state(connection, company.organisation_id) == before


def post(person: Person, address: str, path: str, csrf: str | None) -> httpx2.Response:
    """Send a form that lacks nothing else."""
    company = person.company
    fields = {"entity": company.key, "scope": "all", "token": company.token, "action": "import"}
    files = {"file": ("books.csv", HEADER.encode())} if path == AT_ENTITY else None
    data = fields if csrf is None else {"csrf": csrf, **fields}
    return person.client.post(address, data=data, files=files)


def state(connection: Connection, organisation_id: int) -> dict[str, object]:
    row = connection.execute(STATE, {"id": organisation_id}).fetchone()
    assert row is not None
    return row
