"""The page of charts, each with its table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.trends import Bridge, Cash, Flows, read_bridge, read_cash, read_flows
from monitr_pipelines.web.reports.drawing import draw_bridge, draw_cash, draw_months
from monitr_pipelines.web.reports.visits import AskedFor, AtEntity, head_of
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.addresses import REPORTS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render, text

CHARTS = "charts"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True)
class Chart:
    """A picture and what it shows: `name` is the key of its texts, `heads` name the columns of the table."""

    name: str
    picture: Markup
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Decimal | None]]]


@router.get(f"{REPORTS}/{{key}}/{CHARTS}")
def charts_page(request: Request, visit: AtEntity, asked: AskedFor) -> Response:
    """The year up to the month `to`, by default the last of the books."""
    head = head_of(visit, CHARTS)
    if visit.standing.published is None:
        return render(request, visit.visitor, "reports_none.html", **head)
    last = visit.period("", asked.end).last
    given = (visit.connection, visit.standing, visit.published, last)
    flows, bridge, cash = read_flows(*given), read_bridge(*given), read_cash(*given)
    charts = list(_charts(visit.visitor.language, flows, bridge, cash))
    lacking = [name for name, found in (("bridge", bridge), ("cash", cash)) if found is None]
    return render(
        request, visit.visitor, "reports_charts.html", charts=charts, lacking=lacking, last=last, **head
    )


def _charts(language: str, flows: Flows, bridge: Bridge | None, cash: Cash | None) -> Iterator[Chart]:
    months = _months(language, flows.months)
    for name, cells in (("revenue", flows.revenue), ("cost", flows.cost), ("result", flows.result)):
        picture = draw_months(language, months, cells, text(language, f"reports.chart.{name}"))
        rows = [(month, (cell.amount, cell.before)) for month, cell in zip(months, cells, strict=True)]
        yield Chart(name, picture, ("reports.amount", "reports.year_before"), rows)
    if bridge is not None:
        yield _bridge(language, bridge)
    if cash is not None:
        ends = _months(language, cash.months)
        picture = draw_cash(language, ends, cash, text(language, "reports.chart.cash"))
        balances = [(month, (balance,)) for month, balance in zip(ends, cash.balances, strict=True)]
        yield Chart("cash", picture, ("reports.closing",), balances)


def _bridge(language: str, bridge: Bridge) -> Chart:
    names = [
        step.names[language] if step.names else text(language, "reports.other_lines") for step in bridge.steps
    ]
    labels = [text(language, "reports.result_before"), *names, text(language, "reports.result_now")]
    amounts = [bridge.before, *(step.amount for step in bridge.steps), bridge.after]
    picture = draw_bridge(language, labels, bridge, text(language, "reports.chart.bridge"))
    rows = [(label, (amount,)) for label, amount in zip(labels, amounts, strict=True)]
    return Chart("bridge", picture, ("reports.amount",), rows)


def _months(language: str, months: Sequence[Month]) -> list[str]:
    return [i18n.month_in_short(language, month) for month in months]
