"""Domains: lists of conditions in Polish notation, turned into a question that a row answers."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from monitr_pipelines.emulators.odoo.errors import BadValue, DatabaseProblem
from monitr_pipelines.emulators.odoo.models import Env, Field, Model, Row
from monitr_pipelines.emulators.odoo.wire import FLOAT, HUNDREDTHS, Raw
from monitr_pipelines.emulators.shared.clock import EPOCH, MICROSECOND

Test = Callable[[Row], bool]

ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
LIKE = frozenset({"like", "ilike", "=like", "=ilike", "not like", "not ilike"})
OPERATORS = {"=", "!=", "=?", "in", "not in", "child_of", "parent_of", *ORDERED, *LIKE}
# An offset is accepted, and ignored.
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?\s*(?:Z|[+-]\d\d:?\d\d)?"
)
AMERICAN = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
DAY_ONLY = 10


@dataclass(frozen=True)
class Span:
    """Which ids a domain can match at all: spares looking at every row of a large table."""

    after: int = 0
    last: int | None = None
    ids: frozenset[int] | None = None


def compiled(env: Env, model: Model, domain: Sequence[Raw]) -> Test:
    """A domain as a test of rows.

    Raises:
        BadValue: It is malformed, or names a field or an operator that does not exist.
        DatabaseProblem: It holds a date that there is not.
    """
    if not isinstance(domain, list | tuple):
        raise BadValue(f"Invalid domain {domain!r}")
    stack: list[Test] = []
    for item in reversed(domain):
        if item == "!":
            stack.append(_not(_popped(stack, domain)))
        elif item in ("&", "|"):
            first, second = _popped(stack, domain), _popped(stack, domain)
            stack.append(_and(first, second) if item == "&" else _or(first, second))
        else:
            stack.append(_leaf(env, model, item))
    return lambda row: all(test(row) for test in stack)


def span_of(domain: Sequence[Raw]) -> Span:
    """The ids that a domain without `|` and `!` narrows itself to."""
    if any(item in ("|", "!") for item in domain if isinstance(item, str)):
        return Span()
    after, last, ids = 0, None, None
    for item in domain:
        if isinstance(item, str) or item[0] != "id":
            continue
        _, sign, value = item
        if sign in (">", ">=") and isinstance(value, int):
            after = max(after, value if sign == ">" else value - 1)
        elif sign in ("<", "<=") and isinstance(value, int):
            bound = value if sign == "<=" else value - 1
            last = bound if last is None else min(last, bound)
        elif sign in ("=", "in"):
            ids = frozenset([value] if sign == "=" else value)
    return Span(after, last, ids)


def _popped(stack: list[Test], domain: Sequence[Raw]) -> Test:
    if not stack:
        raise BadValue(f"Domain() invalid, malformed: {domain!r}")
    return stack.pop()


def _not(test: Test) -> Test:
    return lambda row: not test(row)


def _and(first: Test, second: Test) -> Test:
    return lambda row: first(row) and second(row)


def _or(first: Test, second: Test) -> Test:
    return lambda row: first(row) or second(row)


def _leaf(env: Env, model: Model, item: Raw) -> Test:
    if not isinstance(item, list | tuple) or len(item) != 3:
        raise BadValue(f"Invalid leaf {item!r}")
    name, sign, value = item
    if name in (0, 1) and sign == "=":
        return lambda _: name == value
    if not isinstance(name, str):
        raise BadValue(f"Invalid leaf {item!r}")
    if sign not in OPERATORS:
        raise BadValue(f"Invalid operator {sign!r} in domain term {item!r}")
    first, _, rest = name.partition(".")
    field = model.fields.get(first)
    if field is None:
        place = "condition" if env.version >= 19 else "leaf"
        raise BadValue(f"Invalid field {model.name}.{first} in {place} {tuple(item)!r}")
    if rest:
        return _followed(env, field, _leaf(env, env.state.models[field.relation], (rest, sign, value)))
    return _compared(env, field, sign, value)


def _followed(env: Env, field: Field, test: Test) -> Test:
    """What holds of the record that a field leads to; asked once for each."""
    model = env.state.models[field.relation]
    known: dict[int, bool] = {}

    def holds(row: Row) -> bool:
        ids = field.get(env, row)
        for each in ids if isinstance(ids, tuple) else (ids,):
            if each is not None and each not in known:
                target = model.row(env, each)
                known[each] = target is not None and test(target)
            if each is not None and known[each]:
                return True
        return False

    return holds


def _compared(env: Env, field: Field, sign: str, value: Raw) -> Test:
    get = field.get
    if sign == "=?":
        return (lambda _: True) if value in (None, False) else _compared(env, field, "=", value)
    if sign in LIKE or (field.relation and isinstance(value, str)):
        return _worded(env, field, sign, value)
    if sign in ORDERED:
        compare, limit = ORDERED[sign], _typed(field, value, sign)

        def ordered(row: Row) -> bool:
            found = get(env, row)
            return found is not None and limit is not None and compare(found, limit)

        return ordered
    wanted = value if sign in ("in", "not in", "child_of", "parent_of") else [value]
    if not isinstance(wanted, list | tuple):
        wanted = [wanted]
    values = {_typed(field, each, "=") for each in wanted}
    within = _within(env, field, values)
    return _not(within) if sign in ("!=", "not in") else within


def _within(env: Env, field: Field, values: set[Raw]) -> Test:
    get = field.get
    if field.kind in ("one2many", "many2many"):
        return lambda row: bool(values.intersection(get(env, row))) or (None in values and not get(env, row))
    if field.kind == "boolean":
        return lambda row: bool(get(env, row)) in values
    return lambda row: get(env, row) in values


def _typed(field: Field, value: Raw, sign: str) -> Raw:
    """A value of a domain as rows hold theirs."""
    if field.kind == "boolean":
        return bool(value)
    if value is False or value is None:
        return None
    if field.kind in ("monetary", FLOAT):
        return int((Decimal(str(value)) * HUNDREDTHS).to_integral_value())
    if field.kind == "date":
        return _moment(value).date()
    if field.kind == "datetime":
        when = _moment(value)
        if isinstance(value, str) and len(value) == DAY_ONLY and sign in (">", "<="):
            when = when.replace(hour=23, minute=59, second=59)
        return (when - EPOCH) // MICROSECOND
    return value


def _moment(value: Raw) -> datetime:
    if isinstance(value, datetime | date):
        value = value.isoformat()
    text = str(value)
    if american := AMERICAN.fullmatch(text):
        text = f"{american[3]}-{american[1]}-{american[2]}"
    found = ISO.fullmatch(text)
    if found is None:
        raise DatabaseProblem(f'invalid input syntax for type timestamp: "{value}"')
    *parts, fraction = found.groups(default="0")
    year, month, day, hour, minute, second = map(int, parts)
    try:
        return datetime(year, month, day, hour, minute, second, int(fraction.ljust(6, "0")), UTC)
    except ValueError:
        hint = 'HINT:  Perhaps you need a different "datestyle" setting.'
        raise DatabaseProblem(f'date/time field value out of range: "{value}"\n{hint}') from None


def _worded(env: Env, field: Field, sign: str, value: Raw) -> Test:
    """Texts, and the names of what a field leads to."""
    text = str(value)
    if sign in ("=", "!=", "in", "not in"):
        pattern = re.compile(re.escape(text))
    else:
        escaped = re.escape(text).replace("%", ".*").replace("_", ".")
        inner = escaped if sign.startswith("=") else f".*{escaped}.*"
        pattern = re.compile(inner, re.DOTALL | (re.IGNORECASE if "ilike" in sign else 0))

    def holds(row: Row) -> bool:
        found = field.get(env, row)
        if found is not None and field.relation:
            model = env.state.models[field.relation]
            found = model.display(env, model.row(env, found))
        return found is not None and pattern.fullmatch(str(found)) is not None

    return _not(holds) if sign.startswith(("not", "!")) else holds
