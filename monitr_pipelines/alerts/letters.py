"""What a message says: a subject and a text for people, a document for programs. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitr_pipelines.alerts.outbox import Batch, Told
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.lifecycle.advice import for_customer, for_operations
from monitr_pipelines.lifecycle.codes import REMEDIES

LONGEST_LIST = 50
LONGEST_NAME = 80


@dataclass(frozen=True)
class Letter:
    """An e-mail without its addresses."""

    subject: str
    text: str


def letter(batch: Batch, page: str) -> Letter:
    """A batch as an e-mail; `page` is the address of the Entities page."""
    remedy = REMEDIES[batch.cause]
    whom = (
        _one_line(batch.entities[0].name) if len(batch.entities) == 1 else f"{len(batch.entities)} entities"
    )
    if batch.kind == "recovered":
        return Letter(
            f"Recovered: {whom} ({batch.cause})",
            _text([f"Imports work again. It was: {remedy.title.lower()}."], batch, [page]),
        )
    what_to_do = f"What to do: {remedy.operations if batch.for_operations else _remedy(batch)}"
    until = "You hear from us again when it has recovered, not every time that it fails."
    return Letter(
        f"{remedy.title}: {whom} ({batch.cause})",
        _text([f"{remedy.title}."], batch, [what_to_do, page, until]),
    )


def document(batch: Batch, page: str) -> dict[str, Any]:
    """A batch as Standard Webhooks lay out a payload; the same whenever it is sent again."""
    remedy = REMEDIES[batch.cause]
    return {
        "type": f"alert.{batch.kind}",
        "timestamp": max(told.closed_at or told.opened_at for told in batch.entities).isoformat(),
        "data": {
            "organisation": batch.entities[0].organisation,
            "cause": batch.cause,
            "title": remedy.title,
            "what_to_do": _remedy(batch),
            "page": page,
            "entities": [
                {
                    "key": told.key,
                    "name": told.name,
                    "message": _said(told),
                    "opened_at": told.opened_at.isoformat(),
                    "recovered_at": told.closed_at.isoformat() if told.closed_at else None,
                }
                for told in batch.entities
            ],
        },
    }


def _remedy(batch: Batch) -> str:
    """What the customer does; of entities of both kinds, what to do about each."""
    remedy = REMEDIES[batch.cause]
    kinds = {told.takes_files: remedy.for_finance(takes_files=told.takes_files) for told in batch.entities}
    if len(set(kinds.values())) == 1:
        return next(iter(kinds.values()))
    return f"{kinds[False]} For ledger files: {kinds[True]}"


def _text(before: list[str], batch: Batch, after: list[str]) -> str:
    listed = [_paragraph(told, batch) for told in batch.entities[:LONGEST_LIST]]
    more = len(batch.entities) - LONGEST_LIST
    return "\n\n".join([*before, *listed, *([f"and {more} more"] if more > 0 else []), *after]) + "\n"


def _paragraph(told: Told, batch: Batch) -> str:
    whose = f", {_one_line(told.organisation)}" if batch.for_operations else ""
    message = for_operations(told.messages, entity=told.key) if batch.for_operations else _said(told)
    said = f"\n  {_one_line(message, 500)}" if batch.kind == "opened" and message else ""
    return f"* {_one_line(told.name)} ({told.key}{whose}), since {_shown(told.opened_at)}{said}"


def _said(told: Told) -> str:
    return for_customer(told.messages, takes_files=told.takes_files)


def _shown(moment: datetime) -> str:
    return in_brussels(moment).format("D MMM YYYY HH:mm")


def _one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """Text that someone typed, harmless in a header: no line ends, no control characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
