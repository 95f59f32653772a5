"""A journal of three years against the 36 monthly trial balances that its makers published beside it."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from common_kit import reference
from reference_kit import ZERO, rows_of

from monitr_pipelines.cli import reports

FOLDER = "csv/potgieter_generated_journals_tb"
RETAINED = "3120"
CHART_COLUMNS = {
    "account_code": "Account Code",
    "account_name": "Account Description",
    "account_type": "Account Category 1",
}
JOURNAL_COLUMNS = {
    "date": "EndOfMonth",
    "account_code": "Account Code",
    "description": "Jnl Description",
    "amount": "Jnl Amount",
    "booking": "Jnl ID",
}
Month = dict[str, Decimal]


@dataclass
class Published:
    """Trial balances by month as published, rounded to the cent: they hold noise of 1E-7."""

    months: dict[str, Month]
    movements: dict[str, Month]

    @property
    def opening(self) -> Month:
        """What must have stood in the books before the first month."""
        first = min(self.months)
        accounts = sorted(self.months[first].keys() | self.movements[first].keys())
        amounts = {
            code: self.months[first].get(code, ZERO) - self.movements[first].get(code, ZERO)
            for code in accounts
        }
        return without_zeros(amounts)


def without_zeros(month: Month) -> Month:
    return {code: amount for code, amount in month.items() if amount}


def month_of(text: str) -> str:
    _, month, year = text.split("/")
    return f"{year}-{month}"


@pytest.fixture(scope="module")
def published() -> Published:
    months: defaultdict[str, Month] = defaultdict(dict)
    for row in rows_of(reference("data", f"{FOLDER}/TrialBalance.txt"), "|"):
        amount = round(Decimal(row["Amount"]), 2)
        months[month_of(row["EndOfMonth"])][row["Account Code"]] = amount
    movements: defaultdict[str, Month] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows_of(reference("data", f"{FOLDER}/Journals.txt"), "|"):
        movements[month_of(row["EndOfMonth"])][row["Account Code"]] += Decimal(row["Jnl Amount"])
    return Published(dict(months), dict(movements))


def opening_file(opening: Month, path: Path) -> Path:
    """In the standard layout of the import wizard, on the last day before the journal."""
    rows = ["date,account_code,account_name,description,debit,credit,dimension1,dimension2"]
    for code, amount in opening.items():
        sides = f"{amount}," if amount > 0 else f",{-amount}"
        rows.append(f"2017-12-31,{code},Account {code},Opening,{sides},,")
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def entity(
    without_dagster: None,
    published: Published,
    monitr: Callable,
    make_entity: Callable[..., str],
    tmp_path: Path,
) -> str:
    key = make_entity(country="NL")
    assert monitr("entity", "set", key, "--result-account", RETAINED).code == 0
    given: list[tuple[Path, dict[str, str]]] = [
        (opening_file(published.opening, tmp_path / "opening.csv"), {}),
        (reference("data", f"{FOLDER}/ChartOfAccounts.txt"), CHART_COLUMNS),
        (reference("data", f"{FOLDER}/Journals.txt"), JOURNAL_COLUMNS),
    ]
    for path, columns in given:
        mapping = tmp_path / "columns.json"
        mapping.write_text(json.dumps(columns))
        options = ["--columns", mapping] if columns else []
        said = monitr("import", key, "--file", path, "--json", *options)
        assert said.code == 0, said.out
    return key


def closing(rows: list[dict]) -> Month:
    return {row["account"]: Decimal(row["closing"]) for row in rows if Decimal(row["closing"])}


def test_every_cell_of_every_month_from_the_second(
    published: Published, entity: str, monitr: Callable
) -> None:
    months = sorted(published.months)
    assert len(months) == 36
    for month in months[1:]:
        rows = reports.trial_balance_rows(entity, month, month)
        assert closing(rows) == without_zeros(published.months[month]), month
    said = monitr(
        "report", "trial-balance", entity, "--from", "2019-01", "--to", "2019-01", "--format", "json"
    )
    assert closing(said.json) == without_zeros(published.months["2019-01"])

    of_2019 = reports.trial_balance_rows(entity, "2019-02", "2019-12")
    openings = {row["account"]: row["opening"] for row in of_2019 if row["opening"]}
    assert openings == without_zeros(published.months["2019-01"])
    assert closing(of_2019) == without_zeros(published.months["2019-12"])
