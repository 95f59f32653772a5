"""Which column of a table holds what: by the standard layout, the older one, or the user's own map."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from monitr_pipelines.files.reading.contract import ReadSettings
from monitr_pipelines.files.reading.headers import listed, plain_name, short
from monitr_pipelines.files.reading.problems import NeedsAnswer, Question, ask
from monitr_pipelines.lifecycle.messages import Answer, Option

AXIS = "axis:"

STANDARD = {
    "date": "date",
    "accountcode": "account_code",
    "accountname": "account_name",
    "description": "description",
    "debit": "debit",
    "credit": "credit",
}
EXACT = frozenset(
    {
        "date", "period", "account_code", "account_name", "account_type", "amount", "debit", "credit", "side",
        "description", "booking", "line_number", "journal", "document_number", "relation",
        "foreign_amount", "foreign_currency", "opening",
    }
)  # fmt: skip
DIMENSIONS = {"dimension1": "dimension1", "dimension2": "dimension2"}
OLDER = {
    "datebooking": "date",
    "bookingdate": "date",
    "date": "date",
    "period": "period",
    "accountnumber": "account_code",
    "accountno": "account_code",
    "accountnr": "account_code",
    "accountcode": "account_code",
    "accountname": "account_name",
    "amount": "amount",
    "description": "description",
    "journalcode": "journal",
    "relationname": "relation",
}
COST_CENTER = re.compile(r"cost(?:cent(?:er|re))([a-z0-9]*)")


@dataclass(frozen=True)
class Layout:
    """Where the columns are: our names and axis names to places in a record."""

    name: str
    headers: tuple[str, ...]
    places: Mapping[str, int]
    axes: Mapping[str, int] = field(default_factory=dict)
    date_notation: str | None = None

    @property
    def has_lines(self) -> bool:
        """Whether it holds ledger lines; otherwise it is a chart of accounts."""
        return "date" in self.places

    def column(self, name: str) -> str:
        """What the file calls a column, for messages."""
        return short(self.headers[self.places[name]]) or str(self.places[name] + 1)


def recognise(headers: Sequence[str], columns: Mapping[str, str]) -> Layout | None:
    """The layout of a table with this header, None when it is none that is known."""
    if columns:
        return _mapped(headers, columns)
    return _standard(headers) or _older(headers)


def columns_for(headers: Sequence[str], settings: ReadSettings, *, known: bool) -> Mapping[str, str]:
    """The user's map for a file: what was said of it, or what was saved from others where that fits.

    A map by number would fit any file, so it is not for one whose header is `known` without a map.
    """
    saved = settings.saved_columns
    if settings.columns or not saved:
        return settings.columns
    find = _find_by_name if known else find_column
    return saved if all(find(headers, theirs) is not None for theirs in saved.values()) else {}


def is_known(headers: Sequence[str]) -> bool:
    """Whether a header tells by itself which column is which."""
    try:
        return recognise(headers, {}) is not None
    except NeedsAnswer:
        return False


def find_layout(headers: Sequence[str], columns: Mapping[str, str]) -> Layout:
    """The layout, or the question which column is which."""
    layout = recognise(headers, columns)
    if layout is None and columns:
        _ask_columns(headers, columns)
    if layout is None:
        _ask_header(headers)
    return layout


def _ask_header(headers: Sequence[str]) -> NoReturn:
    ask(Question("columns", {"headers": listed(headers)}, Answer(Option.COLUMNS)))


def _standard(headers: Sequence[str]) -> Layout | None:
    places: dict[str, int] = {}
    axes: dict[str, int] = {}
    for place, header in enumerate(headers):
        name, plain = header.strip().lower(), plain_name(header)
        known = STANDARD.get(plain) or (name if name in EXACT else None)
        if known is not None:
            _place(places, known, place, headers)
        elif plain in DIMENSIONS:
            _place(axes, DIMENSIONS[plain], place, headers)
        elif name.startswith(AXIS) and name != AXIS:
            _place(axes, header.strip()[len(AXIS) :].strip(), place, headers)
    return _complete("standard layout", headers, places, axes)


def _older(headers: Sequence[str]) -> Layout | None:
    places: dict[str, int] = {}
    axes: dict[str, int] = {}
    for place, header in enumerate(headers):
        name = plain_name(header)
        if name in OLDER:
            _place(places, OLDER[name], place, headers)
        elif center := COST_CENTER.fullmatch(name):
            _place(axes, f"Cost Center {center.group(1).upper()}".strip(), place, headers)
    layout = _complete("older layout", headers, places, axes)
    return layout if layout is not None and layout.has_lines and "amount" in places else None


def _place(places: dict[str, int], name: str, place: int, headers: Sequence[str]) -> None:
    if name in places:
        ask(
            Question(
                "columns_twice",
                {
                    "first_number": places[name] + 1,
                    "first": short(headers[places[name]]),
                    "second_number": place + 1,
                    "second": short(headers[place]),
                    "name": name,
                },
                Answer(Option.COLUMNS),
            )
        )
    places[name] = place


def _complete(
    name: str,
    headers: Sequence[str],
    places: dict[str, int],
    axes: dict[str, int],
) -> Layout | None:
    if {"debit", "credit"} <= places.keys():
        places.pop("amount", None)
        places.pop("side", None)
    if {"date", "account_code"} <= places.keys() and (
        "amount" in places or {"debit", "credit"} <= places.keys()
    ):
        notation = "DD-MM-YYYY" if name == "older layout" else "YYYY-MM-DD"
        return Layout(name, tuple(headers), places, dict(sorted(axes.items())), notation)
    named = {"account_name", "account_type"} & places.keys()
    booked = {"date", "amount", "debit", "credit"} & places.keys()
    if "account_code" in places and named and not booked:
        return Layout("chart of accounts", tuple(headers), places)
    return None


def _mapped(headers: Sequence[str], columns: Mapping[str, str]) -> Layout | None:
    """The user's map, on top of a layout when the header is one."""
    base = _standard(headers) or _older(headers)
    places = dict(base.places) if base else {}
    axes = dict(base.axes) if base else {}
    if "amount" in columns:
        places.pop("debit", None)
        places.pop("credit", None)
    for ours, theirs in columns.items():
        place = find_column(headers, theirs)
        if place is None:
            return None
        if ours.startswith(AXIS) and len(ours) > len(AXIS):
            axes[ours[len(AXIS) :].strip()] = place
        elif ours in EXACT:
            places[ours] = place
        else:
            return None
    return _complete("columns as given", headers, places, axes)


