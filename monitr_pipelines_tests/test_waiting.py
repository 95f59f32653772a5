"""Tests wait for events and facts, within one generous bound, and time nothing: a machine may be slow."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml
from process_kit import LONGEST_WAIT

from monitr_pipelines.shipped import DAGSTER_YAML

TESTS = Path(__file__).parent
WAITS = {"wait", "join", "communicate", "result", "sleep", "settimeout"}
# The places that may name seconds, and why.
EXCEPTIONS = {
    "process_kit.py": "it holds the one bound, and pauses between looks",
    "web/hook/test_hook_answers.py": "a limit whose clock is the test's own",
    "workers/soak.py": "it kills by the clock, and gives up where nothing ends; no test runs it",
    "importing/test_interrupted_fetches.py": "a stream that goes on until it is stopped",
    "providers/http_kit.py": "a server that drips is what it is",
}


def is_number(node: ast.expr) -> bool:
    """Whether it is written as a number above zero, plain or computed of numbers alone."""
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value > 0


def is_clock(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Attribute) and part.attr in {"monotonic", "perf_counter", "elapsed"}
        for part in ast.walk(node)
    )


def is_bound(orders: Sequence[ast.cmpop]) -> bool:
    return any(isinstance(order, ast.Lt | ast.LtE) for order in orders)


def hopes_in(source: str) -> Iterator[int]:
    """The lines that hope for something within so many seconds."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [keyword.value for keyword in node.keywords if keyword.arg in {"timeout", "timeout_ms"}]
            given += node.args[:1] if name in WAITS | {"timeout"} else []
            if any(map(is_number, given)):
                yield node.lineno
        if isinstance(node, ast.Compare) and is_clock(node.left) and is_bound(node.ops):
            yield node.lineno


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_no_test_hopes_for_seconds(path: Path) -> None:
    if path.relative_to(TESTS).as_posix() not in EXCEPTIONS:
        lines = list(hopes_in(path.read_text(encoding="utf-8")))
        assert lines == [], "wait for what happens, at most process_kit.LONGEST_WAIT; do not time it"


def test_no_start_of_a_run_is_taken_for_dead_sooner_than_a_test_gives_up() -> None:
    """A run that was launched from Dagster's pages and is killed as it starts is launched by nobody again."""
    told = yaml.safe_load(DAGSTER_YAML.read_text(encoding="utf-8"))
    assert told["run_monitoring"]["start_timeout_seconds"] >= LONGEST_WAIT


def test_exceptions_are_for_what_is_there() -> None:
    assert [name for name in EXCEPTIONS if not list(hopes_in((TESTS / name).read_text()))] == []


@pytest.mark.parametrize(
    "source",
    [
        "process.wait(30)",
        "thread.join(timeout=5)",
        "process.communicate(timeout=2 * 60)",
        "time.sleep(0.2)",
        "requests.get(url, timeout=5)",
        "@pytest.mark.timeout(180)\ndef test(): ...",
        "assert time.monotonic() - begun < 5",
        "assert 1 < 2 and page.elapsed <= bound",
    ],
)
def test_the_walk_finds_them(source: str) -> None:
    assert list(hopes_in(source)) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "process.wait(LONGEST_WAIT)",
        "events(timeout=0)",
        "', '.join(words)",
        "assert time.monotonic() - a >= 1",
    ],
)
def test_the_walk_lets_others_pass(source: str) -> None:
    assert list(hopes_in(source)) == []
