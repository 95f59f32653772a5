"""Small files that were read wrongly once, with the right values: periods."""

from collections.abc import Callable

import pytest

from monitr_pipelines_tests.common_kit import reference

pytestmark = pytest.mark.usefixtures("without_dagster")


def test_april_to_march(make_entity: Callable[..., str], monitr: Callable) -> None:
    key, file = make_entity(country="FR"), reference("inputs", "09_fec_april_to_march_2023.txt")
    assert f"monitr entity set {key} --fiscal-year-start 4" in monitr("import", key, "--file", file).err
    assert monitr("entity", "set", key, "--fiscal-year-start", 4).code == 0
    assert monitr("import", key, "--file", file).code == 0
    rows = monitr("report", "profit-and-loss", key, "--to", "2023-02", "--format", "json").json
    assert {row["line"]: row["year_to_date"] for row in rows}["PL:70"] == "300.00"


def test_monthly_files(make_entity: Callable[..., str], monitr: Callable) -> None:
    key = make_entity(country="BE")
    january, february = (reference("inputs", f"09_month_{month}.csv") for month in (1, 2))
    assert monitr("import", key, "--file", january).code == 0
    told = monitr("import", key, "--file", february)
    assert "--mode append" in told.err
    assert "--fiscal-year-start" not in told.err
    assert monitr("import", key, "--file", february, "--mode", "append").code == 0
    rows = monitr("report", "trial-balance", key, "--format", "json").json
    assert {row["account"]: row["closing"] for row in rows}["700000"] == "-30.00"


def test_a_year_far_ahead(make_entity: Callable[..., str], monitr: Callable) -> None:
    told = monitr("import", make_entity(), "--file", reference("inputs", "12_year_2042.csv"))
    assert told.code == 1
    assert "2042-02-05, account 550000, 7.00 Sale" in " ".join(told.err.split())


def test_nothing_after_october(make_entity: Callable[..., str], monitr: Callable) -> None:
    key = make_entity(country="BE")
    assert monitr("import", key, "--file", reference("inputs", "13_nothing_after_october.csv")).code == 0
    rows = monitr("report", "balance-sheet", key, "--to", "2024-12", "--format", "json").json
    assert {row["line"]: row["amount"] for row in rows}["20/58"] == "10.00"
