"""What these pages begin with: the mapping of an entity of the visitor, and a form that was sent."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData, UploadFile

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.warehouse.mapping.reading import EntityMapping, read_mapping
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell.addresses import ENTITIES
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.shares import served
from monitr_pipelines.web.shell.visitor import Visitor, csrf_checked

ADDRESS = f"{ENTITIES}/{{key}}/mapping"
# A table of many thousand choices, and the form that carries what it changes from its preview to its saving.
LARGEST_TABLE = 1024 * 1024
MOST_FIELDS = 5_000

SignedIn = Annotated[Visitor, Depends(served, scope="function")]


class TableRoute(PageRoute):
    """Takes in what a whole table of choices needs."""

    largest_body = 4 * LARGEST_TABLE


@dataclass(frozen=True)
class Visit:
    """A visitor at the mapping of an entity of theirs, as it is within the transaction of `connection`."""

    visitor: Visitor
    connection: Connection
    mapping: EntityMapping

    @property
    def address(self) -> str:
        """Where the mapping's pages begin."""
        return _address_of(self.mapping.key)

    def structures_of(self, key: str) -> str:
        """Where another entity of the organisation is put on a structure."""
        return f"{_address_of(key)}/structures"

    def link(self, *path: str, **query: object) -> str:
        """An address beneath it; empty values are left out."""
        given = {name: value for name, value in query.items() if value not in (None, "", 0)}
        return "/".join((self.address, *path)) + (f"?{urlencode(given)}" if given else "")

    def line_name(self, line: str) -> str:
        """The name of a line in the reader's language; its id where the structure has it no more."""
        found = self.mapping.lines.get(line)
        return found.names[self.visitor.language] if found else line


def at_mapping(visitor: SignedIn, key: str) -> Iterator[Visit]:
    """To look at a mapping: all of it is of one moment. 404 for an entity of someone else."""
    with tenancy.as_tenant(visitor.organisation_id, of_one_moment=True) as connection:
        yield _visit(visitor, connection, key)


def changing(visitor: SignedIn, key: str) -> Iterator[Visit]:
    """To change a mapping, which is done once the answer is made. 404 for an entity of someone else."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        yield _visit(visitor, connection, key)


def _address_of(key: str) -> str:
    return f"{ENTITIES}/{quote(key, safe='')}/mapping"


def _visit(visitor: Visitor, connection: Connection, key: str) -> Visit:
    try:
        return Visit(visitor, connection, read_mapping(connection, key))
    except EntityGone:
        raise HTTPException(404) from None


async def posted(request: Request, visitor: SignedIn) -> AsyncIterator[FormData]:
    """A form that a page of ours made for this visitor; at most one file in it, closed with the answer."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        csrf_checked(request, visitor, str(form.get("csrf", "")))
        yield form


CHECKED = Depends(posted, scope="function")
Posted = Annotated[FormData, CHECKED]


async def posted_table(form: Posted) -> bytes:
    """The file of a form; 400 where it has none, 413 where it is no table of choices by its size."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise HTTPException(400)
    content = await file.read(LARGEST_TABLE + 1)
    if len(content) > LARGEST_TABLE:
        raise HTTPException(413)
    return content


def head_of(visit: Visit, tab: str) -> dict[str, Any]:
    """What the head of every page of a mapping needs; `tab` is the one that is open."""
    return {"visit": visit, "mapping": visit.mapping, "tab": tab, "ZERO": ZERO}


AtMapping = Annotated[Visit, Depends(at_mapping, scope="function")]
Changing = Annotated[Visit, Depends(changing, scope="function")]
PostedTable = Annotated[bytes, Depends(posted_table)]
