"""`python3 deploy/compose/new_secrets.py`: the secrets of compose.yaml, a file each; none is overwritten."""

import base64
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name("secrets")


def url(role: str, password: str, database: str = "monitr") -> str:
    """The address of a database on the service `postgres`, as a role."""
    return f"postgresql://{role}:{password}@postgres:5432/{database}"


def made() -> dict[str, str]:
    """Every secret by the name of its file; no mail server is known, and an empty variable is none."""
    owner = secrets.token_urlsafe(32)
    return {
        "postgres_password": owner,
        "MONITR_OWNER_DATABASE_URL": url("monitr_owner", owner),
        "MONITR_DATABASE_URL": url("monitr_importer", secrets.token_urlsafe(32)),
        "MONITR_WEB_DATABASE_URL": url("monitr_web", secrets.token_urlsafe(32)),
        "MONITR_DAGSTER_DATABASE_URL": url("monitr_dagster", secrets.token_urlsafe(32), "dagster"),
        "MONITR_SECRET_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "MONITR_OPERATOR_TOKENS": secrets.token_urlsafe(32),
        "MONITR_SMTP_URL": "",
    }


def write(folder: Path) -> None:
    """Write them, where there are none yet: a new key would make the stored secrets unreadable.

    Nobody else enters the folder; containers, whose users have other numbers, get a file alone.
    """
    folder.mkdir(mode=0o700)
    for name, value in made().items():
        file = folder / name
        file.write_text(value, encoding="ascii")
        file.chmod(0o444)


if __name__ == "__main__":
    try:
        write(FOLDER)
    except FileExistsError:
        sys.exit(f"{FOLDER} is there already; nothing was changed.")
