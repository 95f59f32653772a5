"""House rules that no linter knows: money is never a binary fraction, and no work is left over."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "monitr_pipelines"
MONEY_PACKAGES = ("ledger", "lifecycle", "files", "warehouse", "providers", "emulators")

# Modules that may hold floats, each with the reason why no amount can pass there.
FLOATS_ALLOWED = {
    "emulators/odoo/wire.py": "what Odoo answers are binary fractions; it makes them of whole cents",
    "warehouse/server/embedded.py": "seconds to wait for the PostgreSQL server",
}

SQL_FLOAT = re.compile(r"\b(double\s+precision|float\d*|real)\b", re.IGNORECASE)
SQL_FLOAT_IN_PYTHON = re.compile(r"\bdouble\s+precision\b|\bfloat[48]\b|::\s*(real|float)\b", re.IGNORECASE)
SQL_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
LEFT_OVER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")


def is_float_name(name: str) -> bool:
    return name == "float" or re.fullmatch(r"float(16|32|64|128)|from_float|Float", name) is not None


def floats_in(source: str) -> list[str]:
    """Places where a module makes, names or asks for a float, as `line: what`."""
    tree = ast.parse(source)
    docstrings = {id(text) for text in docstring_nodes(tree)}
    return [f"{line}: {what}" for node in ast.walk(tree) for line, what in float_at(node, docstrings)]


def docstring_nodes(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def float_at(node: ast.AST, docstrings: set[int]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        yield node.lineno, f"literal {node.value!r}"
    elif isinstance(node, ast.Name) and is_float_name(node.id):
        yield node.lineno, node.id
    elif isinstance(node, ast.Attribute) and is_float_name(node.attr):
        yield node.lineno, f".{node.attr}"
    elif isinstance(node, ast.alias) and is_float_name(node.name):
        yield node.lineno, f"import of {node.name}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
        if re.fullmatch(r"[\w.\[\], |]*\bfloat\b[\w.\[\], |]*", node.value):
            yield node.lineno, f"annotation or type {node.value!r}"
        elif SQL_FLOAT_IN_PYTHON.search(node.value):
            yield node.lineno, "SQL with a float type"


def sql_floats_in(statement: str) -> list[str]:
    return [match.group() for match in SQL_FLOAT.finditer(SQL_NOISE.sub(" ", statement))]


def modules_of(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (PACKAGE / package).rglob("*.py"))


@pytest.mark.parametrize("path", modules_of(*MONEY_PACKAGES), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_floats_where_money_passes(path: Path) -> None:
    found = floats_in(path.read_text(encoding="utf-8"))
    if path.relative_to(PACKAGE).as_posix() in FLOATS_ALLOWED:
        assert found, f"{path} needs no exception any more: take it out of FLOATS_ALLOWED"
    else:
        assert not found, f"{path} handles floats; money is Decimal or whole cents: {found}"


def test_exceptions_are_for_modules_that_exist() -> None:
    assert [name for name in FLOATS_ALLOWED if not (PACKAGE / name).is_file()] == []


@pytest.mark.parametrize(
    "source",
    [
        "rate = 0.21",
        "rate = 1e3",
        "rate = -1.0",
        "z = 2j",
        "amount = float(text)",
        "def pay(amount: float) -> None: ...",
        "def pay(amount: 'float | None') -> None: ...",
        "amounts: list[float] = []",
        "amounts: 'list[float]' = []",
        "amounts = map(float, texts)",
        "amount = Decimal.from_float(x)",
        "frame.astype(numpy.float64)",
        "frame.astype('float')",
        "from sqlalchemy import Float",
        "column = sqlalchemy.Float()",
        "connection.execute('select amount::float8 from ledger')",
        "connection.execute('select cast(amount as double precision)')",
        "def pay():\n    class Inner:\n        def deep(self):\n            return (lambda: 0.5)()",
    ],
)
def test_checker_finds_planted_floats(source: str) -> None:
    assert floats_in(source)


@pytest.mark.parametrize(
    "source",
    [
        "rate = Decimal('0.21')",
        "cents = 100 * 21 // 100",
        "# a float in a comment",
        '"""A docstring may say float, and 0.5, and double precision."""',
        "raise ValueError('a float where an account code belongs: 411000.0')",
        "floating = inflate(1)",
    ],
)
def test_checker_lets_exact_code_pass(source: str) -> None:
    assert floats_in(source) == []


@pytest.mark.parametrize("path", sorted((ROOT / "sql").rglob("*.sql")), ids=lambda path: path.name)
def test_no_float_columns_or_casts_in_sql(path: Path) -> None:
    assert sql_floats_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (amount double precision)",
        "create table t (amount DOUBLE\n  PRECISION)",
        "select amount::float8",
        "select cast(amount as real)",
        "create table t (amount float(24))",
    ],
)
def test_checker_finds_planted_floats_in_sql(statement: str) -> None:
    assert sql_floats_in(statement)


def test_checker_skips_comments_texts_and_other_words_in_sql() -> None:
    assert (
        sql_floats_in("-- a real one\n/* float */ select 'double precision', realm, floats from numeric_t")
        == []
    )


def test_every_copy_goes_through_the_one_that_holds_errors_back() -> None:
    """psycopg sends the text of what is raised within a COPY to the server."""
    copying = [
        path.relative_to(PACKAGE).as_posix()
        for path in modules_of(".")
        if re.search(r"\.copy\(\s*[^)\s]", path.read_text(encoding="utf-8"))
    ]
    assert copying == ["warehouse/server/copying.py"]


def left_overs_in(text: str) -> list[str]:
    return LEFT_OVER.findall(text)


def test_no_work_is_left_over_in_comments() -> None:
    sources = [*modules_of("."), *(ROOT / "sql").rglob("*.sql")]
    found = {path.name: left_overs_in(path.read_text(encoding="utf-8")) for path in sources}
    assert {name: words for name, words in found.items() if words} == {}


def test_checker_finds_left_over_work() -> None:
    assert left_overs_in("# " + "TO" + "DO: round half even")
    assert left_overs_in("-- " + "FIX" + "ME later")
    assert left_overs_in("a method to do it") == []
