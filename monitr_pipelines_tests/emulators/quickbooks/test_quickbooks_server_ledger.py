"""The reports are the books: sections within sections, sums, balances, what is cut and what is empty."""

from datetime import date
from decimal import Decimal

from quickbooks_server_kit import (
    EVER,
    GL,
    HOME,
    SINGLE,
    TB,
    Client,
    Row,
    ledger_of,
    quickbooks_server,
    rows_of,
    sale,
)

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.shared.records import Share, State
from monitr_pipelines.ledger.records import AccountType

RETAINED = "9000001"


def sections(report: Row) -> dict[str, Row]:
    """The sections of a report by their account's id, those within others too."""
    found: dict[str, Row] = {}
    todo = rows_of(report)
    while todo:
        section = todo.pop()
        if section["type"] == "Section":
            todo += rows_of(section)
            if "Header" in section and "id" in section["Header"]["ColData"][0]:
                found[section["Header"]["ColData"][0]["id"]] = section
    return found


def own_rows(section: Row) -> list[Row]:
    """What an account was posted on itself, not on those below it."""
    inner = next((row for row in rows_of(section) if "Header" not in row and "Rows" in row), section)
    return [row for row in rows_of(inner) if row["type"] == "Data"]


def test_the_general_ledger_is_that_of_the_books(reader: Client) -> None:
    told = reader.ledger()
    assert sorted(told) == ledger_of(reader.books)
    assert {row.type for row in told} == {"Invoice", "Bill", "Expense", "Journal Entry"}
    assert any(row.amount == 0 and row.memo.startswith("Voided") for row in told)
    assert all(any(row[place] for row in told) for place in range(len(told[0])))
    windows = [("2024-01-01", "2024-06-15"), ("2024-06-16", "2025-03-31"), ("2025-04-01", "2026-12-31")]
    split = [row for first, last in windows for row in reader.ledger(start_date=first, end_date=last)]
    assert sorted(split) == sorted(told)


def test_columns_of_the_other_setting_for_currencies_are_empty(reader: Client) -> None:
    assert {row.amount for row in reader.ledger(columns=SINGLE)} == {Decimal()}
    with quickbooks_server(invented_books(Size(lines=500))) as single:
        assert sorted(single.ledger(columns=SINGLE)) == ledger_of(single.books)
        assert {row.amount for row in single.ledger(columns=HOME)} == {Decimal()}
        assert not single.get("preferences").document["Preferences"]["CurrencyPrefs"]["MultiCurrencyEnabled"]


def test_foreign_amounts_and_rates_stand_beside_those_of_the_company(reader: Client) -> None:
    columns = "txn_type,currency,exch_rate,nat_foreign_amount,subt_nat_home_amount"
    report = reader.report(GL, columns=columns)
    assert report["Header"]["Currency"] == "EUR"
    rows = [
        [cell["value"] for cell in row["ColData"]]
        for section in sections(report).values()
        for row in own_rows(section)
        if row["ColData"][0].get("id")
    ]
    dollars = [row for row in rows if row[1] == "USD" and Decimal(row[4])]
    assert dollars
    for _, _, rate, foreign, home in dollars:
        assert abs(Decimal(foreign) * Decimal(rate) - Decimal(home)) < Decimal("0.01") * abs(Decimal(home))
    assert {row[2] for row in rows if row[1] == "EUR"} == {"1"}


def test_sections_nest_and_only_those_with_postings_of_their_own_have_an_id(reader: Client) -> None:
    tax, vat = (account_of(reader, code) for code in ("450000", "451000"))
    report = reader.report(GL, columns=HOME)
    outer = sections(report)[str(tax)]
    own, *below = rows_of(outer)
    assert "Header" not in own
    assert own["Summary"]["ColData"][0]["value"].startswith("Total for 450000")
    assert outer["Summary"]["ColData"][0]["value"].endswith("with sub-accounts")
    assert str(vat) in {section["Header"]["ColData"][0]["id"] for section in below}
    report = reader.report(GL, columns=HOME, account=f"{vat}")
    (nameless,) = rows_of(report)
    assert nameless["Header"]["ColData"][0].keys() == {"value"}
    assert sections(report).keys() == {str(vat)}


