"""Where everything local lives and which database holds the books; all of it from the environment."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SQL_ROOT = PROJECT_ROOT / "sql"

DATABASE_URL = "MONITR_DATABASE_URL"
DAGSTER_DATABASE_URL = "MONITR_DAGSTER_DATABASE_URL"
WEB_DATABASE_URL = "MONITR_WEB_DATABASE_URL"
OWNER_DATABASE_URL = "MONITR_OWNER_DATABASE_URL"
BACKUP_DATABASE_URL = "MONITR_BACKUP_DATABASE_URL"
PUBLIC_URL = "MONITR_PUBLIC_URL"

LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def home() -> Path:
    """The folder of everything local: `MONITR_HOME`, by default `.monitr` in the project."""
    return Path(os.environ.get("MONITR_HOME") or PROJECT_ROOT / ".monitr").absolute()


def dagster_port() -> int:
    """The loopback port of the Dagster UI."""
    return int(os.environ.get("MONITR_DAGSTER_PORT", "3000"))


def hook_port() -> int:
    """The loopback port of the web hook and the Entities page."""
    return int(os.environ.get("MONITR_HOOK_PORT", "8000"))


def public_url() -> str:
    """Where people reach the Entities page, without a slash at the end: `MONITR_PUBLIC_URL`."""
    return (os.environ.get(PUBLIC_URL) or f"http://127.0.0.1:{hook_port()}").rstrip("/")


def entities_page() -> str:
    """The address of the Entities page, as messages give it."""
    return f"{public_url()}/entities"


def upload_limit() -> int:
    """The most bytes that a file may have on the page: `MONITR_UPLOAD_LIMIT_MB`, by default 200."""
    return int(os.environ.get("MONITR_UPLOAD_LIMIT_MB", "200")) * 1024 * 1024
