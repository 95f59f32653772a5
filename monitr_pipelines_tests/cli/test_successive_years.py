"""Audit files of several years of one company: in whatever order they come, the same figures."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from monitr_pipelines.cli import reports
from monitr_pipelines.emulators.books import DUTCH, FRENCH, Books, generate_books
from monitr_pipelines.emulators.company.charts import Role
from monitr_pipelines.emulators.writers import write_fec, write_xaf
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.warehouse.server import database

FIRST, SECOND, THIRD = 2023, 2024, 2025
CHARTS = {"FEC": FRENCH, "XAF": DUTCH}
CASES = {
    "not carried over": (SECOND, False, True),
    "carried over": (SECOND, True, True),
    "after a gap of a year": (THIRD, False, True),
    "without a result account": (SECOND, False, False),
}


def write(books: Books, folder: Path, year: int, kind: str, *, closing: bool) -> Path:
    path = folder / f"{year}.{kind.lower()}"
    if kind == "FEC":
        write_fec(books, path, year, closing=closing)
    else:
        closed = replace(books, lines=(*books.lines, *books.closing(year))) if closing else books
        write_xaf(closed, path, year)
    return path


def expected_closing(books: Books, year: int) -> dict[str, Decimal]:
    """Closing balances of a year whose own result is not carried over yet."""
    amounts = {line.account_code: Decimal(0) for line in books.lines}
    if year == books.first_year:
        opening = {line.account_code: line.amount for line in books.opening(year)}
    else:
        opening = books.balances(year - 1)
    for code, amount in opening.items():
        amounts[code] = amounts.get(code, Decimal(0)) + amount
    for line in books.of_year(year):
        amounts[line.account_code] += line.amount
    return {code: amount for code, amount in amounts.items() if amount}


def figures(entity: str, years: tuple[int, ...]) -> dict[str, object]:
    """What the reports say at the end of each year and in its middle."""
    found: dict[str, object] = {"validations": database.read("validations", entity=entity)}
    for month in (f"{year}-{month}" for year in years for month in ("06", "12")):
        found[f"balance sheet {month}"] = reports.statement_rows("balance_sheet", entity, month, month)
        found[f"trial balance {month}"] = reports.trial_balance_rows(entity, month, month)
    return found


def closing(entity: str, year: int) -> dict[str, Decimal]:
    rows = reports.trial_balance_rows(entity, f"{year}-12", f"{year}-12")
    return {row["account"]: row["closing"] for row in rows if row["closing"]}


def assert_true_balances(books: Books, entity: str, last: int) -> None:
    """Whether the books carry a result over or not: the statements of its year are the same."""
    assert closing(entity, last) == expected_closing(books, last)
    types = {account.code: account.type for account in books.accounts}
    of_first = {
        code: amount
        for code, amount in closing(entity, FIRST).items()
        if types[code] is AccountType.BALANCE_SHEET
    }
    assert of_first == {
        code: amount
        for code, amount in expected_closing(books, FIRST).items()
        if types[code] is AccountType.BALANCE_SHEET
    }


@pytest.mark.usefixtures("without_dagster")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["FEC", "XAF"])
def test_in_either_order_and_after_a_reset(
    monitr: Callable, make_entity: Callable[..., str], tmp_path: Path, kind: str, case: str
) -> None:
    last, carried, has_account = CASES[case]
    chart = CHARTS[kind]
    books = generate_books(7, "Vandenberg", FIRST, 3, entries_per_month=6, chart=chart)
    files = [
        write(books, tmp_path, FIRST, kind, closing=carried),
        write(books, tmp_path, last, kind, closing=False),
    ]
    entities = []
    for order in (files, files[::-1]):
        account = chart.accounts[Role.RESULT].code if has_account else None
        entity = make_entity(country=chart.country, result_account=account)
        for file in order:
            said = monitr("import", entity, "--file", file, "--json")
            assert said.code == 0, said.out
        entities.append(entity)
    forward, backward = (figures(entity, (FIRST, last)) for entity in entities)
    assert backward == forward
    if has_account:
        assert forward["validations"] == []
        assert_true_balances(books, entities[0], last)

    assert monitr("reset", entities[1]).code == 0
    again = monitr("import", entities[1], "--json")
    assert again.code == 0, again.out
    assert again.json["mode"] == "full"
    assert figures(entities[1], (FIRST, last)) == forward
