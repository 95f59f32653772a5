"""Statements of French and Dutch companies show groups of two digits."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitr_pipelines_tests.cli.cli_kit import write


@pytest.mark.usefixtures("without_dagster")
@pytest.mark.parametrize(
    ("accounts", "lines"),
    [
        (
            ("FR", "512000", "706000"),
            {"PL:70": "Ventes (chiffre d'affaires)", "BS:51": "Banques et établissements financiers"},
        ),
        (("NL", "1010", "8000"), {"PL:80": "Groupe 80", "BS:10": "Groupe 10"}),
    ],
    ids=["FR", "NL"],
)
def test_turnover_is_a_line(
    make_entity: Callable[..., str],
    monitr: Callable,
    tmp_path: Path,
    accounts: tuple[str, str, str],
    lines: dict[str, str],
) -> None:
    country, bank, sales = accounts
    key = make_entity(country=country)
    file = write(tmp_path / "books.csv", ("2024-05-05", bank, 10), ("2024-05-05", sales, -10))
    assert monitr("import", key, "--file", file).code == 0
    shown = {}
    for report in ("profit-and-loss", "balance-sheet"):
        rows = monitr("report", report, key, "--format", "json", "--language", "fr").json
        shown |= {row["line"]: (row["name"], row["amount"]) for row in rows}
    assert {line: shown[line] for line in lines} == {line: (name, "10.00") for line, name in lines.items()}
