"""The connections of an organisation, and the software that can be connected."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from monitr_pipelines import providers
from monitr_pipelines.importing import offered
from monitr_pipelines.warehouse.registry import changes, connections
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.integrations.visits import SignedIn
from monitr_pipelines.web.shell.addresses import INTEGRATIONS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_ADMINISTER

MOST_CHANGES = 20
STYLES = {"connected": "succeeded", "reconnect needed": "failed", "removed": "never"}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(INTEGRATIONS)
def integrations_page(
    request: Request,
    visitor: SignedIn,
    done: str = "",
    added: Annotated[int, Query(ge=0)] = 0,
    stopped: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Every connection and its state; `done`, `added` and `stopped` tell what was just done."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        found = connections.listed(connection)
        made = changes.newest(connection, visitor.organisation_id, MOST_CHANGES)
    return render(
        request,
        visitor,
        "integrations.html",
        connections=[_shown(row) for row in sorted(found, key=_order)],
        changes=made,
        done=done if done in ("reconnected", "removed", "chosen") else "",
        added=added,
        stopped=stopped,
    )


@router.get(f"{INTEGRATIONS}/connect", dependencies=[TO_ADMINISTER])
def choose_software(request: Request, visitor: SignedIn) -> Response:
    """The software that there is a connector for."""
    found = [providers.find(name) for name in providers.connectors()]
    shown = [
        {
            "name": each.name,
            "title": each.title,
            "by_page": each.sign_in is not None,
            "preview": each.preview,
            "obstacle": offered.obstacle(each),
        }
        for each in sorted(found, key=lambda each: each.title.lower())
    ]
    return render(request, visitor, "integrations_choose.html", offered=shown)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["provider"]
    return {
        **row,
        "title": providers.title_of(name),
        "style": STYLES[row["state"]],
        "word": row["state"].replace(" ", "_"),
        "has_connector": name in providers.connectors(),
    }


def _order(row: Mapping[str, Any]) -> tuple[bool, str, str, int]:
    """What can be used first, by name."""
    return row["state"] == "removed", providers.title_of(row["provider"]).lower(), row["label"], row["id"]
