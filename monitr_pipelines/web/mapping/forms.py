"""What a form wants: lines entered beside accounts, one line for all that are selected, or none of them."""

import json
from collections.abc import Iterable, Sequence

from fastapi import HTTPException
from starlette.datastructures import FormData

from monitr_pipelines.ledger.mapping.placing import Choice, Difference, Given, Placing
from monitr_pipelines.warehouse.mapping.reading import read_accounts
from monitr_pipelines.web.mapping.listing import Asked, Typed, matching
from monitr_pipelines.web.mapping.visits import Visit

PLACE, LINE, SELECTED = "place.", "line.", "selected"


def typed_in(form: FormData) -> Typed:
    """What someone entered on the page of accounts."""
    places = {
        name.removeprefix(PLACE): _placing(str(value))
        for name, value in form.items()
        if name.startswith(PLACE)
    }
    lines = {places[nth]: _text(form, f"{LINE}{nth}") for nth in places}
    selected = frozenset(places[str(nth)] for nth in form.getlist(SELECTED) if str(nth) in places)
    return Typed(
        {placing: line for placing, line in lines.items() if line},
        selected,
        _text(form, "line"),
        _text(form, "comment"),
    )


def wanted(visit: Visit, form: FormData, asked: Asked, typed: Typed) -> list[Given]:
    """The choices that a form asks for.

    What is entered beside an account goes before what is entered for all that are selected.
    """
    lines: dict[Placing, str | None] = {}
    clears = form.get("do") == "clear"
    if clears or typed.line:
        for placing in _selected(visit, form, asked, typed):
            lines[placing] = None if clears else typed.line
    lines |= typed.lines
    return [Given(placing, _choice(visit, line, typed.comment)) for placing, line in lines.items()]


def as_field(differences: Sequence[Difference]) -> str:
    """What a preview shows, carried to where it is saved."""
    return json.dumps(
        [[*each.placing, *(each.after or (None, ""))] for each in differences],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def of_field(text: str) -> list[Given]:
    """What a preview carried; 400 where no preview wrote it."""
    try:
        return [_given(*row) for row in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        raise HTTPException(400) from None


def _given(account: str, axis: str, value: str, line: str | None, comment: str) -> Given:
    if not all(isinstance(each, str) for each in (account, axis, value, line or "", comment)):
        raise TypeError
    return Given(Placing(account, axis, value), None if line is None else Choice(line, comment))


def _selected(visit: Visit, form: FormData, asked: Asked, typed: Typed) -> Iterable[Placing]:
    """What is selected, or every account that the page's search finds."""
    if form.get("all") != "1":
        return sorted(typed.selected)
    accounts = matching(visit, read_accounts(visit.connection, visit.mapping), asked)
    return [Placing(each.placed.code) for each in accounts]


def _choice(visit: Visit, line: str | None, comment: str) -> Choice | None:
    if line is None:
        return None
    found = visit.mapping.lines.find(line)
    return Choice(found.line if found else line, comment)


def _placing(text: str) -> Placing:
    try:
        account, axis, value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise HTTPException(400) from None
    return Placing(str(account), str(axis), str(value))


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