def find_column(headers: Sequence[str], wanted: str) -> int | None:
    """The place of a column by its header, or by its number when no header is spelled so."""
    place = _find_by_name(headers, wanted)
    if place is not None:
        return place
    wanted = str(wanted)
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < len("10000") else 0
    return number - 1 if 1 <= number <= len(headers) else None


def _find_by_name(headers: Sequence[str], wanted: str) -> int | None:
    wanted = str(wanted)
    plain = plain_name(wanted)
    for place, header in enumerate(headers):
        if header.strip() == wanted.strip():
            return place
    for place, header in enumerate(headers):
        if plain and plain_name(header) == plain:
            return place
    return None


def _ask_columns(headers: Sequence[str], columns: Mapping[str, str]) -> NoReturn:
    unknown = [ours for ours in columns if not ours.startswith(AXIS) and ours not in EXACT]
    if unknown:
        known = ", ".join(sorted(EXACT))
        ask(Question("columns_unknown", {"names": listed(unknown), "known": known}, Answer(Option.COLUMNS)))
    missing = [theirs for theirs in columns.values() if find_column(headers, theirs) is None]
    every = listed(headers)
    if missing:
        ask(Question("columns_missing", {"names": listed(missing), "headers": every}, Answer(Option.COLUMNS)))
    ask(Question("columns_incomplete", {"mapped": listed(columns), "headers": every}, Answer(Option.COLUMNS)))
