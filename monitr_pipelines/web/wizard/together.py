"""Files that came in together: one below another in the order of their import, and imported at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from monitr_pipelines.importing.beforehand.several import Foreseen, foresee
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.lifecycle.errors import ImportProblem, Refused
from monitr_pipelines.lifecycle.imports import UploadState
from monitr_pipelines.lifecycle.messages import Setting
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.entities.cards import trouble
from monitr_pipelines.web.entities.diagnostics import diagnostics
from monitr_pipelines.web.entities.pages import find_card
from monitr_pipelines.web.entities.ways import way
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.wizard import answers, drafts, reading_form
from monitr_pipelines.web.wizard.progress import outcome_of
from monitr_pipelines.web.wizard.reading_form import Choice
from monitr_pipelines.web.wizard.seeing import FileGone, accepted, look_at_all, settings_of
from monitr_pipelines.web.wizard.visits import (
    AT_FILES,
    AtFiles,
    FilesVisit,
    FileVisit,
    Posted,
    together_address,
)
from monitr_pipelines.web.wizard.wording import ALLOWANCES, asked_in_words, fields_asked

READ, REMOVE, IMPORT, EVERY = "read", "remove", "import", "every"

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True)
class Looked:
    """A draft among others, as it was seen and as its import would go."""

    visit: FileVisit
    seen: Preview
    foreseen: Foreseen

    @property
    def asks(self) -> bool:
        """Whether an answer is needed, or another look, before its import can be asked for."""
        return self.foreseen.asks

    @property
    def unfit(self) -> bool:
        """Whether no answer helps: it stays behind."""
        return self.foreseen.problem is not None and not self.asks

    @property
    def asked_before(self) -> ImportProblem | None:
        """What the file alone does not ask, but its import into this ledger would."""
        return None if self.foreseen.problem is self.seen.problem else self.foreseen.problem

    @property
    def offers(self) -> list[answers.Offer]:
        """The answers of one button each."""
        return answers.offers(self.foreseen.problem)

    @property
    def choices(self) -> list[Choice]:
        """What is asked of how it is read and can be chosen from a list."""
        asked = fields_asked(self.seen.questions)
        return [
            choice
            for choice in reading_form.choices(settings_of(self.visit), self.seen, self.visit.file.settings)
            if choice.name in asked
        ]

    @property
    def asks_for_columns(self) -> bool:
        """Whether it is asked which column is which, which the page of the file answers."""
        return "columns" in fields_asked(self.seen.questions)


@router.get(AT_FILES)
def look_at_files(request: Request, visit: AtFiles) -> Response:
    """What each of the files would do and asks, and what became of those that were confirmed."""
    try:
        looked = _looked(visit, request.app.state.clock())
    except FileGone:
        return go(_address(visit))
    return _page(request, visit, looked, status_code=200 if visit.files else 404)


@router.get(f"{AT_FILES}/outcome")
def outcomes_alone(request: Request, visit: AtFiles) -> Response:
    """What became of them, for an open page to put in the place of what it shows."""
    return render(request, visit.visitor, "wizard_together_outcome.html", **_outcomes(visit))


@router.post(AT_FILES)
def answer_or_import(request: Request, visit: AtFiles, form: Posted) -> Response:
    """Keep the answer about one file, remove it, or import all of them where none asks anything.

    Nothing is imported where one of them was thrown away meanwhile: the page tells it, and asks again.
    """
    try:
        return _follow(request, visit, form)
    except FileGone:
        return go(_address(visit))


def _follow(request: Request, visit: FilesVisit, form: Mapping[str, str]) -> Response:
    action, _, rest = form.get("action", "").partition(":")
    if action == IMPORT:
        return _import(request, visit)
    if action == EVERY:
        _answer_every(visit, _looked(visit, request.app.state.clock()), f"{answers.PREFIX}{rest}")
        return go(_address(visit))
    number, _, answer = rest.partition(":")
    file = next((each for each in _drafts(visit) if str(each.file.id) == number), None)
    if file is None:
        return go(_address(visit))
    if action == REMOVE:
        return _remove(visit, file)
    if action == READ:
        settings = {**file.file.settings, **reading_form.settings_of(form)}
        with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
            drafts.save(connection, file.file.id, file.file.mode, settings)
    else:
        _answer(request, visit, file, f"{answers.PREFIX}{answer}")
    return go(_address(visit))


def _answer(request: Request, visit: FilesVisit, file: FileVisit, action: str) -> None:
    """Follow the answer of a button, if that is still one of those to what the import would ask."""
    looked = _looked(visit, request.app.state.clock())
    offers = next(each.offers for each in looked if each.visit.file.id == file.file.id)
    offer = next((offer for offer in offers if offer.action == action), None)
    if offer is not None:
        with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
            answers.give(connection, file, offer)


def _answer_every(visit: FilesVisit, looked: Sequence[Looked], action: str) -> None:
    """Follow the answer of a button for each file that it is an answer to; what is set for all, once."""
    for each in looked:
        offer = next((offer for offer in each.offers if offer.action == action), None)
        if offer is None:
            continue
        with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
            answers.give(connection, each.visit, offer)
        if isinstance(offer.name, Setting):
            return


def _common(looked: Sequence[Looked]) -> dict[answers.Offer, int]:
    """Answers that several files have in common, and how many do."""
    counted = Counter(offer for each in looked for offer in each.offers)
    return {offer: files for offer, files in counted.items() if files > 1}


def _remove(visit: FilesVisit, file: FileVisit) -> Response:
    """Throw a file away that was not confirmed; the others stay, and so does one that was since."""
    visitor, subject = visit.visitor, file.file.file_name
    try:
        with tenancy.as_tenant(visitor.organisation_id) as connection:
            uploads.discard(connection, file.file.id, visitor.person)
            changes.record(
                connection, visitor.organisation_id, visitor.person, Action.FILE_DISCARDED, subject
            )
    except Refused:
        return go(_address(visit))
    others = [each for each in visit.ids if each != file.file.id]
    return go(together_address(visit, others) if others else visit.address)


def _import(request: Request, visit: FilesVisit) -> Response:
    now = request.app.state.clock()
    looked = _looked(visit, now)
    if visit.gone:
        return _page(request, visit, looked, status_code=409)
    if any(each.asks for each in looked):
        return _page(request, visit, looked, status_code=422)
    try:
        _confirm(visit, [each for each in looked if not each.unfit], now)
    except ImportProblem as refused:
        return _page(request, visit, looked, status_code=409, refused=refused)
    return go(_address(visit))


def _confirm(visit: FilesVisit, files: Sequence[Looked], now: datetime) -> None:
    """All of the files wait for one import, in their order; what is allowed for one is not for another."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        for each in files:
            said = accepted(each.visit)
            drafts.confirm(
                connection,
                visit.entity,
                each.visit.file,
                person=visit.visitor.person,
                allowances={name: bool(said.get(name)) for name in ALLOWANCES.values()},
                now=now,
                headers=each.seen.headers,
            )
            file = drafts.find(connection, visit.entity, each.visit.file.id)
            if file is None or file.state == UploadState.DISCARDED:
                raise FileGone(404)  # of all of them nothing is confirmed


