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

PORTS = range(1, 1 << 16)
NUMBERS = range(1, 1_000_001)

LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class BadSetting(Exception):
    """A variable whose value cannot be; the message names it."""


def whole_number(variable: str, default: int, allowed: range = NUMBERS) -> int:
    """The number that a variable gives; the default where it is not set or empty. Raises BadSetting."""
    given = os.environ.get(variable) or str(default)
    try:
        number = int(given)
    except ValueError:
        number = None
    if number is None or number not in allowed:
        raise BadSetting(f"{variable} must be a number from {allowed[0]} to {allowed[-1]}, not {given!r}.")
    return number


def home() -> Path:
    """The folder of everything local: `MONITR_HOME`, by default `.monitr` in the project."""
    return Path(os.environ.get("MONITR_HOME") or PROJECT_ROOT / ".monitr").absolute()


def spool_folder() -> Path:
    """Where the pages of a fetch are kept until they are loaded: `MONITR_SPOOL_DIR`, or below the home."""
    return Path(os.environ.get("MONITR_SPOOL_DIR") or home() / "spool").absolute()


def spool_limit() -> int:
    """The most bytes that all spools of this machine take: `MONITR_SPOOL_LIMIT_MB`, by default 10,000."""
    return whole_number("MONITR_SPOOL_LIMIT_MB", 10_000) * 1024 * 1024


def dagster_port() -> int:
    """The loopback port of the Dagster UI."""
    return whole_number("MONITR_DAGSTER_PORT", 3000, PORTS)


def hook_port() -> int:
    """The loopback port of the web hook and the Entities page."""
    return whole_number("MONITR_HOOK_PORT", 8000, PORTS)


def public_url() -> str:
    """Where people reach the Entities page, without a slash at the end: `MONITR_PUBLIC_URL`."""
    return (os.environ.get(PUBLIC_URL) or f"http://127.0.0.1:{hook_port()}").rstrip("/")


def entities_page() -> str:
    """The address of the Entities page, as messages give it."""
    return f"{public_url()}/entities"


def upload_limit() -> int:
    """The most bytes that a file may have on the page: `MONITR_UPLOAD_LIMIT_MB`, by default 200."""
    return whole_number("MONITR_UPLOAD_LIMIT_MB", 200) * 1024 * 1024
