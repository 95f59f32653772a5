"""What the import of a file would ask, answered with one button; the button that accepts comes last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitr_pipelines.files import Mode
from monitr_pipelines.importing.beforehand.several import Foreseen, foresee
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.messages import Option, Setting
from monitr_pipelines.warehouse.registry import changes, entities
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.i18n import text
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.visits import FileVisit
from monitr_pipelines.web.wizard.wording import ALLOWANCES

PREFIX = "answer:"
TO_ACCEPT = frozenset(ALLOWANCES.values())
# Codes of accounts stay as the file has them.
AS_IT_IS = "0"
# How codes and accounts of a file are read, kept with it as it was said.
AS_SAID = frozenset({Option.CODE_DIGITS, Option.ACCOUNT_TYPE})
# What the file of a part of a fiscal year may do.
PARTS = (Mode.MONTHS, Mode.APPEND)
BUTTONS = TO_ACCEPT | {Option.MODE} | AS_SAID


@dataclass(frozen=True)
class Offer:
    """One answer: the value of its button, and whether it accepts what was found instead of changing it."""

    name: Option | Setting
    value: str | int

    @property
    def action(self) -> str:
        """What the button sends."""
        return f"{PREFIX}{self.name}:{self.value}"

    @property
    def of_every(self) -> str:
        """What it sends for all files that it is an answer to."""
        return f"every:{self.name}:{self.value}"

    def of_file(self, upload: int) -> str:
        """What it sends among those about other files."""
        return f"{PREFIX}{upload}:{self.name}:{self.value}"

    @property
    def accepts(self) -> bool:
        """Whether it lets pass what was found."""
        return self.name in TO_ACCEPT

    def words(self, language: str) -> str:
        """What stands on the button."""
        if self.name == Setting.FISCAL_YEAR_START:
            return text(language, f"wizard.answer.{self.name}", month=i18n.month(language, int(self.value)))
        if self.name == Setting.FISCAL_YEARS:
            years = FiscalCalendar.parse(1, str(self.value)).exceptions
            named = "; ".join(
                f"{i18n.month_of_year(language, year.first)} - {i18n.month_of_year(language, year.last)}"
                for year in years
            )
            return text(language, f"wizard.answer.{self.name}", years=named)
        if self.name == Option.CODE_DIGITS:
            kind = "code_digits" if self.value != AS_IT_IS else "code_digits_kept"
            return text(language, f"wizard.answer.{kind}", digits=self.value)
        if self.name in {Option.ACCOUNT_TYPE, Option.MODE}:
            return text(language, f"wizard.answer.{self.value}")
        return text(language, f"wizard.answer.{self.name}")


def offers(problem: ImportProblem | None) -> list[Offer]:
    """The answers to what an import would ask; none to what only another file answers."""
    found = [] if problem is None else [answer for each in problem.messages for answer in each.answers]
    every = [
        Offer(answer.name, value)
        for answer in found
        for value in answer.candidates or (PARTS if answer.name == Option.MODE else ("yes",))
        if answer.name in BUTTONS or isinstance(answer.name, Setting)
    ]
    return sorted(every, key=lambda offer: offer.accepts)


def look_ahead(visit: FileVisit, seen: Preview, accepted: Mapping[str, Any], now: datetime) -> Foreseen:
    """What the import of a file would do, and what it would ask."""
    with tenancy.as_tenant(visit.visitor.organisation_id) as connection:
        (coming,) = foresee(connection, visit.entity, [(seen, accepted)], in_brussels(now).date())
    return coming


def give(connection: Connection, visit: FileVisit, offer: Offer) -> None:
    """Follow an answer: it is kept with the file, or set for the entity."""
    file = visit.file
    if offer.name == Option.MODE:
        drafts.save(connection, file.id, str(offer.value), file.settings)
    elif offer.name in AS_SAID:
        drafts.save(connection, file.id, file.mode, {**file.settings, offer.name: str(offer.value)})
    elif isinstance(offer.name, Option):
        drafts.save(connection, file.id, file.mode, {**file.settings, offer.name: True})
    else:
        values: dict[str, Any] = {Setting.FISCAL_YEAR_START: offer.value}
        if offer.name == Setting.FISCAL_YEARS:
            values = {"settings": {entities.FISCAL_YEARS: offer.value}}
        entities.change_entity(connection, visit.entity.key, values)
        changes.record_of_entity(connection, visit.entity.key, visit.visitor.person, Action.ENTITY_CHANGED)
