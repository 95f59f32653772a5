"""No request is made beyond what the pages need."""

from datetime import date

import pytest
from conformance_kit import Case, Software
from emulated_kit import PAGE, Emulated
from stream_kit import connected, played

from monitr_pipelines.emulators.shared.records import NewEntry, NewLine
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.providers.contract import End

ALONE = date(2026, 1, 10)


def fetched(case: Case, software: Software, cursor: Cursor | None = None) -> tuple[int, End]:
    """How many requests an import makes, and its end."""
    before = software.requests()
    with connected(case, software) as source:
        items = played(source.transactions(cursor))
        list(source.accounts())
        list(source.axes())
    end = items[-1]
    assert isinstance(end, End)
    return software.requests() - before, end


def test_a_full_import_asks_for_each_page_once(case: Case, software: Software) -> None:
    wanted = case.conformance.requests
    assert wanted is not None
    asked, _ = fetched(case, software)
    assert asked == wanted.sign_in[case.variant] + wanted.full(software.rows(), PAGE)


def test_an_increment_asks_for_what_changed_alone(case: Case, software: Software) -> None:
    wanted = case.conformance.requests
    assert wanted is not None
    if not isinstance(software, Emulated) or wanted.unchanged is None or wanted.changed is None:
        assert not case.emulated, f"{case}: say how many requests an increment needs"
        pytest.skip("the clock of a real server cannot be put forward: its own tests count")
    sign_in = wanted.sign_in[case.variant]
    _, end = fetched(case, software)
    asked, end = fetched(case, software, end.cursor)
    assert asked == sign_in + wanted.unchanged(software.rows(), PAGE)
    account, other, *_ = (each.id for each in software.books.accounts.values() if each.company == 1)
    journal = next(each.id for each in software.books.journals.values() if each.company == 1)
    lines = (NewLine(account, 500), NewLine(other, -500))
    software.history.keeper.add(NewEntry(1, journal, ALONE, lines))
    asked, _ = fetched(case, software, end.cursor)
    assert asked == sign_in + wanted.changed(software.rows(), PAGE)
