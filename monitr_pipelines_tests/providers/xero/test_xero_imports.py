"""Imports from an emulated Xero: beside its trial balance, and where journals are closed to us."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tie_out_kit import Emulated, connect, emulated
from xero_kit import lines_of, played

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.records import NewEntry, NewLine
from monitr_pipelines.importing.ports import NoLimits, UnstoredTokens
from monitr_pipelines.ledger.records import AccountType, LedgerLine
from monitr_pipelines.ledger.tie_out import TrialBalance, compared
from monitr_pipelines.providers.contract import Application, Ports
from monitr_pipelines.providers.xero.source import XeroSource

REGISTERED = {"xero": {"id": CLIENT_ID, "secret": CLIENT_SECRET}}
DAYS = (date(2024, 12, 31), date(2025, 6, 30), date(2025, 9, 30))
Monitr = Callable[..., Any]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_OAUTH_APPLICATIONS", json.dumps(REGISTERED))
    monkeypatch.setattr("monitr_pipelines.importing.ports.StoredRateLimits", lambda _: NoLimits())


@pytest.fixture(params=[1, 7], ids=["calendar years", "years from July"])
def software(request: pytest.FixtureRequest) -> Iterator[Emulated]:
    with emulated("xero", fiscal_year_start=request.param) as running:
        yield running


def book(software: Emulated, day: date, cents: int) -> None:
    """A sale."""
    books = software.books
    of_company = [each for each in books.accounts.values() if each.company == 1]
    income = next(each for each in of_company if each.type is AccountType.PROFIT_AND_LOSS)
    bank = next(each for each in of_company if each.type is AccountType.BALANCE_SHEET)
    journal = next(each.id for each in books.journals.values() if each.company == 1)
    Bookkeeper(books).add(NewEntry(1, journal, day, (NewLine(bank.id, cents), NewLine(income.id, -cents))))


def test_imports_tie_out_with_the_report(software: Emulated, monitr: Monitr, without_dagster: object) -> None:
    book(software, software.books.clock.now().date(), 12_345)
    entity = connect(software, monitr)
    assert imported(monitr, entity).startswith("equals")
    keeper = Bookkeeper(software.books)
    entries = [each for each in software.books.company_entries(1) if each.state.name == "POSTED"]
    keeper.redate(entries[3].id, date(2025, 3, 7))
    keeper.delete(entries[5].id)
    book(software, software.books.clock.now().date(), 777)
    assert imported(monitr, entity, "--allow-shrink").startswith("equals")


def imported(monitr: Monitr, entity: str, *options: str) -> str:
    said = monitr("import", entity, "--json", *options)
    assert said.code == 0, said.err
    return str(said.json["tie_out"])


def test_balances_of_any_day_are_those_of_the_lines(software: Emulated) -> None:
    given = UnstoredTokens(software.settings)
    ports = Ports(given, NoLimits(), Application(CLIENT_ID, CLIENT_SECRET))
    with closing(XeroSource(software.administration, ports)) as source:
        since_year_began = [source.trial_balance(at) for at in DAYS]
        lines = lines_of(played(source.transactions(None)))
        types = {account.code: account.type for account in source.accounts()}
        since_ever = [source.trial_balance(at) for at in DAYS]
    assert {told.since for told in since_ever} == {None}
    for told in (*since_year_began, *since_ever):
        found = compared(told, ours(told, lines, types))
        assert not found.differing, found.differences[:3]
        assert found.compared > 10


def ours(
    told: TrialBalance, lines: list[LedgerLine], types: dict[str, AccountType | None]
) -> dict[str, Decimal]:
    """What lines add up to, as the trial balance counts them."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        on_result = types[line.account_code] is AccountType.PROFIT_AND_LOSS
        begin = told.year_start if on_result else told.since or date.min
        if begin <= line.booking_date <= told.day:
            sums[line.account_code] = sums.get(line.account_code, Decimal(0)) + line.amount
    return sums


def test_a_ledger_that_xero_keeps_closed_changes_nothing_and_says_so(
    monitr: Monitr, without_dagster: object
) -> None:
    with emulated("xero") as software:
        entity = connect(software, monitr)
        imported(monitr, entity)
        software.server.emulator.rights.journals = False  # type: ignore[attr-defined]
        assert monitr("import", entity, "--json").code != 0
        (last, *_) = monitr("history", entity, "--json").json
    assert last["error_code"] == "ledger_closed"
