"""The peers' own virtual environment, made by the bench; nothing of theirs enters the project's."""

import json
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from monitr_pipelines.shipped import ROOT

FOLDER = ROOT / ".venv-bench"
PYTHON = FOLDER / "bin" / "python"
TARGET = FOLDER / "bin" / "target-postgres"

_TEXTS = (
    "account_code",
    "booking",
    "period",
    "journal",
    "document_number",
    "relation",
    "description",
    "foreign_currency",
    "department",
    "project",
)
SINGER_STREAM: dict[str, Any] = {
    "key_properties": ["external_id"],
    "schema": {
        "type": "object",
        "properties": {
            "external_id": {"type": "string"},
            "booking_date": {"type": "string", "format": "date"},
            "amount": {"type": "number"},
            **{name: {"type": ["null", "string"]} for name in _TEXTS},
            "line_number": {"type": "integer"},
            "foreign_amount": {"type": ["null", "number"]},
            "opening": {"type": "boolean"},
            "version": {"type": "integer"},
        },
    },
}


def install() -> None:
    """Make the environment unless it is there; versions are those of the project's extra `bench`."""
    if TARGET.exists() and any(FOLDER.glob("lib/*/site-packages/msgspec")):
        return
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    venv.create(FOLDER, with_pip=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", *project["optional-dependencies"]["bench"]]
    subprocess.run(command, check=True)  # noqa: S603 - named in pyproject.toml


def versions() -> dict[str, str]:
    """What is installed of the peers."""
    command = [str(PYTHON), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    listed = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own environment
    wanted = ("dlt", "meltanolabs-target-postgres")
    return {row["name"]: row["version"] for row in json.loads(listed.stdout) if row["name"] in wanted}


def write_target_settings(address: str, file: Path) -> None:
    """Settings of target-postgres, in a file that only we can read."""
    url = make_url(address)
    file.touch(mode=0o600)
    file.write_text(
        json.dumps(
            {
                "host": url.host,
                "port": url.port,
                "user": url.username,
                "password": url.password,
                "database": url.database,
                "default_target_schema": "books",
                "load_method": "upsert",
                "add_record_metadata": False,
                "activate_version": False,
            }
        )
    )


if __name__ == "__main__":
    install()
    sys.stdout.write(json.dumps(versions()) + "\n")
