"""The Billing page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.eligibility import BILLING_HOLDS, PAYING
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.shell.addresses import BILLING
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.shares import served
from monitr_pipelines.web.shell.visitor import Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(BILLING)
def billing_page(
    request: Request, visitor: Annotated[Visitor, Depends(served, scope="function")]
) -> Response:
    """The state of the subscription, what it means for imports, and the way to the billing portal."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        row = connection.execute("select subscription, subscription_read_at from app.organisation").fetchone()
    state, read_at = (row["subscription"], row["subscription_read_at"]) if row else ("", None)
    verified = read_at is None or request.app.state.clock() - read_at <= BILLING_HOLDS
    return render(
        request,
        visitor,
        "billing.html",
        state=state,
        read_at=read_at,
        verified=verified,
        paying=state in PAYING and verified,
        portal=settings.billing_portal_url() if visitor.may("administrator") else None,
        has_portal=settings.billing_portal_url() is not None,
    )
