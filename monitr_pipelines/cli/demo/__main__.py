"""The program that `make demo` runs."""

import sys

from monitr_pipelines.cli.demo.command import app
from monitr_pipelines.cli.output import say_problem
from monitr_pipelines.cli.services import FORESEEN

if __name__ == "__main__":
    try:
        app()
    except (*FORESEEN, OSError) as problem:
        say_problem(problem)
        sys.exit(1)
