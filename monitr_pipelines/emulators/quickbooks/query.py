"""The query language: one entity, conditions that all hold, an order, and a page of at most a thousand."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple, TypeVar

from monitr_pipelines.emulators.quickbooks.entities import Entity
from monitr_pipelines.emulators.quickbooks.forms import ZONE, Document, Refused
from monitr_pipelines.emulators.shared.records import Company

USUAL_PAGE, LARGEST_PAGE = 100, 1000
TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[\w.]+)|(?P<sign><=|>=|!=|[<>=(),*]))")
ESCAPED = re.compile(r"\\(.)")
COMPARISONS: Mapping[str, Callable[[Any, Any], object]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    ">": gt,
    "<=": le,
    ">=": ge,
}
TIMES = ("MetaData.CreateTime", "MetaData.LastUpdatedTime")
ACTIVE = "Active"
Kept = TypeVar("Kept")


class Condition(NamedTuple):
    """A field that is compared with a value, or with several by `IN`."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, row: Document) -> bool:
        """Whether a row is as asked for."""
        told = _told(row, self.field)
        if told is None:
            return False
        if self.operator == "IN":
            return told in self.values
        if self.operator == "LIKE":
            parts = (re.escape(part) for part in self.values[0].split("%"))
            return re.fullmatch(".*".join(parts), told, re.IGNORECASE) is not None
        left, right = (_comparable(self.field, text) for text in (told, self.values[0]))
        return bool(COMPARISONS[self.operator](left, right))


@dataclass(frozen=True)
class Statement:
    """A query as it was read; `fields` is empty for all of them, None for their number."""

    entity: str
    fields: tuple[str, ...] | None
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int
    most: int


def answered(known: Mapping[str, Entity], company: Company, text: str) -> Mapping[str, object]:
    """What a query gives: the `QueryResponse` of its answer, empty where nothing was found.

    Raises:
        Refused: It cannot be read, or asks for what there is not.
    """
    asked = parsed(text)
    entity = next((each for each in known.values() if each.name.lower() == asked.entity.lower()), None)
    if entity is None:
        raise _invalid(f"Metadata not found for Entity {asked.entity}")
    for field in [*(each.field for each in asked.conditions), *(field for field, _ in asked.order)]:
        if field not in entity.filters:
            raise _invalid(f"Property {field} not found for Entity {entity.name}")
    conditions = asked.conditions
    if entity.listed and all(each.field != ACTIVE for each in conditions):
        conditions = (*conditions, Condition(ACTIVE, "=", ("true",)))
    rows = [row for row in entity.rows(company, 0) if all(each.holds(row) for each in conditions)]
    if asked.fields is None:
        return {"totalCount": len(rows)}
    for field, descending in reversed(asked.order):
        rows.sort(key=lambda row, field=field: _sortable(field, row), reverse=descending)  # type: ignore[misc]
    page = [_with_fields(row, asked.fields) for row in rows[asked.start - 1 : asked.start - 1 + asked.most]]
    if not page:
        return {}
    return {entity.name: page, "startPosition": asked.start, "maxResults": len(page)}


