"""The `$filter` of OData version 2, as far as it compares fields with literals: read, typed, evaluated."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from monitr_pipelines.emulators.exact.fields import Edm, Fields
from monitr_pipelines.emulators.exact.forms import EPOCH, MILLISECOND

Comparable = str | int | Decimal | bool | None
Row = Mapping[str, object]
Test = Callable[[Row], bool]

LARGEST_SHORT = 2**31 - 1
LARGEST_LONG = 2**63 - 1
# A filter that is longer than any sensible one, and brackets within brackets, are refused.
LONGEST, DEEPEST = 4000, 20

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<guid>guid'(?P<key>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})')
      | (?P<time>datetime'(?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?)?)')
      | (?P<text>'(?:[^']|'')*')
      | (?P<double>-?\d+\.\d+[dDmM]?|-?\d+[dDmM])
      | (?P<long>-?\d+[lL])
      | (?P<short>-?\d+)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<bracket>[()])
    )""",
    re.VERBOSE,
)
_KINDS = {
    "guid": Edm.GUID,
    "time": Edm.TIME,
    "text": Edm.TEXT,
    "double": Edm.DOUBLE,
    "long": Edm.LONG,
    "short": Edm.SHORT,
}
_NUMBERS = (Edm.SHORT, Edm.LONG, Edm.DOUBLE)
_OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le")


class BadRequest(ValueError):
    """What was asked is refused with status 400; the text is that of the error document."""


@dataclass(frozen=True)
class Literal:
    """A value in an address; `kind` is None for null, which goes with every type."""

    kind: Edm | None
    value: Comparable

    def fits(self, field: Edm) -> bool:
        """Whether it can be compared with a field of a type."""
        if self.kind is None:
            return True
        if self.kind in _NUMBERS and field in _NUMBERS:
            return field is Edm.DOUBLE or self.kind is not Edm.DOUBLE
        return self.kind is field


@dataclass(frozen=True)
class Comparison:
    """One comparison, such as `Timestamp gt 5L`."""

    field: str
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Filter:
    """A filter as a whole: its comparisons, and whether a row passes."""

    comparisons: tuple[Comparison, ...]
    passes: Test


def parse_filter(text: str, fields: Fields) -> Filter:
    """Read a filter on rows with certain fields.

    Raises:
        BadRequest: It is none, names a field that is not there, or compares what does not compare.
    """
    if len(text) > LONGEST:
        raise BadRequest("The filter is too long.")
    parser = _Parser(text, fields)
    test = parser.alternatives(0)
    parser.end()
    return Filter(tuple(parser.comparisons), test)


def parse_literals(text: str) -> list[Literal]:
    """Read literals with commas between them, as a `$skiptoken` holds them.

    Raises:
        BadRequest: It holds something else.
    """
    literals, position = [], 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup in ("word", "bracket"):
            raise BadRequest(f"Bad Request - Error in query syntax: {text[:60]!r}.")
        literals.append(_literal(match))
        position = match.end()
        if position == len(text):
            return literals
        if text[position] != ",":
            raise BadRequest(f"Bad Request - Error in query syntax: {text[:60]!r}.")
        position += 1


def comparable(value: object, kind: Edm) -> Comparable:
    """A value of a row as literals have it."""
    if kind is Edm.TIME and isinstance(value, str):
        return int(value.removeprefix("/Date(").removesuffix(")/"))
    if kind is Edm.GUID and isinstance(value, str):
        return value.lower()
    if value is None or isinstance(value, str | int | Decimal):
        return value
    raise BadRequest("The field cannot be compared.")


def write_literal(value: object, kind: Edm) -> str:
    """A value of a row as an address holds it."""
    if kind is Edm.GUID:
        return f"guid'{value}'"
    if kind is Edm.TEXT:
        return "'" + str(value).replace("'", "''") + "'"
    return f"{value}L" if kind is Edm.LONG else str(value)


