"""Where everything local lives and which database holds the books; all of it from the environment."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SQL_ROOT = PROJECT_ROOT / "sql"

DATABASE_URL = "MONITR_DATABASE_URL"
DAGSTER_DATABASE_URL = "MONITR_DAGSTER_DATABASE_URL"
WEB_DATABASE_URL = "MONITR_WEB_DATABASE_URL"


def home() -> Path:
    """The folder of everything local: `MONITR_HOME`, by default `.monitr` in the project."""
    return Path(os.environ.get("MONITR_HOME") or PROJECT_ROOT / ".monitr").absolute()


def dagster_port() -> int:
    """The loopback port of the Dagster UI."""
    return int(os.environ.get("MONITR_DAGSTER_PORT", "3000"))


def hook_port() -> int:
    """The loopback port of the web hook and the Entities page."""
    return int(os.environ.get("MONITR_HOOK_PORT", "8000"))