def parsed(text: str) -> Statement:
    """A query from its text.

    Raises:
        Refused: It is none.
    """
    return _Reader(text).statement()


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0

    def statement(self) -> Statement:
        self._word("SELECT")
        fields = self._fields()
        self._word("FROM")
        entity = self._take("word").text
        conditions = tuple(self._conditions()) if self._if_word("WHERE") else ()
        order = tuple(self._order()) if self._ordered() else ()
        start = self._number("STARTPOSITION", 1)
        most = self._number("MAXRESULTS", USUAL_PAGE)
        if most > LARGEST_PAGE:
            raise _invalid(f"value {most} is too large. Max allowed value is {LARGEST_PAGE}")
        if self._here().kind != "end":
            raise self._unexpected()
        return Statement(entity, fields, conditions, order, start, most)

    def _fields(self) -> tuple[str, ...] | None:
        if self._if_word("COUNT"):
            for sign in "(*)":
                self._sign(sign)
            return None
        if self._if_sign("*"):
            return ()
        return tuple(self._several(lambda: self._take("word").text))

    def _conditions(self) -> Iterator[Condition]:
        yield self._condition()
        while self._if_word("AND"):
            yield self._condition()

    def _condition(self) -> Condition:
        field = self._take("word").text
        if self._if_word("IN"):
            self._sign("(")
            values = tuple(self._several(self._value))
            self._sign(")")
            return Condition(field, "IN", values)
        if self._if_word("LIKE"):
            return Condition(field, "LIKE", (self._value(),))
        sign = self._take("sign")
        if sign.text not in COMPARISONS:
            self._next -= 1
            raise self._unexpected()
        return Condition(field, sign.text, (self._value(),))

    def _ordered(self) -> bool:
        if self._if_word("ORDERBY"):
            return True
        if self._if_word("ORDER"):
            self._word("BY")
            return True
        return False

    def _order(self) -> Iterator[tuple[str, bool]]:
        return iter(self._several(self._ordering))

    def _ordering(self) -> tuple[str, bool]:
        field = self._take("word").text
        descending = self._if_word("DESC")
        if not descending:
            self._if_word("ASC")
        return field, descending

    def _number(self, word: str, usual: int) -> int:
        if not self._if_word(word):
            return usual
        token = self._take("word")
        if not (token.text.isascii() and token.text.isdigit()):
            self._next -= 1
            raise self._unexpected()
        if int(token.text) < 1:
            raise _invalid(f"value {int(token.text)} is too small. Min allowed value is 1")
        return int(token.text)

    def _several(self, one: Callable[[], Kept]) -> Sequence[Kept]:
        found = [one()]
        while self._if_sign(","):
            found.append(one())
        return found

    def _value(self) -> str:
        token = self._here()
        if token.kind not in ("text", "word"):
            raise self._unexpected()
        self._next += 1
        return ESCAPED.sub(r"\1", token.text[1:-1]) if token.kind == "text" else token.text

    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, kind: str) -> _Token:
        token = self._here()
        if token.kind != kind:
            raise self._unexpected()
        self._next += 1
        return token

    def _if_word(self, word: str) -> bool:
        return self._if(lambda token: token.kind == "word" and token.text.upper() == word)

    def _if_sign(self, sign: str) -> bool:
        return self._if(lambda token: token.kind == "sign" and token.text == sign)

    def _if(self, matches: Callable[[_Token], bool]) -> bool:
        if matches(self._here()):
            self._next += 1
            return True
        return False

    def _word(self, word: str) -> None:
        if not self._if_word(word):
            raise self._unexpected()

    def _sign(self, sign: str) -> None:
        if not self._if_sign(sign):
            raise self._unexpected()

    def _unexpected(self) -> Refused:
        token = self._here()
        return _unreadable(token.text or "<EOF>", token.column)


def _tokens(text: str) -> Iterator[_Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            place = end - len(text[place:end].lstrip())
            raise _unreadable(text[place], place + 1)
        yield _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup) + 1)
        place = found.end()
    yield _Token("end", "", end + 1)


def _told(row: Document, field: str) -> str | None:
    value: object = row
    for name in field.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _comparable(field: str, text: str) -> object:
    if field not in TIMES:
        return text.lower() if field == ACTIVE else text
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid(f"Invalid value {text} for property {field}") from None
    return when if when.tzinfo else when.replace(tzinfo=ZONE)


def _sortable(field: str, row: Document) -> tuple[int, object]:
    told = _told(row, field)
    if field == "Id" and told is not None:
        return 1, int(told)
    return (0, "") if told is None else (1, _comparable(field, told))


def _with_fields(row: Document, fields: Sequence[str]) -> Document:
    if not fields:
        return row
    always = ("domain", "sparse")
    return {name: value for name, value in row.items() if name in fields or name in always}


def _unreadable(what: str, column: int) -> Refused:
    detail = f'QueryParserError: Encountered " {what} " at line 1, column {column}.'
    return Refused("Error parsing query", detail, "4000")


def _invalid(what: str) -> Refused:
    return Refused("Invalid query", f"QueryValidationError: {what}", "4001")
