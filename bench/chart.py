"""Bars as SVG, readable on light and on dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABEL, BAR, STEP, HEAD = 860, 330, 400, 26, 40
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.ours { fill: #1f7a5c }
.peer { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ours { fill: #3fb68b }
  .peer { fill: #6e7681 }
}
"""


@dataclass(frozen=True)
class Bar:
    """One bar, its length and what is written beside it."""

    label: str
    value: float
    text: str
    ours: bool


def draw(panels: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Panels of horizontal bars, each with a scale of its own that starts at zero."""
    parts: list[str] = []
    y = 8
    for title, bars in panels:
        parts.append(f'<text class="title" x="8" y="{y + 18}">{escape(title)}</text>')
        y += HEAD
        longest = max(bar.value for bar in bars) or 1
        for bar in bars:
            length = max(round(bar.value / longest * BAR), 1)
            kind = "ours" if bar.ours else "peer"
            parts.append(f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(bar.label)}</text>')
            parts.append(f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{length}" height="18" rx="2"/>')
            parts.append(f'<text x="{LABEL + length + 8}" y="{y + 13}">{escape(bar.text)}</text>')
            y += STEP
        y += STEP // 2
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="Benchmarks of the import system">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )
