"""An entity's card, as the Entities page shows it."""

from typing import Any

from rich.markup import escape
from rich.panel import Panel

from monitr_pipelines.cli.output import since, stdout

STYLES = {"Succeeded": "green", "Failed": "red", "In progress": "cyan", "Waiting…": "yellow"}


def print_card(row: dict[str, Any], remark: str | None = None) -> None:
    """One entity: status, age of its figures, the error and what to do about it."""
    status = row["status"]
    style = STYLES.get(status, "dim")
    lines = [
        f"[{style}]● {status}[/{style}]   [dim]{row['provider']} · {escape(row['organisation'])}[/dim]",
        f"Latest current figures: {since(row['latest_current_figures'])}",
    ]
    message = remark or (row["error"]["message"] if row["error"] else None)
    if message:
        lines.append(f"[red]{escape(message)}[/red]")
    title = f"[bold]{escape(row['name'])}[/bold] [dim]{row['key']}[/dim]"
    stdout.print(Panel("\n".join(lines), title=title, title_align="left", width=100))
