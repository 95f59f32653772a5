"""Connecting on the software's own page: leaving for it, and coming back from it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from monitr_pipelines import providers
from monitr_pipelines.importing import signing_in
from monitr_pipelines.warehouse.registry import pending
from monitr_pipelines.warehouse.registry.pending import Pending
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.integrations import connect
from monitr_pipelines.web.integrations.trying import Problem, ask
from monitr_pipelines.web.integrations.visits import Posted, SignedIn, find_connection, find_provider
from monitr_pipelines.web.shell.addresses import INTEGRATIONS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_ADMINISTER, Visitor

# RFC 6749 knows few errors, of which this one is a person's own choice.
DENIED = "access_denied"

router = APIRouter(route_class=PageRoute, include_in_schema=False, dependencies=[TO_ADMINISTER])


@router.post(f"{INTEGRATIONS}/connect/{{provider}}/sign-in")
def leave(request: Request, visitor: SignedIn, provider: str, fields: Posted) -> Response:
    """A page that leads to the software's: a form may not be redirected to another site."""
    software = find_provider(provider)
    if software.sign_in is None:
        raise HTTPException(404)
    number = connect.number_in(fields)
    known = find_connection(visitor, number) if number else None
    if known and known["provider"] != provider:
        raise HTTPException(404)
    given = connect.given_in(software, fields)
    begun = ask(lambda: signing_in.begin(provider, number, given))
    if isinstance(begun, Problem):
        return connect.show_form(
            request, visitor, software, known, problem=begun, given=given, status_code=422
        )
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        state = pending.keep(connection, visitor.organisation_id, visitor.session, begun)
    away = signing_in.page(begun, state)
    return render(request, visitor, "integrations_leaving.html", software=software, away=away)


@router.get(signing_in.CALLBACK)
def come_back(
    request: Request,
    visitor: SignedIn,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=8000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Exchange the code that came back for credentials, once, and keep them.

    The state is spent whatever happens, so that a code is exchanged once.
    """
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        taken = pending.take(connection, visitor.session, state) if state else None
    if taken is None or not taken.verifier or taken.provider not in providers.connectors():
        return _over(request, visitor)
    software = find_provider(taken.provider)
    known = find_connection(visitor, taken.connection_id) if taken.connection_id else None
    problem = _told(error) if error or not code else None
    if problem is None:
        kept = _finish(visitor, taken, state, code, request.query_params)
        if isinstance(kept, Response):
            return kept
        problem = kept
    given = taken.values
    return connect.show_form(request, visitor, software, known, problem=problem, given=given, status_code=422)


def _finish(
    visitor: Visitor, taken: Pending, state: str, code: str, beside: Mapping[str, str]
) -> Response | Problem:
    found = ask(lambda: signing_in.finish(taken, state, code, beside))
    if isinstance(found, Problem):
        return found
    known = find_connection(visitor, taken.connection_id) if taken.connection_id else None
    return connect.keep_found(visitor, found, taken, known)


def _told(error: str) -> Problem:
    return Problem(f"integrations.problem.{'denied' if error == DENIED else 'sign_in_failed'}")


def _over(request: Request, visitor: Visitor) -> Response:
    return render(request, visitor, "integrations_over.html", 410, here=INTEGRATIONS)