def account_of(client: Client, code: str) -> int:
    return next(each.id for each in client.books.accounts.values() if (each.company, each.code) == (1, code))


def test_accounts_of_one_name_below_different_ones_differ_by_their_ids(client: Client) -> None:
    keeper, others = Bookkeeper(client.books), (account_of(client, "451200"), account_of(client, "612000"))
    for account in others:
        keeper.change_account(account, name="Other")
    rows = client.query("SELECT * FROM Account MAXRESULTS 1000")["Account"]
    found = {row["Id"]: row for row in rows if row["Name"] == "Other"}
    assert found.keys() == {str(account) for account in others}
    assert len({row["FullyQualifiedName"] for row in found.values()}) == 2
    assert {row["SubAccount"] for row in found.values()} == {True}
    assert sorted(client.ledger()) == ledger_of(client.books)


def test_columns_come_in_the_order_of_the_software_and_the_usual_ones_without_a_word(
    reader: Client,
) -> None:
    def keys(report: Row) -> list[str]:
        return [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]

    assert keys(reader.report(GL, columns="memo,tx_date,txn_type")) == ["tx_date", "txn_type", "memo"]
    assert keys(reader.report(GL))[-2:] == ["subt_nat_home_amount", "rbal_nat_home_amount"]
    with quickbooks_server(reader.books, tracking="off", currencies="one") as plain:
        assert keys(plain.report(GL)) == [
            *("tx_date", "txn_type", "doc_num", "name", "memo", "split_acc"),
            *("subt_nat_amount", "rbal_nat_amount"),
        ]
        assert keys(plain.report(GL, columns="tx_date,klass_name,dept_name")) == ["tx_date"]
        assert plain.get("query", {"query": "SELECT * FROM Class"}).error["code"] == "5020"
        preferences = plain.get("preferences").document["Preferences"]["AccountingInfoPrefs"]
        assert not preferences["TrackDepartments"]


def test_amounts_are_natural_and_balances_run_on_from_the_beginning(reader: Client) -> None:
    bank, sales = account_of(reader, "550000"), account_of(reader, "700000")
    report = reader.report(
        GL,
        start_date="2025-07-01",
        columns="tx_date,txn_type,subt_nat_home_amount,rbal_nat_home_amount",
    )
    first, *rows = own_rows(sections(report)[str(bank)])
    assert first["ColData"][0] == {"value": "Beginning Balance"}
    before = reader.books.trial_balance(1, date(2025, 6, 30))["550000"]
    assert Decimal(first["ColData"][3]["value"]) == before
    for row in rows:
        before += Decimal(row["ColData"][2]["value"])
        assert Decimal(row["ColData"][3]["value"]) == before
    amounts = [row["ColData"][2]["value"] for row in own_rows(sections(report)[str(sales)])]
    assert all(Decimal(amount) >= 0 for amount in amounts), "income grows on the credit side"
    assert not {text for text in amounts if text.startswith("0") or "," in text}


def test_results_of_earlier_years_stand_in_an_account_that_nobody_booked_on(reader: Client) -> None:
    types = {each.id: each.type for each in reader.books.accounts.values()}
    earned = -sum(
        row.amount
        for row in ledger_of(reader.books)
        if row.day < "2025" and types[int(row.account)] is AccountType.PROFIT_AND_LOSS
    )
    assert earned
    report = reader.report(GL, start_date="2025-01-01", columns="tx_date,txn_type,rbal_nat_home_amount")
    (only,) = rows_of(sections(report)[RETAINED])
    assert Decimal(only["ColData"][2]["value"]) == earned
    assert RETAINED not in sections(reader.report(GL, columns="tx_date"))
    balances = trial_balance(reader, "2025-12-31")
    assert -balances.pop(RETAINED) == earned


