"""`monitr`: what operations staff and scripts do from a command line."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

# The module of each command, and what `monitr --help` says of it: to load all of them takes half a second.
COMMANDS = {
    "up": (
        "services",
        "Start PostgreSQL, Dagster, the reconciler and the Entities page; Ctrl-C ends them.",
    ),
    "worker": (
        "services",
        "Execute imports that Dagster gives out through Redis; Ctrl-C ends it after those that run.",
    ),
    "migrate": ("services", "Start PostgreSQL if need be, and bring the database up to date."),
    "entities": (
        "entities.commands",
        "Every entity with the status of its imports and the age of its figures.",
    ),
    "reset": (
        "entities.commands",
        "Make the next import of an entity a full one; its figures stay visible until that succeeds.",
    ),
    "import": (
        "imports",
        "Import an entity now. Exit code 0: succeeded, 1: failed, 2: refused before it started.",
    ),
    "serve": ("hook", "Serve the web hook and the Entities page; Ctrl-C ends it."),
    "backup": (
        "operations",
        "Write the books to a new file, while everything runs; what it leaves out is said.",
    ),
    "restore": ("operations", "Read a back-up into an empty database; one that has tables is refused."),
    "errors": ("operations", "Print every error code with its remedy, as a table in Markdown."),
    "alerts": ("operations", "Show the alerts that are open, and what became of their messages."),
    "check": (
        "operations",
        "Look at server, migrations, roles and rights. Exit code 0: all is well, 1: someone must act.",
    ),
    "rekey": (
        "operations",
        "Encrypt every stored secret with the newest key; the older ones are not needed any more.",
    ),
    "org": ("organisations", "Organisations: who pays, who is told."),
    "connection": ("connections", "Connections to accounting software."),
    "administrations": (
        "connections",
        "Read what a connection sees, choose what of it is imported, and print what is.",
    ),
    "history": (
        "history",
        "The last thirty imports of an entity, the latest first; of one that was removed too.",
    ),
    "entity": ("entities.commands", "Entities: one company's administration each."),
    "emulator": (
        "emulator",
        "Stand in for an accounting software, with invented books; Ctrl-C ends it.",
    ),
    "adjustment": (
        "entities.adjusting",
        "Adjusting entries of an entity: beside its ledger, with a reason, by month.",
    ),
    "upload": ("uploads", "Ledger files of entities, and what became of them."),
    "mapping": ("mapping", "Where an entity's accounts stand on its statements' lines."),
    "report": ("reports", "Print a report of an entity."),
    "structure": ("structures.commands", "Reporting structures: trees of lines, as CSV in and out."),
    "hook-key": ("hook", "Keys with which programs sign requests of the web hook."),
    "token": (
        "tokens",
        "Tokens and links to sign in to the Entities page; programs read reports with a token.",
    ),
}


class Commands(TyperGroup):
    """The commands as they are listed; the one that is run is loaded then."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer names its types privately
        """The command that is run, and its arguments."""
        name, command, arguments = super().resolve_command(ctx, args)
        return name, load(name) if name else command, arguments


app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)


def _listed() -> None:
    """Stands for a command in the list; `Commands` runs the command itself."""


for _name, (_, _summary) in COMMANDS.items():
    app.command(_name, help=_summary)(_listed)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - for this alone

        typer.echo(f"monitr {version('monitr_pipelines')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit."),
    ] = False,
) -> None:
    """The options before a command."""


def load(name: str) -> Any:  # noqa: ANN401 - typer names its types privately
    """The command, or the group of commands, of a name."""
    part = typer.Typer(add_completion=False)
    import_module(f"monitr_pipelines.cli.{COMMANDS[name][0]}").register(part)
    return typer.main.get_group(part).commands[name]


def main() -> None:
    """Run a command; a foreseeable problem is a sentence and exit code 1, never a traceback."""
    try:
        app()
    except UnicodeEncodeError:
        typer.echo("Error: what was typed holds bytes that are not UTF-8.", err=True)
        sys.exit(2)
    except Exception as problem:
        from monitr_pipelines.cli.output import say_problem  # noqa: PLC0415 - see COMMANDS
        from monitr_pipelines.cli.services import FORESEEN  # noqa: PLC0415 - see COMMANDS

        if not isinstance(problem, FORESEEN):
            raise
        say_problem(problem)
        sys.exit(1)
