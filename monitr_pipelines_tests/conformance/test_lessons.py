"""What published clients get wrong, and no connector may: provoked on each emulator, looked at in its log."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from conformance_kit import Case, cases
from edits_kit import Edit
from emulated_kit import PAGE, Emulated, emulated
from faults_kit import MIDDLE, asks_for_lines, hasty
from imports_kit import Connected, connected_to, differing
from stream_kit import changed_lines, connected, read

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.faults import Fault, on_path
from monitr_pipelines.emulators.shared.records import NewEntry, NewLine
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import ProviderDown, ReconnectNeeded
from monitr_pipelines.warehouse.server.database import Connection

EMULATED = [case for case in cases() if case.emulated]
SIGNED_IN = [case for case in EMULATED if case.provider.sign_in]


@pytest.fixture
def opened(case: Case, connection: Connection) -> Iterator[tuple[Connected, Emulated]]:
    with emulated(case, page=PAGE) as software, connected_to(connection, case, software) as found:
        yield found, software


def asked(software: Emulated) -> list[str]:
    """What was asked of the books, in order: paths with their queries, or what stands in their place."""
    tokens, question = software.case.conformance.tokens, software.case.conformance.question
    asked = (each.request for each in software.server.exchanges.of() if tokens not in each.request.path)
    return [told for each in asked if (told := question(each))]


@pytest.mark.parametrize("case", SIGNED_IN, ids=str)
def test_after_a_refusal_the_same_request_is_repeated_page_and_filter_kept(
    case: Case, opened: tuple[Connected, Emulated]
) -> None:
    found, software = opened
    entity = found.new_entity()
    software.books.clock.advance(case.conformance.renewable)
    software.server.exchanges.clear()
    end = case.conformance.end_token
    assert end is not None
    ends = faults.meanwhile(lambda: end(software.emulator))
    software.server.faults.inject(ends, asks_for_lines(case), nth=MIDDLE)
    found.must_run(entity)
    refused = next(each for each in software.server.exchanges.of() if each.status == 401)
    targets = asked(software)
    place = targets.index(case.conformance.question(refused.request))
    assert targets[place + 1] == targets[place]
    assert len(targets) == len(set(targets)) + repeats(targets) + 1
    assert software.server.exchanges.of(case.conformance.tokens)[0].status == 200


def repeats(targets: Sequence[str]) -> int:
    """Questions that are asked again on purpose, behind the lines: what was deleted, and a trial balance.

    In December that of Moneybird is what was asked of the year.
    """
    deleted = [target for target in targets if "sync/Deleted" in target]
    reports = [target for target in targets if "reports/general_ledger" in target]
    return max(len(deleted) - 1, 0) + len(reports) - len(set(reports))


@pytest.mark.parametrize(
    ("fault", "problem"),
    [(faults.down_for_now(timedelta()), ProviderDown), (faults.refused(503), ReconnectNeeded)],
    ids=["it says when to come back", "it says nothing"],
)
@pytest.mark.parametrize("case", SIGNED_IN, ids=str)
def test_a_token_endpoint_that_is_down_leaves_the_figures_and_where_it_says_so_the_token(
    case: Case, opened: tuple[Connected, Emulated], fault: Fault, problem: type[Exception]
) -> None:
    found, software = opened
    entity = found.fresh()
    before = found.tables(entity), found.cursor(entity)
    software.apply([Edit("amounts", which, 7) for which in range(9)])
    software.books.clock.advance(case.conformance.renewable * 2)
    assert case.conformance.end_token is not None
    case.conformance.end_token(software.emulator)
    software.server.faults.inject(fault, on_path(case.conformance.tokens))
    assert isinstance(found.run(entity), problem)
    assert (found.tables(entity), found.cursor(entity)) == before
    if problem is ReconnectNeeded:  # nobody knows whether a token that works once was used
        found.mend(entity)
    found.must_run(entity)
    assert not differing(found.tables(entity), found.tables(found.fresh()))


@pytest.mark.parametrize("case", SIGNED_IN, ids=str)
def test_the_rows_of_the_last_allowed_call_are_kept(case: Case) -> None:
    """Of one call less nothing is kept, and it is not taken for the last page."""
    wanted, option = case.conformance.requests, case.conformance.calls
    assert wanted is not None
    with emulated(case, page=PAGE) as software:
        lines = sorted(changed_lines(read(case, software)))
        calls = wanted.full(software.rows(), PAGE)
    options = case.conformance.variants[case.variant]
    for allowed in (calls, calls - 1):
        variants = {case.variant: {**options, option: str(allowed)}}
        limited = replace(case, conformance=replace(case.conformance, variants=variants))
        with emulated(limited, page=PAGE) as software:
            if allowed == calls:
                assert sorted(changed_lines(read(limited, software))) == lines
                continue
            with hasty(), pytest.raises(ProviderDown):
                read(limited, software)


@pytest.mark.parametrize("case", EMULATED, ids=str)
def test_two_daybooks_may_have_one_number_and_an_account_no_lines(case: Case) -> None:
    with emulated(case, page=PAGE) as software:
        books, keeper = software.books, software.history.keeper
        company = next(iter(books.companies))
        unused = keeper.add_account(company, "999999", "Without lines", AccountType.BALANCE_SHEET)
        used = [each.id for each in books.accounts.values() if each.company == company][:2]
        journals = [each.id for each in books.journals.values() if each.company == company][:2]
        day = next(iter(books.company_entries(company))).day
        before = len(changed_lines(read(case, software)))
        for journal in journals:
            lines = (NewLine(used[0], 12_34), NewLine(used[1], -12_34))
            keeper.add(NewEntry(company, journal, day, lines, number="TWICE/0001"))
        after = changed_lines(read(case, software))
        assert len(after) == before + 4
        bookings = {line.booking for line in after if abs(line.amount) * 100 == 1234}
        # Of a software that vouches for no bookings, lines may stand alone.
        assert len(bookings) == 2 if case.provider.bookings_balance else len(bookings) >= 2
        with connected(case, software) as source:
            assert unused.code in {account.code for account in source.accounts()}
            balances = source.trial_balance(day.replace(month=12, day=31))
        assert balances is not None
        assert not balances.get(unused.code)
        known = {code for code, balance in balances.items() if balance}
        assert known <= {line.account_code for line in after}
