"""What every page of the wizard begins with: the entity, its file, and a form that was sent."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Query, Request

from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.imports import UploadState
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.shell.forms import fields_of
from monitr_pipelines.web.shell.visitor import TO_IMPORT, Visitor
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.drafts import WizardFile

AT_ENTITY = "/entities/{key}/import"
AT_FILE = "/entities/{key}/import/{upload}"
AT_FILES = "/entities/{key}/import/together"
LARGEST_ID = 2**63 - 1
MOST_FIELDS = 100
ID = re.compile(r"[0-9]{1,19}", re.ASCII)

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
    """The same, with one of its files; `beside`: the files that it is looked at together with."""

    file: WizardFile
    beside: Sequence[int] = ()

    @property
    def list_address(self) -> str:
        """The page of all files of the entity."""
        return super().address

    @property
    def address(self) -> str:
        """The page of the file."""
        return f"{super().address}/{self.file.id}"

    @property
    def page(self) -> str:
        """The page where it is looked at, which leads back to the files beside it."""
        return f"{self.address}?beside={_written(self.beside)}" if self.beside else self.address

    @property
    def together(self) -> str | None:
        """The page of the files that it is looked at together with, if any."""
        return together_address(self, self.beside) if self.beside else None


@dataclass(frozen=True)
class FilesVisit(Visit):
    """The same, with several of its files that are looked at together; `empty` others were left out.

    `missing`: the ids of files that were cleaned up, of which nothing more is known.
    """

    files: Sequence[WizardFile]
    empty: int = 0
    missing: Sequence[int] = ()

    @property
    def ids(self) -> list[int]:
        """The files by their ids, those too that are missing: their page tells it until someone goes on."""
        return [*(file.id for file in self.files), *self.missing]

    @property
    def discarded(self) -> list[WizardFile]:
        """Files that were thrown away while others are still to be confirmed."""
        if all(file.state != UploadState.DRAFT for file in self.files):
            return []
        return [file for file in self.files if file.state == UploadState.DISCARDED]

    @property
    def gone(self) -> int:
        """How many of the files are not there any more."""
        return len(self.missing) + len(self.discarded)

    @property
    def others(self) -> str | None:
        """The page of those that are there, if any is."""
        there = [file.id for file in self.files if file not in self.discarded]
        return together_address(self, there) if there else None


def together_address(visit: Visit, ids: Iterable[int], *, empty: int = 0) -> str:
    """The page of several files of an entity."""
    left_out = f"&empty={empty}" if empty else ""
    return f"/entities/{visit.entity.key}/import/together?files={_written(ids)}{left_out}"


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
    visit: Annotated[Visit, Depends(at_entity)],
    upload: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    beside: str = "",
) -> FileVisit:
    """404 for a file of another entity, or one that was thrown away."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        file = drafts.find(connection, visit.entity, upload)
    if file is None:
        raise HTTPException(404)
    return FileVisit(visit.visitor, visit.entity, file, _read(beside))


def at_files(
    visit: Annotated[Visit, Depends(at_entity)],
    files: str = "",
    empty: Annotated[int, Query(ge=0, le=drafts.MOST_FILES)] = 0,
) -> FilesVisit:
    """Those of the files that are there, and which are not: cleaned up, or of others. 404 for none."""
    ids = _read(files)
    if not ids:
        raise HTTPException(404)
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        found = {upload: drafts.find(connection, visit.entity, upload) for upload in ids}
    there = [file for file in found.values() if file is not None]
    missing = [upload for upload, file in found.items() if file is None]
    return FilesVisit(visit.visitor, visit.entity, there, empty, missing)


async def posted(request: Request, visitor: SignedIn) -> dict[str, str]:
    """The fields of a form that a page of ours made for this visitor."""
    return await fields_of(request, visitor, most=MOST_FIELDS)


AtEntity = Annotated[Visit, Depends(at_entity)]
AtFile = Annotated[FileVisit, Depends(at_file)]
AtFiles = Annotated[FilesVisit, Depends(at_files)]
Posted = Annotated[dict[str, str], Depends(posted)]


def _read(written: str) -> list[int]:
    """The ids of files in an address, none twice."""
    ids = [int(each) for each in written.split(",")[: drafts.MOST_FILES] if ID.fullmatch(each)]
    return list(dict.fromkeys(each for each in ids if 0 < each <= LARGEST_ID))


def _written(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))
