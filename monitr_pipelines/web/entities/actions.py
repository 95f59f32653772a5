"""What people can do on the Entities page: sync one, many or all, and reset."""

from typing import Annotated

import psycopg
from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.entities.listing import STATES, Wanted, syncable_keys
from monitr_pipelines.web.entities.pages import SignedIn, find_card
from monitr_pipelines.web.shell import addresses
from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_EDIT, TO_IMPORT, Visitor, csrf_checked

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Token = Annotated[str, Form()]


@router.post("/entities/sync", dependencies=[TO_IMPORT])
def sync_many(
    request: Request,
    visitor: SignedIn,
    *,
    csrf: Token,
    scope: Annotated[str, Form()] = "selected",
    entity: Annotated[list[str] | None, Form()] = None,
    q: Annotated[str, Form()] = "",
    status: Annotated[str, Form()] = "",
) -> Response:
    """Ask for an import of the selected entities, or of all that match what is shown."""
    csrf_checked(request, visitor, csrf)
    wanted = Wanted(q, status if status in STATES else "")
    keys = _matching(request, visitor, wanted) if scope == "all" else list(dict.fromkeys(entity or []))
    if scope != "all" and not keys:
        return _go(addresses.entities(q=q, status=wanted.state, unselected=1))
    refused = sum(_refuses(request, visitor, key) for key in keys)
    shown = addresses.entities(q=q, status=wanted.state, asked=len(keys) - refused, refused=refused)
    return _go(shown)


@router.post("/entities/{key}/sync", dependencies=[TO_IMPORT])
def sync(
    request: Request,
    visitor: SignedIn,
    key: str,
    csrf: Token,
    back: Annotated[str, Form()] = addresses.ENTITIES,
) -> Response:
    """Ask for an import; a refusal is told on the page of the entity, and nothing changed."""
    csrf_checked(request, visitor, csrf)
    refused = _sync(request, visitor, key)
    if refused is not None and refused.code == "unknown_entity":
        raise HTTPException(404)
    if refused is not None:
        return _go(f"/entities/{key}?refused=1")
    return _go(f"{addresses.local(back)}#card-{key}")


@router.get("/entities/{key}/reset", dependencies=[TO_EDIT])
def ask_before_reset(request: Request, visitor: SignedIn, key: str) -> Response:
    """Tells what a reset does before it is done."""
    return render(request, visitor, "reset.html", card=find_card(request, visitor, key))


@router.post("/entities/{key}/reset", dependencies=[TO_EDIT])
def reset(request: Request, visitor: SignedIn, key: str, csrf: Token) -> Response:
    """Make the next import a full one; the figures stay until it commits."""
    csrf_checked(request, visitor, csrf)
    try:
        with tenancy.as_tenant(visitor.organisation_id) as connection:
            entities.reset(connection, key, visitor.person)
    except ImportProblem:
        raise HTTPException(404) from None
    return _go(f"/entities/{key}")


def _matching(request: Request, visitor: Visitor, wanted: Wanted) -> list[str]:
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        return syncable_keys(connection, wanted, request.app.state.clock())


def _sync(request: Request, visitor: Visitor, key: str) -> ImportProblem | None:
    """Each in a transaction of its own: one that is refused or busy holds no other up."""
    try:
        with tenancy.as_tenant(visitor.organisation_id) as connection:
            requests.request(
                connection,
                key,
                trigger=Trigger.MANUAL,
                requested_by=visitor.person,
                now=request.app.state.clock(),
            )
    except ImportProblem as refused:
        return refused
    return None


def _refuses(request: Request, visitor: Visitor, key: str) -> bool:
    """Whether one of many is not asked for: one that is busy must not keep the others from it."""
    try:
        return _sync(request, visitor, key) is not None
    except psycopg.errors.LockNotAvailable:
        return True


def _go(address: str) -> Response:
    return RedirectResponse(address, 303, dict(PAGE_HEADERS))
