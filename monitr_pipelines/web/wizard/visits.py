"""What every page of the wizard begins with: the entity, its file, and a form that was sent."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request

from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.shell.forms import fields_of
from monitr_pipelines.web.shell.visitor import TO_IMPORT, Visitor
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.drafts import WizardFile

AT_ENTITY = "/entities/{key}/import"
AT_FILE = "/entities/{key}/import/{upload}"
LARGEST_ID = 2**63 - 1
MOST_FIELDS = 100

SignedIn = Annotated[Visitor, TO_IMPORT]


@dataclass(frozen=True)
class Visit:
    """A visitor at an entity of theirs whose ledger comes in files."""

    visitor: Visitor
    entity: Entity

    @property
    def address(self) -> str:
        """The page of it."""
        return f"/entities/{self.entity.key}/import"


@dataclass(frozen=True)
class FileVisit(Visit):
    """The same, with one of its files."""

    file: WizardFile

    @property
    def list_address(self) -> str:
        """The page of all files of the entity."""
        return super().address

    @property
    def address(self) -> str:
        """The page of the file."""
        return f"{super().address}/{self.file.id}"


def at_entity(visitor: SignedIn, key: str) -> Visit:
    """404 for an entity of someone else, or one that is not imported from files."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        try:
            entity = entities.find(connection, key) if key.isprintable() else None
        except EntityGone:
            entity = None
    if entity is None or entity.provider != entities.BY_FILES:
        raise HTTPException(404)
    return Visit(visitor, entity)


def at_file(
    visit: Annotated[Visit, Depends(at_entity)], upload: Annotated[int, Path(ge=1, le=LARGEST_ID)]
) -> FileVisit:
    """404 for a file of another entity, or one that was thrown away."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        file = drafts.find(connection, visit.entity, upload)
    if file is None:
        raise HTTPException(404)
    return FileVisit(visit.visitor, visit.entity, file)


async def posted(request: Request, visitor: SignedIn) -> dict[str, str]:
    """The fields of a form that a page of ours made for this visitor."""
    return await fields_of(request, visitor, most=MOST_FIELDS)


AtEntity = Annotated[Visit, Depends(at_entity)]
AtFile = Annotated[FileVisit, Depends(at_file)]
Posted = Annotated[dict[str, str], Depends(posted)]
