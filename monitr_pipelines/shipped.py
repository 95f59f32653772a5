"""Files that travel with the program: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# A wheel holds `sql/` inside the package (setup.py puts it there), a checkout beside it.
CHECKOUT = None if (_PACKAGE / "sql").is_dir() else _PACKAGE.parent
ROOT = CHECKOUT or _PACKAGE
SQL = ROOT / "sql"
DAGSTER_YAML = ROOT / "dagster.yaml"
WORKSPACE_YAML = ROOT / "workspace.yaml"
