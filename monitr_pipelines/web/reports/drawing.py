"""Charts as SVG within a page: drawn by pygal, coloured by the style sheet of the page, light and dark.

What pygal adds for pages of its own is taken out: styles and scripts, which our pages forbid, and its names
of things, which are the same in every chart.
"""

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal

import pygal
from lxml import etree
from markupsafe import Markup

from monitr_pipelines.reports.statement import Cell
from monitr_pipelines.reports.trends import Bridge, Cash
from monitr_pipelines.web.shell import i18n

# For plug-ins of maps pygal adds a finder to Python's own: Python 3.12 no longer asks such, 3.11 warns of it.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

WIDTH, HEIGHT = 540, 300
TAKEN_OUT = ("style", "script", "desc", "title", etree.Comment)
OVERLAYS = ("tooltip-overlay", "text-overlay")


def draw_months(language: str, labels: Sequence[str], cells: Sequence[Cell], name: str) -> Markup:
    """Each month as a full bar, the same month a year before as a hollow one beside it."""
    chart = _chart(pygal.Bar, language, labels)
    chart.add("", [_whole(cell.before) for cell in cells])
    chart.add("", [_whole(cell.amount) for cell in cells])
    return _svg(chart, name)


def draw_bridge(language: str, labels: Sequence[str], bridge: Bridge, name: str) -> Markup:
    """From one result to the other: full bars are results, what adds is tinted, what takes is hollow."""
    chart = _chart(pygal.StackedBar, language, labels)
    bars = list(_bars(bridge))
    chart.add("", [max(low, 0) + min(high, 0) for low, high, _ in bars])
    for kind in ("result", "adds", "takes"):
        shown = [(low, high) if each == kind else (0, 0) for low, high, each in bars]
        chart.add("", [max(high, 0) - max(low, 0) for low, high in shown])
        chart.add("", [min(low, 0) - min(high, 0) for low, high in shown])
    return _svg(chart, name, "bridge")


def draw_cash(language: str, labels: Sequence[str], cash: Cash, name: str) -> Markup:
    """A bar at the end of each month."""
    chart = _chart(pygal.Bar, language, labels)
    chart.add("", [])
    chart.add("", [_whole(balance) for balance in cash.balances])
    return _svg(chart, name)


def _bars(bridge: Bridge) -> list[tuple[int, int, str]]:
    """The lower and upper end of each bar in whole units, and what it is."""
    at = bridge.before
    bars = [_bar(Decimal(0), at, "result")]
    for step in bridge.steps:
        bars.append(_bar(at, at + step.amount, "adds" if step.amount > 0 else "takes"))
        at += step.amount
    return [*bars, _bar(Decimal(0), bridge.after, "result")]


def _bar(start: Decimal, end: Decimal, kind: str) -> tuple[int, int, str]:
    low, high = sorted((_whole(start) or 0, _whole(end) or 0))
    return low, high, kind


def _whole(amount: Decimal | None) -> int | None:
    """A picture is not exact to the cent; the table beneath it is."""
    return None if amount is None else int(amount.to_integral_value())


def _chart(kind: Callable[..., pygal.Graph], language: str, labels: Sequence[str]) -> pygal.Graph:
    chart = kind(
        width=WIDTH,
        height=HEIGHT,
        js=(),
        css=(),
        show_legend=False,
        include_x_axis=True,
        x_label_rotation=40,
        truncate_label=24,
        value_formatter=lambda value: i18n.number(language, round(value)),
        spacing=8,
        margin=8,
        margin_bottom=20,
    )
    chart.x_labels = labels
    return chart


def _svg(chart: pygal.Graph, name: str, *classes: str) -> Markup:
    tree = chart.render_tree()
    for element in list(tree.iter()):
        if element.tag in TAKEN_OUT or set(element.get("class", "").split()) & set(OVERLAYS):
            element.getparent().remove(element)
            continue
        for attribute in ("id", "style"):
            element.attrib.pop(attribute, None)
    tree.set("class", " ".join(("plot-of", *classes)))
    tree.set("role", "img")
    tree.set("aria-label", name)
    return Markup(etree.tostring(tree, encoding="unicode"))  # noqa: S704 - serialised by lxml, which escapes
