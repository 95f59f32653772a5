"""The books of an emulated company in one currency, and signing in for one of several companies."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.quickbooks import build
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books
from monitr_pipelines.importing.ports import NoLimits, UnstoredTokens
from monitr_pipelines.ledger.changes import Replace
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.providers.contract import Application, Consent, Credentials, End, Ports
from monitr_pipelines.providers.quickbooks import PROVIDER
from monitr_pipelines.providers.quickbooks.sign_in import OAUTH, address_of
from monitr_pipelines.providers.quickbooks.source import QuickBooksSource

APPLICATION = Application(CLIENT_ID, CLIENT_SECRET)
LAST_DAY = date(2025, 12, 31)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    clock = Clock(MORNING)
    books = invented_books(Size(entries_per_month=2, remarks=True), clock)
    options = {"requests_a_minute": "1000000", "currencies": "one", "consent": "automatic", "cells": "400"}
    with serve(build(books, options), clock) as running:
        yield running


def source(settings: dict[str, str]) -> QuickBooksSource:
    return QuickBooksSource(None, Ports(UnstoredTokens(settings), NoLimits(), APPLICATION))


def test_a_ledger_that_fits_into_few_reports_is_read_to_the_cent(server: Server) -> None:
    """Reports of four hundred cells: windows are halved again and again; and the trial balance agrees."""
    settings = dict(server.emulator.settings(server.address))
    with closing(source(settings)) as opened:
        items = list(opened.transactions(None))
        balances = opened.trial_balance(LAST_DAY)
        types = {account.code: account.type for account in opened.accounts()}
    lines = [line for item in items if isinstance(item, Replace) for line in item.lines]
    assert len({line.external_id for line in lines}) == len(lines)
    assert len(lines) == len(posted(server.emulator.books))
    assert sum(abs(line.amount) for line in lines) == sum(posted(server.emulator.books))
    ours: dict[str, Decimal] = {}
    for line in lines:
        within = (
            types[line.account_code] is AccountType.BALANCE_SHEET or line.booking_date >= balances.year_start
        )
        if within and line.booking_date <= LAST_DAY:
            ours[line.account_code] = ours.get(line.account_code, Decimal(0)) + line.amount
    assert {code: amount for code, amount in ours.items() if amount} == dict(balances)
    assert balances.computed


def posted(books: SharedBooks) -> list[Decimal]:
    """The sizes of the lines of the first company's posted entries, and of what was cancelled nothing."""
    entries = books.company_entries(next(iter(books.companies)))
    found = [(entry, line) for entry in entries if entry.state.name != "DRAFT" for line in entry.lines]
    return [
        Decimal(0 if entry.state.name == "CANCELLED" else abs(line.amount)) / 100
        for entry, line in found
        if line.account is not None
    ]


def test_changes_after_a_month_without_an_import_are_not_asked_for(server: Server) -> None:
    settings = dict(server.emulator.settings(server.address))
    with closing(source(settings)) as opened:
        *_, end = opened.transactions(None)
    assert isinstance(end, End)
    began = {**end.cursor, "began_at": "2025-12-01T00:00:00+00:00"}
    with (
        closing(source(dict(server.emulator.settings(server.address)))) as opened,
        pytest.raises(CursorExpired),
    ):
        list(opened.transactions(began))


def test_people_choose_a_company_whose_number_comes_back_with_them(server: Server) -> None:
    given = Credentials({"url": server.address})
    consent = Consent(APPLICATION, "http://127.0.0.1/integrations/callback", "st", "v", given)
    asked = parse_qs(urlsplit(OAUTH.page(consent)).query)
    assert asked["scope"] == ["com.intuit.quickbooks.accounting"]
    back = requests.get(OAUTH.page(consent), allow_redirects=False, timeout=LONGEST_WAIT).headers["Location"]
    returned = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    fields = {each.returned: each.name for each in PROVIDER.fields if each.returned}
    realm = {name: returned[parameter] for parameter, name in fields.items()}
    credentials = OAUTH.exchange(
        Consent(APPLICATION, consent.callback, "st", "v", Credentials({**given, **realm})), returned["code"]
    )
    with closing(source(dict(credentials))) as opened:
        opened.check()
        (company,) = opened.administrations()
    assert company.id == returned["realmId"]


@pytest.mark.parametrize("url", ["https://elsewhere.example", "http://10.0.0.1", "file:///etc"])
def test_our_secret_goes_to_intuit_or_stays_on_this_machine(url: str) -> None:
    with pytest.raises(Exception, match="QuickBooks Online is not found"):
        address_of({"url": url})
