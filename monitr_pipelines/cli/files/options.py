"""How the options of a command say that a ledger file is to be read."""

import json
from pathlib import Path
from typing import Any

import typer


def reading_of(*, columns: Path | None, delimiter: str | None, **others: str | None) -> dict[str, Any]:
    """How the options say that a file is to be read; what they leave open is not in it."""
    given = {
        **others,
        "delimiter": "\t" if delimiter == "tab" else delimiter,
        "columns": _read_columns(columns),
    }
    return {name: value for name, value in given.items() if value is not None}


def _read_columns(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    try:
        written = str(path)
        columns = json.loads(written if written.startswith("{") else path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}", param_hint="--columns") from None
    except ValueError as error:
        raise typer.BadParameter(f"{path} is not a JSON file: {error}", param_hint="--columns") from None
    if not isinstance(columns, dict) or not all(isinstance(name, str | int) for name in columns.values()):
        raise typer.BadParameter('write {"our name": "header of the file", ...}', param_hint="--columns")
    return {str(ours): str(theirs) for ours, theirs in columns.items()}
