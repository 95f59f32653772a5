"""Tests of whole imports share what the tests of runs know about Dagster."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "defs"))
