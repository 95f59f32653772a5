"""An entity's card, as the Entities page shows it."""

from typing import Any

from rich.panel import Panel

from monitr_pipelines.cli.output import since, stdout

STYLES = {"Succeeded": "green", "Failed": "red", "In progress": "cyan", "Waiting…": "yellow"}


def print_card(row: dict[str, Any], remark: str | None = None) -> None:
    """One entity: status, age of its figures, the error and what to do about it."""
    status = row["status"]
    style = STYLES.get(status, "dim")
    lines = [
        f"[{style}]● {status}[/{style}]   [dim]{row['provider']} · {row['organisation']}[/dim]",
        f"Latest current figures: {since(row['latest_current_figures'])}",
    ]
    message = remark or (row["error"]["message"] if row["error"] else None)
    if message:
        lines.append(f"[red]{message.replace('[', chr(92) + '[')}[/red]")
    title = f"[bold]{row['name']}[/bold] [dim]{row['key']}[/dim]"
    stdout.print(Panel("\n".join(lines), title=title, title_align="left", width=100))
