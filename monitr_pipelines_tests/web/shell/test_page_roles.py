"""Every route and every role: who may less gets 403 and nothing changes; every form says what it needs."""

from collections.abc import Iterator

import httpx2
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.app import create_app
from monitr_pipelines.web.shell.visitor import Needs, signed_in
from monitr_pipelines_tests.web.page_kit import Company, make_company, sign_in

# Of whoever is signed in, whatever the role.
OF_EVERYBODY = {"/sign-out"}
# They sign someone in, or are for programs.
WITHOUT_VISITOR = {
    "/sign-in", "/sign-in/{link}", "/hooks/imports", "/api/reports", "/api/reports/{entity}/trial-balance",
    "/api/reports/{entity}/transactions",
    *(f"/api/reports/{{entity}}/{kind.replace('_', '-')}" for kind in Kind),
}  # fmt: skip
# They tell nothing of an organisation, and change nothing of one.
OF_NOBODY = {
    "/", "/health", "/health/live", "/health/ready", "/import-template.csv", "/language/{language}",
    "/metrics", "/openapi.json", "/static/{name}",
}  # fmt: skip
# What each route needs, beyond being signed in: written down a second time, for whoever changes one.
NEEDED = {
    ("POST", "/entities/sync"): Role.IMPORTER,
    ("POST", "/entities/{key}/sync"): Role.IMPORTER,
    ("GET", "/entities/{key}/reset"): Role.EDITOR,
    ("POST", "/entities/{key}/reset"): Role.EDITOR,
    ("GET", "/entities/{key}/import"): Role.IMPORTER,
    ("POST", "/entities/{key}/import"): Role.IMPORTER,
    ("GET", "/entities/{key}/import/together"): Role.IMPORTER,
    ("GET", "/entities/{key}/import/together/outcome"): Role.IMPORTER,
    ("POST", "/entities/{key}/import/together"): Role.IMPORTER,
    ("GET", "/entities/{key}/import/{upload}"): Role.IMPORTER,
    ("POST", "/entities/{key}/import/{upload}"): Role.IMPORTER,
    ("GET", "/entities/{key}/import/{upload}/progress"): Role.IMPORTER,
    ("GET", "/entities/{key}/import/{upload}/outcome"): Role.IMPORTER,
    ("POST", "/entities/{key}/import/{upload}/reopen"): Role.IMPORTER,
    ("GET", "/entities/{key}/import/{upload}/discard"): Role.IMPORTER,
    ("POST", "/entities/{key}/import/{upload}/discard"): Role.IMPORTER,
    ("POST", "/entities/{key}/mapping"): Role.EDITOR,
    ("POST", "/entities/{key}/mapping/preview"): Role.EDITOR,
    ("POST", "/entities/{key}/mapping/file"): Role.EDITOR,
    ("POST", "/entities/{key}/mapping/undo"): Role.EDITOR,
    ("POST", "/entities/{key}/mapping/structures"): Role.EDITOR,
    ("POST", "/entities/{key}/mapping/structures/preview"): Role.EDITOR,
    ("GET", "/entities/{key}/mapping/structures/{number}/choose"): Role.EDITOR,
    ("POST", "/entities/{key}/mapping/structures/{number}/choose"): Role.EDITOR,
    ("GET", "/entities/{key}/mapping/structures/{number}/delete"): Role.EDITOR,
    ("POST", "/entities/{key}/mapping/structures/{number}/delete"): Role.EDITOR,
    ("GET", "/integrations/connect"): Role.ADMINISTRATOR,
    ("GET", "/integrations/connect/{provider}"): Role.ADMINISTRATOR,
    ("GET", "/integrations/{number}/reconnect"): Role.ADMINISTRATOR,
    ("POST", "/integrations/connect/{provider}/test"): Role.ADMINISTRATOR,
    ("POST", "/integrations/connect/{provider}/sign-in"): Role.ADMINISTRATOR,
    ("POST", "/integrations/keep"): Role.ADMINISTRATOR,
    ("GET", "/integrations/callback"): Role.ADMINISTRATOR,
    ("POST", "/integrations/{number}/administrations"): Role.EDITOR,
    ("POST", "/integrations/{number}/administrations/read"): Role.EDITOR,
    ("GET", "/integrations/{number}/remove"): Role.ADMINISTRATOR,
    ("POST", "/integrations/{number}/remove"): Role.ADMINISTRATOR,
}
STATE = """
select
    (select jsonb_agg(t order by id) from app.entity as t where organisation_id = %(id)s) as entities,
    (select jsonb_agg(t order by id) from app.integration as t where organisation_id = %(id)s) as connections,
    (select jsonb_agg(t order by id) from app.import as t where organisation_id = %(id)s) as imports,
    (select jsonb_agg(t order by id) from app.upload as t where organisation_id = %(id)s) as uploads,
    (
        select jsonb_agg(t order by t) from app.chosen_line as t where organisation_id = %(id)s
    ) as choices,
    (
        select jsonb_agg(t order by id) from app.reporting_structure as t where organisation_id = %(id)s
    ) as structures,
    (select jsonb_agg(t order by id) from app.change as t where organisation_id = %(id)s) as changes
"""