class _Parser:
    def __init__(self, text: str, fields: Fields) -> None:
        self.comparisons: list[Comparison] = []
        self._text = text.strip()
        self._fields = fields
        self._position = 0

    def alternatives(self, depth: int) -> Test:
        tests = [self._conjunction(depth)]
        while self._keyword("or"):
            tests.append(self._conjunction(depth))
        return lambda row: any(test(row) for test in tests)

    def end(self) -> None:
        if self._position != len(self._text):
            raise self._syntax()

    def _conjunction(self, depth: int) -> Test:
        tests = [self._single(depth)]
        while self._keyword("and"):
            tests.append(self._single(depth))
        return lambda row: all(test(row) for test in tests)

    def _single(self, depth: int) -> Test:
        if depth > DEEPEST:
            raise BadRequest("The filter is too deep.")
        match = self._next()
        if match["bracket"] == "(":
            inside = self.alternatives(depth + 1)
            if self._next()["bracket"] != ")":
                raise self._syntax()
            return inside
        field = match["word"]
        if field is None:
            raise self._syntax()
        if field not in self._fields:
            raise BadRequest(f"No property '{field}' exists in type at position {match.start('word')}.")
        return self._comparison(field)

    def _comparison(self, field: str) -> Test:
        operator = self._next()["word"]
        if operator not in _OPERATORS:
            raise self._syntax()
        literal, kind = _literal(self._next()), self._fields[field]
        if not literal.fits(kind):
            raise BadRequest(
                f"Operator '{operator}' incompatible with operand types '{kind.value}' and "
                f"'{literal.kind.value if literal.kind else 'null'}' at position {self._position}."
            )
        self.comparisons.append(Comparison(field, operator, literal))
        return lambda row: _holds(operator, comparable(row.get(field), kind), literal.value)

    def _keyword(self, word: str) -> bool:
        match = _TOKEN.match(self._text, self._position)
        if match is None or match["word"] != word:
            return False
        self._position = match.end()
        return True

    def _next(self) -> "re.Match[str]":
        match = _TOKEN.match(self._text, self._position)
        if match is None:
            raise self._syntax()
        self._position = match.end()
        return match

    def _syntax(self) -> BadRequest:
        return BadRequest(f"Syntax error at position {self._position}.")


def _literal(match: "re.Match[str]") -> Literal:
    text = match[0].strip()
    if match["word"] is not None:
        words: Mapping[str, Literal] = {
            "true": Literal(Edm.FLAG, value=True),
            "false": Literal(Edm.FLAG, value=False),
            "null": Literal(None, None),
        }
        if text not in words:
            raise BadRequest(f"Syntax error: {text!r} is no literal.")
        return words[text]
    kind = next((kind for name, kind in _KINDS.items() if match[name] is not None), None)
    if kind is None:
        raise BadRequest(f"Syntax error at {text!r}.")
    return Literal(kind, _value(kind, match, text))


def _value(kind: Edm, match: "re.Match[str]", text: str) -> Comparable:
    if kind is Edm.GUID:
        return match["key"].lower()
    if kind is Edm.TIME:
        return _milliseconds(match["moment"])
    if kind is Edm.TEXT:
        return text[1:-1].replace("''", "'")
    if kind is Edm.DOUBLE:
        return Decimal(text.rstrip("dDmM"))
    number = int(text.rstrip("lL"))
    # A longer number needs its L: without it the service takes it for a number of 32 bits.
    if abs(number) > (LARGEST_LONG if kind is Edm.LONG else LARGEST_SHORT):
        raise BadRequest(f"Unrecognized '{kind.value}' literal '{text}'.")
    return number


def _milliseconds(moment: str) -> int:
    try:
        return (datetime.fromisoformat(moment[:26]).replace(tzinfo=UTC) - EPOCH) // MILLISECOND
    except ValueError as error:
        raise BadRequest(f"Unrecognized 'Edm.DateTime' literal 'datetime'{moment}''.") from error


def _holds(operator: str, left: Comparable, right: Comparable) -> bool:
    if operator == "eq":
        return left == right
    if operator == "ne":
        return left != right
    if left is None or right is None:
        return False
    if isinstance(left, str) or isinstance(right, str):
        first, second = str(left), str(right)
        return _ordered(operator, (first > second) - (first < second))
    return _ordered(operator, (left > right) - (left < right))


def _ordered(operator: str, sign: int) -> bool:
    return {"gt": sign > 0, "ge": sign >= 0, "lt": sign < 0, "le": sign <= 0}[operator]
