"""Signing in to Yuki: sessions that end, domains, and what a key opens."""

from datetime import date

import pytest
from yuki_kit import ADMINISTRATION, DOMAIN, Yuki, answer, fault, lines_of

from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import EntityGone, ReconnectNeeded
from monitr_pipelines.providers.http import Client

OTHER = {"ID": "other", "Name": "Other BV", "StartDate": "2020-01-01", "DomainID": "other-domain"}


def test_a_session_that_ended_is_opened_again_and_the_question_repeated(yuki: Yuki) -> None:
    yuki.book("k", date(2025, 12, 1))

    def end(operation: str, values: object) -> tuple[int, bytes] | None:
        ended = operation == "GetTransactionDetails" and yuki.sessions == 1 and yuki.count(operation) == 2
        return (500, fault("Invalid session ID")) if ended else None

    yuki.before = end
    assert [line.external_id for line in lines_of(yuki.read())] == ["k"]
    assert yuki.sessions == 2
    asked = [values["StartDate"] for operation, values in yuki.asked if operation == "GetTransactionDetails"]
    # Asked ahead with the session that ended, and again with the other one.
    assert len(asked) == len(set(asked)) + 1


def test_a_session_that_ends_at_once_needs_a_person(yuki: Yuki) -> None:
    yuki.before = lambda operation, _: (
        (500, fault("Invalid session ID")) if operation == "GetGLAccountScheme" else None
    )
    with pytest.raises(ReconnectNeeded):
        yuki.read()
    assert yuki.sessions == 2


def test_no_session_is_a_key_that_is_not_known(yuki: Yuki) -> None:
    yuki.before = lambda operation, _: (200, answer(operation, "")) if operation == "Authenticate" else None
    with pytest.raises(ReconnectNeeded) as refused:
        yuki.source().check()
    assert [each.kind for each in refused.value.messages] == ["credentials_refused"]


def test_a_key_of_one_domain_works_in_it_already(yuki: Yuki) -> None:
    yuki.source().check()
    assert [operation for operation, _ in yuki.asked] == ["Authenticate", "Administrations"]


def test_a_key_of_several_domains_enters_the_one_of_the_administration_also_after_its_session_ended(
    yuki: Yuki,
) -> None:
    yuki.administrations.append(OTHER)
    ends = iter([True])
    yuki.before = lambda operation, _: (
        (401, b"") if operation == "GetGLAccountScheme" and next(ends, False) else None
    )
    source = yuki.source(ADMINISTRATION.lower())
    source.check()
    list(source.transactions(None))
    entered = [values["domainID"] for operation, values in yuki.asked if operation == "SetCurrentDomain"]
    assert entered == [DOMAIN, DOMAIN]
    assert limits(source._api._client) == [f"day {DOMAIN}"]


def limits(client: Client) -> list[str]:
    return [limit.name for limit in client.limits]


def test_all_domains_of_a_key_are_listed_without_what_is_closed(yuki: Yuki) -> None:
    yuki.administrations += [OTHER, {**OTHER, "ID": "closed", "Active": "false"}]
    listed = yuki.source(None).administrations()
    assert [(each.id, each.name, each.currency, each.fiscal_year_start) for each in listed] == [
        (ADMINISTRATION.lower(), "Peeters NV", "EUR", None),
        ("other", "Other BV", "EUR", None),
    ]


def test_an_administration_is_looked_for_in_each_domain(yuki: Yuki) -> None:
    domains = '<Domain ID="a" /><Domain ID="b" />'
    own = yuki.administrations
    yuki.administrations = []

    def enter(operation: str, values: object) -> tuple[int, bytes] | None:
        if ("SetCurrentDomain", "b") in ((each, given.get("domainID")) for each, given in yuki.asked):
            yuki.administrations = own
        return (200, answer(operation, domains)) if operation == "Domains" else None

    yuki.before = enter
    (found,) = yuki.source().administrations()
    assert (found.name, found.fiscal_year_start) == ("Peeters NV", 1)


@pytest.mark.parametrize("active", ["true", "false"])
def test_one_that_is_not_there_or_closed_is_gone(yuki: Yuki, active: str) -> None:
    yuki.administrations[0]["Active"] = active
    with pytest.raises(EntityGone):
        yuki.source("another" if active == "true" else ADMINISTRATION).check()


def test_a_chart_without_accounts_is_a_key_that_sees_no_books(yuki: Yuki) -> None:
    yuki.accounts = []
    with pytest.raises(EntityGone):
        yuki.read()


def test_types_are_those_of_balances_and_else_of_all_others_of_the_kind(yuki: Yuki) -> None:
    yuki.accounts = [
        ("1", "2", ""),
        ("2", "2", ""),
        ("3", "3", ""),
        ("4", "5", ""),
        ("5", "5", ""),
        ("6", "5", ""),
    ]
    told = {"2024-12-31": [("1", "B", "1"), ("4", "W", "1")], "2026-01-31": [("5", "B", "1")]}
    yuki.balances = lambda day: told.get(day, [])
    yuki.book("k", date(2024, 12, 1))
    source = yuki.source()
    list(source.transactions(None))
    kinds = {account.code: account.type for account in source.accounts()}
    balance, result = AccountType.BALANCE_SHEET, AccountType.PROFIT_AND_LOSS
    assert kinds == {"1": balance, "2": balance, "3": None, "4": result, "5": balance, "6": None}


def test_balances_are_asked_for_the_end_of_each_year_with_lines(yuki: Yuki) -> None:
    """Those of two calendar years may be in one financial year; a year that was mistyped has no end."""
    yuki.period = lambda year: f"{year - 1}-07-01T00:00:00 {year}-06-30T00:00:00"
    for day in (date(2024, 3, 1), date(2024, 9, 1), date(2062, 1, 1)):
        yuki.book(f"{day}", day)
    source = yuki.source()
    list(source.transactions(None))
    yuki.asked.clear()
    list(source.accounts())
    asked = [values["transactionDate"][:10] for name, values in yuki.asked if name == "GLAccountBalance"]
    assert asked == ["2024-06-30", "2025-06-30", "2026-01-31"]
