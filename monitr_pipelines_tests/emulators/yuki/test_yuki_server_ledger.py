"""What a client makes of the answers is the ledger of the books, and what happens to it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from yuki_server_kit import Client, Row, in_ledger, ledger_in, ledger_of, line_key, sale, yuki_server

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.emulators.shared.records import Share, State, money
from monitr_pipelines.emulators.yuki import digest
from monitr_pipelines.ledger.records import AccountType

# The clock of the books stands at nine in the morning of this day, in Brussels.
NOW = "2026-01-15T09:00:00"
NEVER = "0001-01-01T00:00:00"


@pytest.fixture
def client() -> Iterator[Client]:
    with yuki_server(invented_books()) as client:
        yield client


@pytest.fixture
def keeper(client: Client) -> Bookkeeper:
    return Bookkeeper(client.books)


def told(rows: list[Row]) -> list[tuple[str, str, str]]:
    return [(row["id"], row["transactionDate"][:10], row["deleted"]) for row in rows]


def totals(rows: list[Row], account: str, amount: str) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row[account]] += Decimal(row[amount])
    return sums


@pytest.mark.parametrize("company", [1, 2])
def test_windows_of_dates_make_the_ledger(client: Client, company: int) -> None:
    begins = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(25)]
    windows = [
        client.details(first.isoformat(), f"{following - timedelta(days=1)}T00:00:00", company)
        for first, following in pairwise(begins)
    ]
    assert all(windows)
    assert ledger_in([row for rows in windows for row in rows]) == ledger_of(client.books, company)
    for first, rows in zip(begins, windows, strict=False):
        assert {row["periodId"] for row in rows} == {f"{first:%Y%m}"}
        assert [row["transactionDate"] for row in rows] == sorted(row["transactionDate"] for row in rows)


def test_one_account_alone(client: Client) -> None:
    rows = client.details("2024-01-01", "2024-12-31", account="700000")
    expected = [
        line
        for entry, line in in_ledger(client.books)
        if client.books.accounts[line.account or 0].code == "700000" and entry.day.year == 2024
    ]
    assert len(rows) == len(expected) > 0
    assert sum(Decimal(row["transactionAmount"]) for row in rows) == sum(
        money(line.amount) for line in expected
    )


@pytest.mark.parametrize("at", ["2024-12-31", "2025-06-30T00:00:00"])
@pytest.mark.parametrize("operation", ["GLAccountBalance", "GLAccountBalanceFiscal"])
def test_balances_equal_the_trial_balance_of_the_books(client: Client, at: str, operation: str) -> None:
    rows = client.ask(operation, 2, transactionDate=at).rows("GLAccount")
    balances = {row["Code"]: Decimal(row["Amount"]) for row in rows}
    assert {code: amount for code, amount in balances.items() if amount} == client.books.trial_balance(
        2, date.fromisoformat(at[:10])
    )
    types = {each.code: each.type for each in client.books.accounts.values() if each.company == 2}
    letters = {AccountType.BALANCE_SHEET: "B", AccountType.PROFIT_AND_LOSS: "W"}
    assert all(row["BalanceType"] == letters[types[row["Code"]]] for row in rows)
    assert {"B", "W"} == {row["BalanceType"] for row in rows}


def test_fiscal_corrections_are_in_fiscal_figures_alone() -> None:
    with yuki_server(invented_books(), fiscal="corrected") as client:
        dates = {"GLAccountCode": "", "StartDate": "2024-01-01", "EndDate": "2024-12-31"}
        sums = {}
        for mode in ("0", "1"):
            reply = client.ask("GetTransactionDetails", financialMode=mode, **dates)
            sums[mode] = totals(reply.rows("TransactionInfo"), "glAccountCode", "transactionAmount")
        at = {"transactionDate": "2024-12-31"}
        for mode, operation in (("0", "GLAccountBalance"), ("1", "GLAccountBalanceFiscal")):
            rows = client.ask(operation, **at).rows("GLAccount")
            assert totals(rows, "Code", "Amount") == sums[mode]
        corrected = {code for code, amount in sums["1"].items() if sums["0"][code] != amount}
        assert corrected == {"100000", "604000"}
        begun = {
            mode: client.ask("GetStartBalanceByGlAccount", bookyear="2025", financialMode=mode).text
            for mode in ("0", "1")
        }
        assert begun["0"] != begun["1"]


def test_an_account_that_nothing_was_booked_on_has_no_balance(client: Client, keeper: Bookkeeper) -> None:
    account = keeper.add_account(1, "699000", "Other", AccountType.PROFIT_AND_LOSS)
    keeper.change_account(account.id, archived=True)
    scheme = client.ask("GetGLAccountScheme").rows("GlAccount")
    assert {row["code"] for row in scheme} == {
        each.code for each in client.books.accounts.values() if each.company == 1
    }
    assert {row["isEnabled"]: row["descripton"] for row in scheme}["false"] == "Other"
    balances = client.ask("GLAccountBalance", transactionDate="2026-01-31").rows("GLAccount")
    assert "699000" not in {row["Code"] for row in balances}


def test_a_year_begins_with_the_balance_sheet_of_the_one_before(client: Client) -> None:
    rows = client.ask("GetStartBalanceByGlAccount", bookyear="2025", financialMode="1").rows(
        "AccountStartBalance"
    )
    kinds = {each.code: each.type for each in client.books.accounts.values() if each.company == 1}
    closing = client.books.trial_balance(1, date(2024, 12, 31))
    assert {
        row["accountID"]: Decimal(row["startBalance"]) for row in rows if row["startBalance"] != "0.00"
    } == {code: amount for code, amount in closing.items() if kinds[code] is AccountType.BALANCE_SHEET}


def test_a_project_has_its_lines(client: Client, keeper: Bookkeeper) -> None:
    wanted = {"searchOption": "Code", "searchValue": "P01"}
    (project,) = client.ask("GetProjectsAndID", **wanted).rows("Project")
    assert (project["code"], project["endDate"]) == ("P01", NEVER)
    dates = {"StartDate": "2024-01-01", "EndDate": "2025-12-31"}
    rows = client.ask("GetProjectBalance", GLAccountCode="", projectCode="P01", **dates).rows(
        "ProjectBalance"
    )
    lines = client.details("2024-01-01", "2025-12-31")
    of_project = [row for row in lines if row.get("projectCode") == "P01"]
    assert totals(rows, "glAccountCode", "amount") == totals(of_project, "glAccountCode", "transactionAmount")
    keeper.change_value(int(project["HID"]), archived=True)
    (project,) = client.ask("GetProjects", **wanted).rows("Project")
    assert (project["endDate"], "id" in project) == ("2026-01-15T00:00:00", False)


def test_a_line_of_two_projects_is_not_shown(client: Client, keeper: Bookkeeper) -> None:
    entry = keeper.add(sale(client.books))
    projects = [each.id for each in client.books.values.values() if each.code.startswith("P0")]
    keeper.change_line(entry.lines[0].id, shares=tuple(Share((each,), 50_00) for each in projects[:2]))
    shown = client.ask(
        "GetTransactionDetails",
        GLAccountCode="",
        StartDate="2026-01-01",
        EndDate="2026-01-31",
        financialMode="1",
    )
    assert shown.fault[:2] == ("soap:Server", f"line {entry.lines[0].id} is divided over projects")


def test_pages_of_changes_are_counted_from_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MOST_RECORDS", 500)
    pages = []
    while not pages or pages[-1]:
        pages.append(client.changes(sum(map(len, pages)), 600))
    assert {len(page) for page in pages[:-2]} == {500}
    assert ledger_in([row for page in pages for row in page]) == ledger_of(client.books)
    assert client.changes(0, 3)[1:] == client.changes(1, 2)
    stamps = [row["updated"] for page in pages for row in page]
    assert stamps == sorted(stamps)


def test_changes_are_told_since_they_were_made(client: Client, keeper: Bookkeeper) -> None:
    entry = keeper.add(sale(client.books, date(2025, 3, 3)))
    first, second = (line_key(line.id) for line in entry.lines)
    rows = client.since(NOW)
    assert told(rows) == [(first, "2025-03-03", "false"), (second, "2025-03-03", "false")]
    assert {(row["created"], row["updated"]) for row in rows} == {(f"{NOW}.001", f"{NOW}.001")}
    keeper.redate(entry.id, date(2025, 4, 4))
    keeper.change_line(entry.lines[1].id, text="Other & more")
    rows = client.since(f"{NOW}.002Z")
    assert told(rows) == [(first, "2025-04-04", "false"), (second, "2025-04-04", "false")]
    assert [row["description"] for row in rows if "description" in row] == ["Other & more"]
    detail = client.ask("GetTransactionDetail", transactionID=second).rows("GetTransactionDetailResult")[0]
    assert detail["description"] == "Other & more"
    assert client.changes(startDate=NOW, endDate=f"{NOW}.001") == []


@pytest.mark.parametrize("how", ["delete", "draft", "replace"])
def test_what_is_gone_is_told_as_it_was(client: Client, keeper: Bookkeeper, how: str) -> None:
    entry = keeper.add(sale(client.books))
    before = client.since(NOW)
    if how == "delete":
        keeper.delete(entry.id)
    elif how == "draft":
        keeper.set_state(entry.id, State.DRAFT)
    else:
        keeper.replace_lines(entry.id, sale(client.books, cents=5).lines)
    gone = [row for row in client.since(NOW) if row["deleted"] == "true"]
    assert gone == [row | {"updated": f"{NOW}.002", "deleted": "true"} for row in before]
    shown = {row["id"] for row in client.details("2026-01-01", "2026-01-31")}
    assert not shown & {row["id"] for row in gone}
    assert len(shown) == (2 if how == "replace" else 0)
    unknown = client.ask("GetTransactionDetail", transactionID=gone[0]["id"])
    assert unknown.fault[1] == "Invalid transaction ID"


def test_what_is_booked_again_is_no_longer_gone(client: Client, keeper: Bookkeeper) -> None:
    entry = keeper.add(sale(client.books))
    keeper.set_state(entry.id, State.DRAFT)
    assert client.since(NOW) == []
    keeper.set_state(entry.id, State.POSTED)
    client.since(NOW)
    keeper.set_state(entry.id, State.DRAFT)
    assert {row["deleted"] for row in client.since(NOW)} == {"true"}
    keeper.set_state(entry.id, State.POSTED)
    assert [row["deleted"] for row in client.since(NOW)] == ["false", "false"]


def test_what_is_committed_late_has_an_earlier_stamp(client: Client, keeper: Bookkeeper) -> None:
    late = keeper.add(sale(client.books), commit=False)
    keeper.add(sale(client.books))
    (seen,) = {row["updated"] for row in client.since(NOW)}
    keeper.commit(late.id)
    assert min(row["updated"] for row in client.since(NOW)) < seen


def test_a_year_changes_with_the_lines_that_are_in_it(client: Client, keeper: Bookkeeper) -> None:
    assert client.year_changed(2030) == NEVER
    before = client.year_changed(2024)
    assert before.startswith("2025-01-01T")
    entry = keeper.add(sale(client.books, date(2024, 5, 5)))
    assert client.year_changed(2024) == f"{NOW}.001"
    keeper.redate(entry.id, date(2025, 5, 5))
    assert (client.year_changed(2024), client.year_changed(2025)) == (before, f"{NOW}.002")
    keeper.delete(entry.id)
    assert client.year_changed(2025) == f"{NOW}.003"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"digest": "dates"}, ["new", "changed"]),
        ({"new_lines": "untold"}, ["changed"]),
        ({"digest": "dates", "new_lines": "untold"}, ["changed"]),
    ],
)
def test_changes_may_be_told_otherwise(options: dict[str, str], expected: list[str]) -> None:
    books = invented_books()
    with yuki_server(books, **options) as client:
        keeper = Bookkeeper(books)
        new, changed = keeper.add(sale(books)), keeper.add(sale(books))
        keeper.change_line(changed.lines[0].id, text="Other")
        names = {line_key(new.lines[0].id): "new", line_key(changed.lines[0].id): "changed"}
        day = "2026-01-05" if "digest" in options else NOW
        found = client.changes(startDate=day, endDate="2026-01-05" if "digest" in options else "2026-02-01")
        assert [names[row["id"]] for row in found if row["id"] in names] == expected


def test_bookings_that_open_and_close_the_books_have_no_document(client: Client) -> None:
    rows = {row["id"]: row for row in client.details("2024-01-01", "2025-12-31")}
    changed = {row["id"]: row for row in client.changes()}
    for entry, line in in_ledger(client.books):
        key = line_key(line.id)
        row = rows[key]
        kind = client.books.journals[entry.journal].kind
        assert ("documentID" in row) == (kind in "SPBM"), kind
        if key in changed:
            assert changed[key]["documentID"] == row.get("documentID", "")
        if kind in "SPB":
            assert row["documentReference"] == (entry.reference or entry.number)


def test_a_rate_makes_the_amount_of_the_foreign_one(client: Client) -> None:
    rows = [row for row in client.details("2024-01-01", "2025-12-31") if row["currency"] != "EUR"]
    assert {row["currency"] for row in rows} == {"USD"}
    for row in rows:
        amount = Decimal(row["transactionAmountForeignCurrency"]) * Decimal(row["currencyRate"])
        assert abs(amount - Decimal(row["transactionAmount"])) < 1
