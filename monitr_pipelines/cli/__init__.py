"""`monitr`: what operations staff and scripts do from a command line."""

import sys

import psycopg
import typer

from monitr_pipelines.cli import (
    backup,
    connections,
    entities,
    hook,
    imports,
    operations,
    organisations,
    reports,
    services,
    tokens,
)
from monitr_pipelines.cli.output import say, say_problem
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.settings import BadSetting
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning
from monitr_pipelines.warehouse.upkeep.migrations import NotMigrated

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for part in (
    services,
    organisations,
    connections,
    entities,
    imports,
    reports,
    hook,
    tokens,
    backup,
    operations,
):
    part.register(app)


def main() -> None:
    """Run a command; a foreseeable problem is a sentence and exit code 1, never a traceback."""
    try:
        app()
    except (ImportProblem, ServerNotRunning, NotMigrated, BadSetting) as problem:
        say_problem(problem)
        sys.exit(1)
    except psycopg.Error as error:
        say_problem(error)
        sys.exit(1)
    except UnicodeEncodeError:
        say("Error: what was typed holds bytes that are not UTF-8.")
        sys.exit(2)
