"""Step 3: the import of the file as it goes, and what came of it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from monitr_pipelines.ledger.findings import Finding, grouped
from monitr_pipelines.lifecycle.imports import ImportState, Outcome, UploadState
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.entities.diagnostics import diagnostics
from monitr_pipelines.web.entities.pages import find_card
from monitr_pipelines.web.entities.ways import way
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.drafts import WizardFile
from monitr_pipelines.web.wizard.visits import AT_FILE, AtFile, FileVisit
from monitr_pipelines.web.wizard.wording import allowance, told_label

COUNTED = ("new", "changed", "unchanged", "deleted")

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True)
class FileOutcome:
    """What became of a file: the key of a text, and whether there is more to come."""

    told: str
    done: bool
    good: bool = False


@router.get(f"{AT_FILE}/progress")
def follow(request: Request, visit: AtFile) -> Response:
    """The page of an import under way, or of what came of it."""
    if visit.file.state == UploadState.DRAFT:
        return go(visit.address)
    now = request.app.state.clock()
    return render(
        request,
        visit.visitor,
        "wizard_progress.html",
        card=find_card(request, visit.visitor, visit.entity.key),
        diagnostics=lambda card: diagnostics(card, now),
        way=way,
        **_result(visit),
    )


@router.get(f"{AT_FILE}/outcome")
def outcome_alone(request: Request, visit: AtFile) -> Response:
    """What came of it, for an open page to put in the place of what it shows."""
    return render(request, visit.visitor, "wizard_outcome.html", **_result(visit))


def outcome_of(file: WizardFile) -> FileOutcome:
    """What became of a file, from what was recorded of it and of its import."""
    if file.state == UploadState.DISCARDED:
        return FileOutcome(UploadState.DISCARDED, done=True)
    if file.finished_at is None and file.import_id is not None:
        state = ImportState.IN_PROGRESS if file.started_at else ImportState.WAITING
        return FileOutcome(state, done=False)
    if file.state == UploadState.REFUSED:
        return FileOutcome(UploadState.REFUSED, done=True)
    if file.state == UploadState.APPLIED and (file.published or file.outcome == Outcome.SUCCEEDED):
        return FileOutcome(Outcome.SUCCEEDED, done=True, good=True)
    return FileOutcome("not_published" if file.state == UploadState.APPLIED else "kept", done=True)


def _result(visit: FileVisit) -> dict[str, Any]:
    file, language = visit.file, visit.visitor.language
    found: list[Finding] = []
    figures: list[Finding] = []
    if file.import_id is not None and file.finished_at is not None:
        with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
            found = drafts.findings(connection, file)
            figures = drafts.figures(connection, visit.entity, file)
    counts = file.counts or {}
    return {
        "entity": visit.entity,
        "file": file,
        "outcome": outcome_of(file),
        "counts": {name: counts[name] for name in COUNTED if name in counts},
        "findings": grouped(found),
        "figures": grouped(figures),
        "offered": allowance(file.error_code),
        "told_label": partial(told_label, language),
    }