def routes() -> Iterator[tuple[str, str, Dependant]]:
    """Method, path and dependencies of every route that a visitor reaches."""
    for route in iter_route_contexts(create_app().routes):
        dependant = getattr(route, "dependant", None)
        if dependant is None or route.path in WITHOUT_VISITOR:
            continue
        if signed_in in set(calls(dependant)):
            for method in route.methods or ():
                yield method, route.path, dependant


def calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from calls(each)


def needed(dependant: Dependant) -> Role:
    roles = [call.role for call in calls(dependant) if isinstance(call, Needs)]
    return max(roles, key=list(Role).index, default=Role.READER)


def test_every_route_needs_what_is_written_down() -> None:
    found = {(method, path): needed(dependant) for method, path, dependant in routes()}
    assert {at: role for at, role in found.items() if role is not Role.READER} == NEEDED


def test_every_other_route_is_one_of_nobodys() -> None:
    """A route that asks for no visitor is written down too: none is forgotten."""
    walked = {path for _, path, _ in routes()}
    found = {route.path for route in iter_route_contexts(create_app().routes)}
    assert found - walked == OF_NOBODY | WITHOUT_VISITOR


def test_no_form_can_be_sent_by_a_reader() -> None:
    forms = {
        route.path
        for route in iter_route_contexts(create_app().routes)
        if "POST" in (route.methods or ()) and route.path not in WITHOUT_VISITOR | OF_EVERYBODY
    }
    assert forms == {path for method, path in NEEDED if method == "POST"}


@pytest.fixture
def company(connection: Connection) -> Company:
    made = make_company(connection, provider="file")
    connection.execute(
        "insert into app.integration (organisation_id, provider, credentials) values (%s, 'tryton', 'x')",
        [made.organisation_id],
    )
    return made


@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_what_it_may_and_nothing_else(
    connection: Connection, client: httpx2.Client, company: Company, role: Role
) -> None:
    _, token = access_tokens.create(connection, company.name, "Jo", access_tokens.TOKEN, role)
    sign_in(client, token)
    before = state(connection, company)
    row = connection.execute(
        "select id from app.integration where organisation_id = %s and was_connected",
        [company.organisation_id],
    ).fetchone()
    assert row is not None
    asked = []
    for method, path, dependant in routes():
        if path in OF_EVERYBODY or path == "/entities/events":
            continue
        given = {
            "upload": 1,
            "number": row["id"],
            "provider": "tryton",
            "sheet": "balance-sheet",
            "form": "csv",
        }
        address = path.format(key=company.key, **given)
        # A form without its token: who may gets past the role, and is stopped there.
        data = {"csrf": "0" * 64} if method == "POST" else None
        answer = client.request(method, address, data=data)
        allowed = role.may(needed(dependant))
        told = "Your role does not allow this." in answer.text
        assert told != allowed, (method, path, answer.status_code)
        assert (answer.status_code == 403) or allowed, path
        if method == "POST" and allowed:
            assert answer.status_code in (400, 403, 404), path
        asked.append(path)
    assert len(asked) > 25
    assert state(connection, company) == before


def state(connection: Connection, company: Company) -> dict[str, object]:
    row = connection.execute(STATE, {"id": company.organisation_id}).fetchone()
    assert row is not None
    return row


def test_pages_leave_out_what_a_role_may_not(connection: Connection, client: httpx2.Client) -> None:
    company = make_company(connection)
    shown = {}
    for role in Role:
        _, token = access_tokens.create(connection, company.name, "Jo", access_tokens.TOKEN, role)
        sign_in(client, token)
        page = client.get("/entities").text
        shown[role] = ("Sync now" in page, "Reset…" in page)
        assert ("Connect software" in client.get("/integrations").text) == (role is Role.ADMINISTRATOR)
    assert list(shown.values()) == [(False, False), (True, False), (True, True), (True, True)]


def test_an_older_token_is_an_administrators(connection: Connection) -> None:
    """As before there were roles."""
    company = make_company(connection)
    connection.execute(
        "insert into app.access_token (organisation_id, kind, person, token_hash) "
        "values (%s, 'token', 'Jo', sha256(convert_to(%s, 'UTF8')))",
        [company.organisation_id, company.name],
    )
    rows = [row for row in access_tokens.listed(connection) if row["organisation"] == company.name]
    assert [row["role"] for row in rows] == ["administrator", "administrator"]
