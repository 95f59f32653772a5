"""The page of checks: whether the figures can be trusted, what is wrong with them, and what to do."""

from fastapi import APIRouter, Request, Response

from monitr_pipelines.reports.checks import State, read_checks
from monitr_pipelines.web.reports.visits import AtEntity, head_of
from monitr_pipelines.web.shell.addresses import REPORTS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render

CHECKS = "checks"
# Months in which a check fails are named one by one up to here.
NAMED_MONTHS = 12

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(f"{REPORTS}/{{key}}/{CHECKS}")
def checks_page(request: Request, visit: AtEntity) -> Response:
    """Every check with its outcome; those that fail with their findings, month by month."""
    head = head_of(visit, CHECKS)
    if visit.standing.published is None:
        return render(request, visit.visitor, "reports_none.html", **head)
    outcomes = read_checks(visit.connection, visit.standing)
    return render(
        request,
        visit.visitor,
        "reports_checks.html",
        outcomes=outcomes,
        failed=[outcome for outcome in outcomes if outcome.state is State.FAILED],
        months=len(visit.months()),
        most=NAMED_MONTHS,
        **head,
    )
