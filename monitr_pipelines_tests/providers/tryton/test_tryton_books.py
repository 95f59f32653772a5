"""The books of a real Tryton server, imported, edited there and imported again: ours equal its own."""

from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tryton_kit import Tryton

from monitr_pipelines.importing import connecting
from monitr_pipelines.importing.session import begin
from monitr_pipelines.ledger.changes import Cursor, Replace, WholeLedger
from monitr_pipelines.ledger.records import AccountType, LedgerLine
from monitr_pipelines.lifecycle.errors import CursorExpired, EntityGone, ProviderDown, ReconnectNeeded
from monitr_pipelines.providers.contract import Checkpoint, End, Source
from monitr_pipelines.providers.tryton import source as tryton_source
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import last_import, snapshot

EDITS = ("change_shares", "cancel_moves", "reconcile", "post_drafts", "add_moves", "rename_account")
MONTHS = [(year, month) for year in (2024, 2025) for month in range(1, 13)]


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def read(source: Source, cursor: Cursor | None, known: dict[str, LedgerLine]) -> Cursor:
    """Apply a stream to lines by key, as the loader does; returns where it ended."""
    delivered: dict[str, LedgerLine] = {}
    scopes = []
    for item in source.transactions(cursor):
        match item:
            case Replace(scope, lines):
                scopes.append(scope)
                for line in lines:
                    assert scope.contains(line)
                    delivered[line.external_id] = line
            case End(end):
                for key in [key for key, line in known.items() if any(one.contains(line) for one in scopes)]:
                    del known[key]
                known |= delivered
                return end
            case Checkpoint():
                pass
            case _:
                pytest.fail(f"{item} is not expected of Tryton")
    return pytest.fail("the stream has no end")


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of forty, so that some hundred lines are many."""
    for name in ("LINES", "MOVES", "ACCOUNTS"):
        dataset = getattr(tryton_source, name)
        monkeypatch.setattr(tryton_source, name, replace(dataset, page=40))


@pytest.fixture
def spools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MONITR_SPOOL_DIR", str(tmp_path / "spools"))
    return tmp_path / "spools"


@pytest.fixture
def companies(
    tryton: Tryton, connection: Connection, spools: Path, request: pytest.FixtureRequest
) -> tuple[str, str]:
    """Both companies as entities of a connection that was made as the command line makes it."""
    name = f"Tryton {request.node.name} {spools.parent.name}"
    organisations.add(connection, name, "active")
    connection_id = connecting.connect(connection, name, "tryton", tryton.credentials)
    found = connecting.administrations("tryton", connection_id)
    assert [(one.name, one.currency) for one in found] == [("Alpha BV", "EUR"), ("Beta BV", "EUR")]
    alpha, beta = (
        entities.add_entity(
            connection,
            name,
            "tryton",
            {"name": one.name, "administration": one.id, "country": "BE"},
            connection_id=connection_id,
        )
        for one in found
    )
    return alpha, beta


def run_import(connection: Connection, entity: str) -> None:
    session = begin(entity, run_id=f"run of {entity} {last_id(connection)}", import_id=None, trigger="cli")
    try:
        session.fetch()
        session.publish()
    except Exception as error:
        session.failed(error)
        raise
    finally:
        session.end()


def last_id(connection: Connection) -> int:
    row = connection.execute("select coalesce(max(id), 0) as id from app.import").fetchone()
    return row["id"] if row else 0


def closing_of(connection: Connection, entity: str, month: date) -> dict[str, Decimal]:
    """Our trial balance of a month, the accounts that are at zero left out."""
    rows = connection.execute(
        """
        select account_code, closing from marts.trial_balance
        where entity_id = (select id from app.entity where key = %s) and month = %s and closing <> 0
        """,
        [entity, month.replace(day=1)],
    )
    return {row["account_code"]: row["closing"] for row in rows}


def assert_months_equal(
    connection: Connection, entity: str, source: Source, months: list[tuple[int, int]] = MONTHS
) -> None:
    """Every account of every month; the result of the year before stands on a line of ours alone."""
    for year, month in months:
        own = closing_of(connection, entity, month_end(year, month))
        theirs = source.trial_balance(month_end(year, month))
        assert theirs
        carried = {code: own.pop(code) for code in own.keys() - theirs.keys()}
        assert own == theirs, (year, month)
        assert sum(carried.values()) == -sum(theirs.values()), (year, month)
        assert len(carried) == (year != MONTHS[0][0])


@pytest.mark.parametrize("company", ["1", "2"])
def test_each_month_of_a_company_equals_trytons_own_trial_balance(
    tryton: Tryton, connection: Connection, companies: tuple[str, str], company: str
) -> None:
    entity = companies[int(company) - 1]
    run_import(connection, entity)
    with closing(tryton.connect(company)) as source:
        assert_months_equal(connection, entity, source)


def test_increments_through_every_edit_end_where_a_full_import_does(
    tryton: Tryton, connection: Connection, companies: tuple[str, str]
) -> None:
    alpha, beta = companies
    run_import(connection, alpha)
    run_import(connection, beta)
    figures_of_beta = snapshot(connection, beta)
    for edit in EDITS:
        before = snapshot(connection, alpha)
        tryton.edit(edit)
        run_import(connection, alpha)
        assert snapshot(connection, alpha) != before, edit
    with closing(tryton.connect("1")) as source:
        assert_months_equal(connection, alpha, source)
    run_import(connection, beta)
    assert snapshot(connection, beta) == figures_of_beta, "the other company's edits are not its own"
    after_increments = snapshot(connection, alpha)
    entities.reset(connection, alpha, "test")
    run_import(connection, alpha)
    assert last_import(connection, alpha)["mode"] == "full"
    assert snapshot(connection, alpha) == after_increments


def test_lines_of_drafts_and_of_other_companies_are_never_among_them(tryton: Tryton) -> None:
    names = {}
    for company in ("1", "2"):
        with closing(tryton.connect(company)) as source:
            lines: dict[str, LedgerLine] = {}
            read(source, None, lines)
            names[company] = {line.external_id.split("/")[0] for line in lines.values()}
            assert all(line.document_number for line in lines.values())
            assert sum(line.amount for line in lines.values()) == 0
    assert not names["1"] & names["2"]


def test_what_each_value_of_an_axis_has_is_what_tryton_has_for_it(tryton: Tryton) -> None:
    with closing(tryton.connect("2")) as source:
        lines: dict[str, LedgerLine] = {}
        read(source, None, lines)
        ours: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in lines.values():
            for _, value in line.axes:
                ours[value] += line.amount
        session = source._session  # type: ignore[attr-defined]
        theirs = {
            record["code"]: record["credit"] - record["debit"]
            for record in session.search_read(
                "analytic_account.account",
                [["company", "=", 2], ["type", "=", "normal"]],
                ["code", "credit", "debit"],
                limit=100,
            )
        }
        posted = {
            code: -sum(
                share["credit"] - share["debit"]
                for record in session.search_read(
                    "account.move.line",
                    [["move.company", "=", 2], ["move.state", "=", "posted"]],
                    ["analytic_lines.account.code", "analytic_lines.credit", "analytic_lines.debit"],
                    limit=1000,
                )
                for share in record["analytic_lines."] or ()
                if share["account."]["code"] == code
            )
            for code in theirs
        }
        assert dict(ours) == {code: amount for code, amount in posted.items() if amount}
        assert {"/" in key for key in lines} == {True, False}, "some lines are divided"
        assert {axis for line in lines.values() for axis, _ in line.axes} == {"DEP", "PRJ"}


def test_requests_are_no_more_than_the_pages_need(tryton: Tryton, small_pages: None) -> None:
    with closing(tryton.connect("2")) as source:
        lines: dict[str, LedgerLine] = {}
        cursor = read(source, None, lines)
        source.accounts()
        source.axes()
        assert tryton.requests() <= tryton.needed() * 1.2, (tryton.requests(), tryton.needed())
        tryton.asked.clear()
        read(source, cursor, dict(lines))
        assert tryton.requests() <= tryton.needed() * 1.2, (tryton.requests(), tryton.needed())


def test_a_reading_goes_on_from_every_checkpoint(tryton: Tryton, small_pages: None) -> None:
    with closing(tryton.connect("2")) as source:
        items = list(source.transactions(None))
        lines = [
            (position, [line.external_id for line in item.lines])
            for position, item in enumerate(items)
            if isinstance(item, Replace)
        ]
        marks = [(position, item) for position, item in enumerate(items) if isinstance(item, Checkpoint)]
        assert len(marks) > 5
        for position, mark in marks:
            rest = [
                line.external_id
                for item in source.transactions(mark.cursor)
                if isinstance(item, Replace) and item.scope == WholeLedger()
                for line in item.lines
            ]
            assert rest == [key for nth, keys in lines if nth > position for key in keys]


def test_another_code_of_an_account_asks_for_the_whole_ledger(tryton: Tryton) -> None:
    with closing(tryton.connect("2")) as source:
        cursor = read(source, None, {})
        stale = {**cursor, "accounts": {**cursor["accounts"], "digest": "another"}}
        with pytest.raises(CursorExpired):
            list(source.transactions(stale))


def test_accounts_have_their_statement(tryton: Tryton) -> None:
    with closing(tryton.connect("1")) as source:
        types = {account.code: account.type for account in source.accounts()}
    assert types["5500"] is AccountType.BALANCE_SHEET
    assert types["700"] is AccountType.PROFIT_AND_LOSS
    assert len(types) > 500


@pytest.mark.parametrize(
    ("others", "administration", "refusal"),
    [
        ({"password": "wrong"}, None, ReconnectNeeded),
        ({"username": "nobody"}, None, ReconnectNeeded),
        ({}, "3", EntityGone),
        ({}, "Alpha BV", EntityGone),
        ({"username": "of_one"}, "2", EntityGone),
        ({"username": "of_none"}, "1", EntityGone),
        ({"database": "other"}, None, ReconnectNeeded),
    ],
)
def test_what_a_user_may_not_see_is_no_empty_ledger(
    tryton: Tryton, others: dict[str, str], administration: str | None, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as refused:
        tryton.connect(administration, **others)
    assert "wrong" not in f"{refused.value!r} {refused.value}"


def test_of_a_user_of_one_company_that_one_is_listed(tryton: Tryton) -> None:
    with closing(tryton.connect(username="of_one")) as source:
        assert [one.name for one in source.administrations()] == ["Alpha BV"]


def test_a_server_that_is_away_is_down(tryton: Tryton, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitr_pipelines.providers.http.TRIES", 1)
    with pytest.raises(ProviderDown):
        tryton.connect(url="http://127.0.0.1:9")
