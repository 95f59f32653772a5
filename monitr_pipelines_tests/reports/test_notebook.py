"""The notebook of the documents runs, cell by cell, each shown as Jupyter shows it; so do the examples."""

import ast
import json
import re
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from pandas import DataFrame

from monitr_pipelines.reports import frames
from monitr_pipelines_tests.reports.conftest import Reported

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOK = DOCS / "reports.ipynb"


def cells() -> list[dict[str, Any]]:
    """The cells with code."""
    told = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (told["nbformat"], told["metadata"]["kernelspec"]["language"]) == (4, "python")
    return [cell for cell in told["cells"] if cell["cell_type"] == "code"]


def source_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def parts(source: str) -> tuple[CodeType, CodeType | None]:
    """What a cell does, and the expression at its end that is shown."""
    tree = ast.parse(source)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    done = compile(tree, "cell", "exec")
    return done, compile(ast.Expression(shown.value), "cell", "eval") if shown else None


def run(names: dict[str, Any], source: str) -> Any:  # noqa: ANN401 - whatever a cell shows
    done, shown = parts(source)
    exec(done, names)  # noqa: S102 - the notebook of this project
    found = eval(shown, names) if shown else None  # noqa: S307 - the notebook of this project
    # As in Jupyter: a frame is shown as HTML, anything else as it is printed.
    found._repr_html_() if isinstance(found, DataFrame) else repr(found)
    return found


def test_every_cell_runs_and_shows_figures(reported: Reported) -> None:
    names: dict[str, Any] = {}
    shown = []
    for cell in cells():
        shown.append(run(names, source_of(cell)))
        if "parameters" in cell["metadata"].get("tags", ()):
            names["entity"] = reported.key
    listed, _, attributes, table, quarters, balance, months = shown
    assert reported.key in set(listed["key"])
    assert attributes["entity"] == reported.key
    assert (len(table.columns), table.index.get_level_values("line")[0]) == (12, "(14)")
    assert quarters["amount"].sum() == reported.books.profit(2024) + reported.books.profit(2025)
    assert list(balance.columns) == list(frames.BALANCE_COLUMNS)
    assert len(months) == 12


def test_a_check_of_the_notebook_can_fail(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    balance = frames.trial_balance(reported.key)
    monkeypatch.setattr(frames, "trial_balance", lambda _entity: balance[1:])
    (checking,) = [source_of(cell) for cell in cells() if "trial_balance" in source_of(cell)]
    names = {"frames": frames, "entity": reported.key, "result": frames.profit_and_loss(reported.key)}
    with pytest.raises(AssertionError):
        run(names, checking)


def test_the_examples_of_the_page_run(reported: Reported) -> None:
    page = (DOCS / "reports.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    imported, *calls = example.replace("1042-bakkerij-peeters", reported.key).strip().splitlines()
    names: dict[str, Any] = {}
    run(names, imported)
    made = [run(names, call) for call in calls if call]
    assert len(made) == 7
    assert all(isinstance(frame, DataFrame) and len(frame) for frame in made)


def test_the_page_names_every_column() -> None:
    page = (DOCS / "reports.md").read_text(encoding="utf-8")
    tables = (
        frames.ENTITY_COLUMNS,
        frames.STATEMENT_COLUMNS,
        frames.VALUE_COLUMNS,
        frames.BALANCE_COLUMNS,
        frames.LINE_COLUMNS,
    )
    assert [name for table in tables for name in table if f"`{name}`" not in page] == []


def test_it_is_kept_without_outputs() -> None:
    for cell in cells():
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert str(Path.home()) not in NOTEBOOK.read_text(encoding="utf-8")
