"""Browse rows, their sums, dimensions and deletions are those of the books, and follow their changes."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from twinfield_server_kit import (
    CONTRACTS,
    DELETED,
    FIRST,
    NAMESPACE,
    SECOND,
    Client,
    Reply,
    cells,
    key_of,
    ledger_in,
    ledger_of,
    twinfield_server,
)

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import MORNING
from monitr_pipelines.emulators.shared.records import Axis, Entry, NewEntry, NewLine, Share, Stamp, State
from monitr_pipelines.ledger.records import AccountType

SUMS = ("head.year", "line.dim1", "line.basevaluesigned")


def entry_of(client: Client, state: State = State.POSTED) -> Entry:
    return next(each for each in client.books.company_entries(1) if each.state is state)


def book(client: Client, **fields: object) -> Entry:
    lines = (NewLine(1, 500), NewLine(2, -500))
    return Bookkeeper(client.books).add(replace(NewEntry(1, 2, date(2026, 1, 5), lines), **fields))  # type: ignore[arg-type]


def names(reply: Reply) -> list[tuple[str, ...]]:
    items = reply.root.iterfind(f".//{{{NAMESPACE}}}Items/{{{NAMESPACE}}}ArrayOfString")
    return [tuple(each.text or "" for each in item) for item in items]


def deletions(client: Client, **parts: str) -> list[tuple[str, str, str]]:
    """Daybook, number and moment."""
    reply = client.deleted(**{"CompanyCode": FIRST} | parts)
    assert reply.status == 200, reply.body
    found = reply.root.iterfind(f".//{{{DELETED}}}DeletedTransaction")
    wanted = ("Daybook", "TransactionNumber", "DeletionDate")
    return [tuple(each.findtext(f"{{{DELETED}}}{name}", "") for name in wanted) for each in found]  # type: ignore[misc]


def test_the_rows_are_the_ledger_of_the_books_without_drafts(client: Client) -> None:
    rows = client.rows()
    assert ledger_in(rows) == ledger_of(client.books)
    assert {row["head.status"] for row in rows} == {"final", "provisional"}
    assert {row["line.dim2type"] for row in rows} == {"", "KPL", "DEB", "CRD"}
    assert {row["line.dim1type"] for row in rows} == {"BAS", "PNL"}
    assert {row["head.curcode"] for row in rows} == {"EUR", "USD"}
    for row in rows:
        assert (Decimal(row["line.basevaluesigned"]) >= 0) == (row["line.debitcredit"] == "debit")


def test_drafts_are_there_for_who_asks_for_them(client: Client) -> None:
    drafts = [each for each in client.books.company_entries(1) if each.state is State.DRAFT]
    assert len(client.rows(status="temporary")) == sum(len(each.lines) for each in drafts) > 0
    assert len(cells(client.browse())) == len(client.rows()) + len(client.rows(status="temporary"))


def test_years_and_periods_are_parts_of_the_whole_and_the_opening_stands_before_them(client: Client) -> None:
    both = client.rows(yearperiod="2024/00..2024/55") + client.rows(yearperiod="2025/00..2025/55")
    assert both == client.rows() == client.rows(yearperiod="2024/00..")
    opening = client.rows(yearperiod="2024/00..2024/00")
    assert {row["key.code"] for row in opening} == {"OPN"}
    assert {row["head.yearperiod"] for row in client.rows(yearperiod="2025/03..2025/03")} == {"2025/03"}
    assert client.rows(yearperiod="2030/00..2030/55") == []


def test_an_edited_transaction_comes_whole_with_a_later_moment(client: Client) -> None:
    before = client.rows()
    since = max(row["head.modified"] for row in before)
    entry = entry_of(client)
    Bookkeeper(client.books).change_line(entry.lines[0].id, text="50% & <more>")
    changed = client.rows(modified=f"{int(since) + 1}..")
    assert [(row["key.code"], row["key.number"]) for row in changed] == [
        key_of(client.books, entry.id)[:2]
    ] * len(entry.lines)
    assert changed[0]["line.description"] == "50% & <more>"
    assert changed[0]["head.modified"] == MORNING.strftime("%Y%m%d%H%M%S")


def test_what_is_committed_late_has_an_earlier_moment_than_what_was_read(client: Client) -> None:
    late = Bookkeeper(client.books).add(
        NewEntry(1, 2, date(2026, 1, 5), (NewLine(1, 5), NewLine(2, -5))), commit=False
    )
    client.books.clock.advance(timedelta(seconds=30))
    book(client)
    seen = max(row["head.modified"] for row in client.rows())
    Bookkeeper(client.books).commit(late.id)
    assert client.rows(modified=f"{int(seen) + 1}..") == []
    assert key_of(client.books, late.id)[1] in {row["key.number"] for row in client.rows()}


def test_a_transaction_with_another_number_is_another_and_nothing_tells_of_the_earlier(
    client: Client,
) -> None:
    entry = entry_of(client)
    before = key_of(client.books, entry.id)
    Bookkeeper(client.books).renumber(entry.id, "2024-99999")
    assert key_of(client.books, entry.id) != before
    assert ledger_in(client.rows()) == ledger_of(client.books)
    assert deletions(client) == []
    with twinfield_server(client.books, renumbering="logged") as other:
        Bookkeeper(client.books).renumber(entry.id, "2024-99998")
        assert [each[:2] for each in deletions(other)] == [(before[0], "202499999")]


def test_deletions_tell_daybook_number_and_moment_and_a_number_comes_back(client: Client) -> None:
    entry, keeper = book(client), Bookkeeper(client.books)
    client.rows()
    keeper.delete(entry.id)
    client.books.clock.advance(timedelta(minutes=1))
    cancelled = entry_of(client)
    keeper.set_state(cancelled.id, State.CANCELLED)
    again = book(client)
    assert again.number == entry.number
    first, second = deletions(client)
    assert first == ("VKP", "2026010001", "2026-01-15T08:00:00.002")
    assert second[:2] == key_of(client.books, cancelled.id)[:2]
    assert deletions(client, DateFrom="2026-01-15T08:00:30") == [second]
    assert deletions(client, DateTo="2026-01-15T08:00:30") == [first]
    assert deletions(client, DateFrom="2026-01-15", DateTo="2026-01-15") == []
    assert deletions(client, Daybook="VKP", DateTo="2026-01-15T08:00:30") == [first]
    assert deletions(client, CompanyCode=SECOND) == []
    assert ledger_in(client.rows()) == ledger_of(client.books)


def test_what_goes_back_to_a_draft_changes_and_is_not_deleted(client: Client) -> None:
    entry = entry_of(client)
    client.books.clock.advance(timedelta(minutes=5))
    Bookkeeper(client.books).set_state(entry.id, State.DRAFT)
    assert ledger_in(client.rows()) == ledger_of(client.books)
    assert deletions(client) == []
    changed = cells(client.browse(modified="20260115080500.."))
    assert {row["head.status"] for row in changed} == {"temporary"}


def test_sums_by_period_and_account_are_the_trial_balance(client: Client) -> None:
    rows = cells(client.browse("040_1", SUMS, status="normal"))
    sums: Counter[str] = Counter()
    types = {each.code: each.type for each in client.books.accounts.values() if each.company == 1}
    for row in rows:
        if types[row["line.dim1"]] is AccountType.BALANCE_SHEET or row["head.year"] == "2025":
            sums[row["line.dim1"]] += Decimal(row["line.basevaluesigned"])  # type: ignore[assignment]
    closing = {code: amount for code, amount in sums.items() if amount}
    assert closing == client.books.trial_balance(1, date(2025, 12, 31))
    assert len({(row["head.year"], row["line.dim1"]) for row in rows}) == len(rows)


def test_sums_of_currencies_have_both_amounts(client: Client) -> None:
    columns = ("head.curcode", "line.valuesigned", "line.basevaluesigned")
    rows = cells(client.browse("060", columns, status="normal"))
    lines = client.rows()
    assert {row["head.curcode"] for row in rows} == {"EUR", "USD"}
    for row in rows:
        same = [each for each in lines if each["head.curcode"] == row["head.curcode"]]
        assert Decimal(row["line.valuesigned"]) == sum(Decimal(each["line.valuesigned"]) for each in same)


def test_accounts_are_found_in_pages_of_any_size_hidden_ones_on_request(client: Client) -> None:
    accounts = [each for each in client.books.accounts.values() if each.company == 1]
    found = names(client.search(dimtype="BAS")) + names(client.search(dimtype="PNL"))
    assert sorted(found) == sorted((each.code, each.name) for each in accounts)
    pages = [names(client.search(dimtype="PNL", first=first, most=5)) for first in (1, 6)]
    assert pages[0] + pages[1] == names(client.search(dimtype="PNL"))[:10]
    total = client.search(dimtype="PNL", most=5).root.findtext(f".//{{{NAMESPACE}}}TotalRows")
    assert total == str(len(names(client.search(dimtype="PNL"))))
    client.books.clock.advance(timedelta(minutes=5))
    Bookkeeper(client.books).change_account(accounts[0].id, name="Other & more", archived=True)
    assert len(names(client.search(level="1", office=FIRST))) == len(accounts) - 1
    changed = client.search(level="1", includehidden="1", modifiedsince="20260115080500")
    assert names(changed) == [(accounts[0].code, "Other & more")]


def test_offices_and_dimensions_are_listed_and_read(client: Client) -> None:
    offices = client.process("<list><type>offices</type></list>", office="").result
    assert [each.text for each in offices] == [FIRST, SECOND]
    assert [each.get("name") for each in offices] == [each.name for each in client.books.companies.values()]
    office = client.process(f"<read><type>office</type><code>{SECOND}</code></read>").result
    assert (office.findtext("code"), office.findtext("basecurrency")) == (SECOND, "EUR")
    asked = "<list><type>dimensions</type><office>OFF001</office><dimtype>{}</dimtype></list>"
    for kind, axis in (("KPL", "department"), ("PRJ", "project")):
        listed = client.process(asked.format(kind)).result
        codes = {
            each.code for each in client.books.values.values() if client.books.axes[each.axis].code == axis
        }
        assert {each.text for each in listed} == codes
    read = asked.format("PRJ").replace("list>", "read>").replace("</read>", "<code>P01</code></read>")
    assert client.process(read).result.findtext("name") == "Aurora"
    Bookkeeper(client.books).change_company(2, reachable=False)
    assert len(client.process("<list><type>offices</type></list>").result) == 1


def test_a_third_axis_is_not_shown_and_what_is_divided_is_an_error(client: Client) -> None:
    client.books.axes[9] = Axis(9, "unit", "Unit", Stamp(1, 0))
    keeper = Bookkeeper(client.books)
    third = keeper.add_value(9, "U1", "Unit")
    line = entry_of(client).lines[0]
    keeper.change_line(line.id, shares=(Share((1, third.id)),))
    assert client.rows()[0]["line.dim2"] == client.books.values[1].code
    keeper.change_line(line.id, shares=(Share((1,), 50_00), Share((2,), 50_00)))
    assert client.browse().fault == (500, "s:Server", "")


def test_a_document_may_be_asked_as_it_is(client: Client) -> None:
    body = (
        f'<t:ProcessXmlDocument xmlns:t="{NAMESPACE}"><t:xmlRequest><list><type>offices</type></list>'
        "</t:xmlRequest></t:ProcessXmlDocument>"
    )
    reply = client.soap("processxml.asmx", body, "ProcessXmlDocument", client.header(FIRST))
    found = reply.root.find(f".//{{{NAMESPACE}}}ProcessXmlDocumentResult")
    assert found is not None
    assert [each.text for each in found.iterfind("offices/office")] == [FIRST, SECOND]


def test_answers_may_be_utf_16(client: Client) -> None:
    with twinfield_server(client.books, encoding="utf-16") as other:
        reply = other.process("<list><type>offices</type></list>")
        assert reply.headers["Content-Type"] == "text/xml; charset=utf-16"
        text = reply.root.findtext(f".//{{{NAMESPACE}}}ProcessXmlStringResult", "")
    assert reply.body.decode("utf-16").startswith('<?xml version="1.0" encoding="utf-16"?>')
    assert text.startswith('<?xml version="1.0" encoding="utf-16"?><offices result="1">')


def test_the_newer_service_answers_in_its_own_namespaces(client: Client) -> None:
    result = client.deleted(CompanyCode=FIRST).root.find(f".//{{{NAMESPACE}}}Result")
    assert result is not None
    assert [each.tag for each in result] == [f"{{{CONTRACTS}.DeletedTransactionsService}}DeletedTransactions"]
