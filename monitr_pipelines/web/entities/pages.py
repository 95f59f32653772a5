"""The Entities page, its cards one by one, and the page of one entity."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.entities.cards import Card, read_card, trouble
from monitr_pipelines.web.entities.diagnostics import diagnostics
from monitr_pipelines.web.entities.history import (
    bars,
    duration,
    read_differences,
    read_findings,
    read_history,
)
from monitr_pipelines.web.entities.listing import (
    PAGE_SIZE,
    STATES,
    Wanted,
    read_counts,
    read_listing,
    read_removed,
)
from monitr_pipelines.web.entities.ways import TO_READ, way, way_of_past
from monitr_pipelines.web.shell import addresses
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.shares import served
from monitr_pipelines.web.shell.visitor import Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SignedIn = Annotated[Visitor, Depends(served, scope="function")]


@router.get(addresses.ENTITIES)
def entities_page(
    request: Request,
    visitor: SignedIn,
    *,
    q: str = "",
    status: str = "",
    after: str = "",
    before: str = "",
    asked: Annotated[int, Query(ge=0)] = 0,
    refused: Annotated[int, Query(ge=0)] = 0,
    unselected: bool = False,
) -> Response:
    """A page of cards of the organisation: the first, or that `after` or `before` an entity's key.

    `asked`, `refused` and `unselected` tell what became of syncing many.
    """
    wanted = Wanted(q, _state(status), after, before)
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        listing = read_listing(connection, wanted, request.app.state.clock())
        removed = read_removed(connection) if wanted == Wanted() else []
    return render(
        request,
        visitor,
        "entities.html",
        wanted=wanted,
        listing=listing,
        counts=listing.counts,
        removed=removed,
        first=listing.first,
        cards_shown=len(listing.cards),
        states=STATES,
        address=addresses.entities,
        asked=asked,
        refused=refused,
        unselected=unselected,
        **_helpers(request),
    )


@router.get("/entities/counts")
def counts_alone(
    request: Request,
    visitor: SignedIn,
    *,
    q: str = "",
    status: str = "",
    first: str = "",
    cards: Annotated[int, Query(ge=0, le=PAGE_SIZE)] = 0,
) -> Response:
    """What an open page counts, to put in the place of the old numbers; it begins with the entity `first`."""
    wanted = Wanted(q, _state(status))
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        counts = read_counts(connection, wanted, first, request.app.state.clock())
    return render(
        request,
        visitor,
        "counts_alone.html",
        wanted=wanted,
        counts=counts,
        first=first,
        cards_shown=cards,
        states=STATES,
        address=addresses.entities,
    )


@router.get("/entities/{key}/card")
def card_alone(request: Request, visitor: SignedIn, key: str, back: str = addresses.ENTITIES) -> Response:
    """One card, for an open page to put in the place of the old one; `back` is that page."""
    card = find_card(request, visitor, key)
    return render(
        request, visitor, "card_alone.html", card=card, back=addresses.local(back), **_helpers(request)
    )


@router.get("/entities/{key}/history")
def history_alone(request: Request, visitor: SignedIn, key: str) -> Response:
    """The history of one entity, for the drawer of its card."""
    return render(request, visitor, "history_alone.html", **_detail(request, visitor, key))


@router.get("/entities/{key}/detail")
def detail_alone(request: Request, visitor: SignedIn, key: str) -> Response:
    """The findings and the history of one entity, for its open page to put in the place of the old ones."""
    return render(request, visitor, "entity_detail.html", **_detail(request, visitor, key))


@router.get("/entities/{key}")
def entity(request: Request, visitor: SignedIn, key: str, *, refused: bool = False) -> Response:
    """One entity with its history and its findings; `refused` tells what the gate has against an import."""
    detail = _detail(request, visitor, key)
    problem = detail["card"].refused if refused else None
    return render(request, visitor, "entity.html", alert=trouble(problem) if problem else None, **detail)


def find_card(request: Request, visitor: Visitor, key: str) -> Card:
    """The card of an entity of the visitor; 404 for any other."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        card = read_card(connection, key, request.app.state.clock())
    if card is None:
        raise HTTPException(404)
    return card


def _state(status: str) -> str:
    return status if status in STATES else ""


def _detail(request: Request, visitor: Visitor, key: str) -> dict[str, Any]:
    now = request.app.state.clock()
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        card = read_card(connection, key, now)
        if card is None:
            raise HTTPException(404)
        history = read_history(connection, key, now)
        findings = read_findings(connection, card.facts["ended_id"])
        differences = read_differences(connection, key) if card.facts["differing"] else []
    return {
        "card": card,
        "history": history,
        "bars": bars(history),
        "findings": findings,
        "differences": differences,
        "names_findings": card.facts["error_code"] in TO_READ,
        **_helpers(request),
    }


def _helpers(request: Request) -> dict[str, Any]:
    now = request.app.state.clock()
    return {
        "diagnostics": lambda card: diagnostics(card, now),
        "duration": duration,
        "way": way,
        "way_of_past": way_of_past,
    }
