"""What these pages begin with: a connection of the visitor, and a form that was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Path, Request

from monitr_pipelines import providers
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.providers.contract import Provider
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.shell.addresses import INTEGRATIONS
from monitr_pipelines.web.shell.forms import fields_of
from monitr_pipelines.web.shell.shares import served
from monitr_pipelines.web.shell.visitor import Visitor

LARGEST_ID = 2**63 - 1
MOST_FIELDS = 2000

SignedIn = Annotated[Visitor, Depends(served, scope="function")]


@dataclass(frozen=True)
class Visit:
    """A visitor at a connection of theirs, as `registry/connections.sql` tells it."""

    visitor: Visitor
    connection: Mapping[str, Any]

    @property
    def id(self) -> int:
        """The connection's number."""
        return int(self.connection["id"])

    @property
    def title(self) -> str:
        """The software."""
        return providers.title_of(self.connection["provider"])

    @property
    def address(self) -> str:
        """Where its pages begin."""
        return f"{INTEGRATIONS}/{self.id}"


def at_connection(visitor: SignedIn, number: Annotated[int, Path(ge=1, le=LARGEST_ID)]) -> Visit:
    """404 for a connection of someone else."""
    return Visit(visitor, find_connection(visitor, number))


def find_connection(visitor: Visitor, number: int) -> Mapping[str, Any]:
    """A connection of the visitor; 404 for any other."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        try:
            return connections.find(connection, number)
        except Refused:
            raise HTTPException(404) from None


def find_provider(name: str) -> Provider:
    """A software that there is a connector for; 404 for any other."""
    if name not in providers.connectors():
        raise HTTPException(404)
    return providers.find(name)


async def posted(request: Request, visitor: SignedIn) -> dict[str, str]:
    """The fields of a form that a page of ours made for this visitor."""
    return await fields_of(request, visitor, most=MOST_FIELDS)


AtConnection = Annotated[Visit, Depends(at_connection)]
Posted = Annotated[dict[str, str], Depends(posted)]