def _drafts(visit: FilesVisit) -> list[FileVisit]:
    return [
        FileVisit(visit.visitor, visit.entity, file, visit.ids)
        for file in visit.files
        if file.state == UploadState.DRAFT
    ]


def _looked(visit: FilesVisit, now: datetime) -> list[Looked]:
    """Those that are not confirmed yet, in the order of their import."""
    files = _drafts(visit)
    pairs = list(zip(files, look_at_all(files), strict=True))
    pairs.sort(key=lambda pair: (pair[1].order, pair[0].file.file_name, pair[0].file.id))
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        ahead = [(seen, accepted(file)) for file, seen in pairs]
        told = foresee(connection, visit.entity, ahead, in_brussels(now).date())
    return [Looked(file, seen, each) for (file, seen), each in zip(pairs, told, strict=True)]


def _address(visit: FilesVisit) -> str:
    return together_address(visit, visit.ids)


def _outcomes(visit: FilesVisit) -> dict[str, Any]:
    settled = [
        file for file in visit.files if file.state != UploadState.DRAFT and file not in visit.discarded
    ]
    return {
        "entity": visit.entity,
        "address": _address(visit),
        "beside": ",".join(map(str, visit.ids)),
        "outcomes": [(file, outcome_of(file)) for file in settled],
    }


def _page(
    request: Request,
    visit: FilesVisit,
    looked: Sequence[Looked],
    *,
    status_code: int = 200,
    refused: ImportProblem | None = None,
) -> Response:
    language = visit.visitor.language
    now = request.app.state.clock()
    outcomes: Mapping[str, Any] = _outcomes(visit)
    return render(
        request,
        visit.visitor,
        "wizard_together.html",
        status_code,
        looked=looked,
        visit=visit,
        empty=visit.empty,
        asking=sum(each.asks for each in looked),
        unfit=sum(each.unfit for each in looked),
        common=_common(looked),
        refused=refused and trouble(refused),
        card=find_card(request, visit.visitor, visit.entity.key) if outcomes["outcomes"] else None,
        diagnostics=lambda card: diagnostics(card, now),
        way=way,
        asked_in_words=partial(asked_in_words, language),
        month_of_year=partial(i18n.month_of_year, language),
        **outcomes,
    )
