"""Files that travel with the program: beside the package in a checkout, inside it in a wheel."""

from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# A wheel holds `sql/` inside the package (setup.py puts it there), a checkout beside it.
CHECKOUT = None if (_PACKAGE / "sql").is_dir() else _PACKAGE.parent
ROOT = CHECKOUT or _PACKAGE
SQL = ROOT / "sql"
DAGSTER_YAML = ROOT / "dagster.yaml"
CLUSTER = ROOT / "deploy" / "celery"
WORKSPACE_YAML = ROOT / "workspace.yaml"


def code() -> Iterator[Path]:
    """Every file that the program is made of: what a deploy replaces."""
    yield from _PACKAGE.rglob("*.py")
    yield from SQL.rglob("*.sql")


def sources(*places: str) -> Iterator[bytes]:
    """The modules at places within the package, folders with all of theirs: what the program does there."""
    for place in places:
        path = _PACKAGE / place
        modules = sorted(path.glob("*.py")) if path.is_dir() else [path]
        yield from (module.read_bytes() for module in modules)