def trial_balance(client: Client, at: str) -> dict[str, Decimal]:
    report = client.report(TB, end_date=at)
    *rows, total = rows_of(report)
    balances: dict[str, Decimal] = {}
    for row in rows:
        account, debit, credit = row["ColData"]
        assert "type" not in row
        assert (debit["value"] == "") != (credit["value"] == "")
        balances[account["id"]] = Decimal(debit["value"] or "0") - Decimal(credit["value"] or "0")
    assert total["group"] == "GrandTotal"
    debits = str(sum((amount for amount in balances.values() if amount > 0), Decimal()))
    assert [cell["value"] for cell in total["Summary"]["ColData"]] == ["TOTAL", debits, debits]
    return balances


def test_the_trial_balance_balances_and_is_that_of_the_books(reader: Client) -> None:
    codes = {str(each.id): each.code for each in reader.books.accounts.values()}
    for at in (date(2024, 5, 31), date(2024, 12, 31), date(2025, 12, 31)):
        balances = trial_balance(reader, at.isoformat())
        assert sum(balances.values()) == 0
        balances.pop(RETAINED, None)
        told = {codes[account]: amount for account, amount in balances.items()}
        assert told == reader.books.trial_balance(1, at)


def test_a_report_of_too_many_cells_ends_with_a_sentence_and_open_sections(reader: Client) -> None:
    with quickbooks_server(reader.books, cells="360") as cut:
        report = cut.report(GL, columns=HOME)
        *_, last, sentence = rows_of(report)
        assert sentence["ColData"][0]["value"].startswith("Unable to display more data.")
        assert "Summary" not in last
        data = [row for section in sections(report).values() for row in own_rows(section)]
        assert sum("id" in row["ColData"][1] for row in data) == 40, "nine cells each"
        whole = cut.ledger(start_date="2025-03-01", end_date="2025-03-03")
        assert whole == [row for row in reader.ledger() if "2025-03-01" <= row.day <= "2025-03-03"]


def test_days_without_anything_give_a_report_that_says_so(reader: Client) -> None:
    for path in (GL, TB):
        report = reader.report(path, start_date="2020-01-01", end_date="2020-01-31")
        assert report["Header"]["Option"] == [{"Name": "NoReportData", "Value": "true"}]
        assert report["Rows"] == {}
    header = reader.report(GL, start_date="2025-03-01", end_date="2025-03-31")["Header"]
    assert (header["StartPeriod"], header["EndPeriod"]) == ("2025-03-01", "2025-03-31")
    assert header["Option"] == [{"Name": "NoReportData", "Value": "false"}]


def test_balances_are_shown_where_nothing_was_posted(reader: Client) -> None:
    report = reader.report(GL, start_date="2026-06-01", columns="tx_date,rbal_nat_home_amount")
    held = sections(report)
    assert {row["ColData"][0]["value"] for each in held.values() for row in own_rows(each)} == {
        "Beginning Balance"
    }


def test_without_a_method_the_one_of_the_company_is_used(reader: Client) -> None:
    days = {name: day for name, day in EVER.items() if name != "accounting_method"}
    with quickbooks_server(reader.books, basis="Cash") as cash:
        report = cash.get(GL, days | {"columns": HOME}).document
        assert report["Header"]["ReportBasis"] == "Cash"
        assert len(cash.ledger(accounting_method="Cash")) < len(cash.ledger())
        assert sorted(cash.ledger()) == ledger_of(reader.books)


def test_what_this_software_has_no_form_for_is_an_error_of_its(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    entry = keeper.add(sale(client.books))
    keeper.change_line(entry.lines[0].id, shares=(Share((1,), 50_00), Share((2,), 50_00)))
    assert client.get(GL, EVER | {"columns": HOME}).status == 500
    keeper.set_state(entry.id, State.DRAFT)
    assert sorted(client.ledger()) == ledger_of(client.books)
