"""Style sheets, scripts and icons of all rooms, named by their content so that browsers may keep them."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

from monitr_pipelines.web.shell.headers import HEADERS

WEB = Path(__file__).parents[1]
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent."""

    content: bytes
    media_type: str
    version: str


def address(name: str) -> str:
    """The path of a static file, which changes with its content."""
    return f"/static/{name}?v={_files()[name].version}"


@router.get("/static/{name}")
def static_file(name: str) -> Response:
    """A file of ours; nothing else of the disk can be named."""
    file = _files().get(name)
    if file is None:
        raise HTTPException(404)
    headers = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}
    return Response(file.content, media_type=file.media_type, headers=headers)


@lru_cache(maxsize=1)
def _files() -> dict[str, StaticFile]:
    return {path.name: _read(path) for path in WEB.glob("*/static/*") if path.suffix in TYPES}


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(content, TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])
