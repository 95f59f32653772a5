"""The Dutch audit file: lines, opening balance, control totals."""

from datetime import date
from decimal import Decimal

from files_kit import XAF, XAF_ACCOUNTS, read, xaf, xaf_line, xaf_transaction

from monitr_pipelines.files import Mode
from monitr_pipelines.ledger.changes import Dates, MonthsOfItsLines, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.findings import Severity
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue

OPENING = (
    "<openingBalance><opBalDate>2026-01-01</opBalDate><linesCount>2</linesCount><totalDebit>5.00</totalDebit>"
    "<totalCredit>5.00</totalCredit>"
    "<obLine><nr>1</nr><accID>1300</accID><amnt>5.00</amnt><amntTp>D</amntTp></obLine>"
    "<obLine><nr>2</nr><accID>0800</accID><amnt>5.00</amnt><amntTp>C</amntTp></obLine>"
    "<obSubledgers><obSubledger><obSbLine><nr>1</nr><obLineNr>1</obLineNr><amnt>5.00</amnt>"
    "<amntTp>D</amntTp></obSbLine></obSubledger></obSubledgers></openingBalance>"
)
RELATIONS = (
    "<customersSuppliers><customerSupplier><custSupID>C1</custSupID><custSupName>Jansen</custSupName>"
    "</customerSupplier></customersSuppliers>"
)
BASICS = (
    "<basics><basic><basicType>02</basicType><basicID>100</basicID><basicDesc>Winkel</basicDesc></basic>"
    "</basics>"
)


def test_a_line() -> None:
    more = (
        "<custSupID>C1</custSupID><costID>100</costID><projID>P9</projID>"
        "<currency><curCode>USD</curCode><curAmnt>110.00</curAmnt></currency>"
    )
    found = read(xaf(xaf_transaction(xaf_line(more=more)), before=BASICS + RELATIONS))
    line = found.lines[0]
    assert line.external_id == "2026-01-01..2026-12-31/V/1/1"
    assert line.booking == "2026-01-01..2026-12-31/V/1"
    assert line.booking_date == date(2026, 1, 5)
    assert (line.account_code, line.amount) == ("8000", Decimal("-100.00"))
    assert (line.journal, line.period, line.line_number) == ("V", "1", "1")
    assert (line.document_number, line.relation, line.description) == ("F1", "Jansen", "Factuur")
    assert (line.foreign_amount, line.foreign_currency) == (Decimal("-110.00"), "USD")
    assert line.axes == (("cost", "100"), ("project", "P9"))
    assert found.file.axes == {AxisValue("cost", "100", "Winkel"), AxisValue("project", "P9", "P9")}
    assert found.file.accounts["8000"] == Account("8000", "Omzet", AccountType.PROFIT_AND_LOSS)
    assert found.file.accounts["1300"].type is AccountType.BALANCE_SHEET


def test_an_account_of_mixed_type_has_none() -> None:
    found = read(xaf(xaf_transaction(xaf_line()), accounts=XAF_ACCOUNTS.replace(">P<", ">M<")))
    assert found.file.accounts["8000"].type is None


def test_scopes() -> None:
    year = read(XAF).changes[0]
    assert isinstance(year, Replace)
    assert year.scope == Dates(date(2026, 1, 1), date(2027, 1, 1))
    months = read(XAF, mode=Mode.MONTHS).changes[0]
    assert isinstance(months, Replace)
    assert isinstance(months.scope, MonthsOfItsLines)
    whole = read(XAF, mode=Mode.OVERWRITE).changes[0]
    assert isinstance(whole, Replace)
    assert isinstance(whole.scope, WholeLedger)
    assert isinstance(read(XAF, mode=Mode.APPEND).changes[0], Upsert)


def test_the_opening_balance_is_read_without_its_subledgers() -> None:
    found = read(xaf(xaf_transaction(xaf_line()), before=OPENING))
    opening = [line for line in found.lines if line.opening]
    assert [(line.account_code, line.amount) for line in opening] == [
        ("1300", Decimal("5.00")),
        ("0800", Decimal("-5.00")),
    ]
    assert {(line.booking, line.booking_date) for line in opening} == {("opening", date(2026, 1, 1))}
    assert found.file.findings == []


def test_subledgers_of_transactions_are_not_lines() -> None:
    ledger = (
        "<subledgers><subledger><sbLine><nr>1</nr><amnt>9.00</amnt><amntTp>D</amntTp></sbLine></subledger>"
        "</subledgers>"
    )
    assert len(read(XAF.replace("</transactions>", ledger + "</transactions>")).lines) == 2


def test_transactions_of_one_number_are_numbered_through() -> None:
    text = xaf(
        xaf_transaction(xaf_line() * 2) + xaf_transaction(xaf_line(), "2") + xaf_transaction(xaf_line())
    )
    assert [line.external_id for line in read(text).lines] == [
        "2026-01-01..2026-12-31/V/1/1",
        "2026-01-01..2026-12-31/V/1/2",
        "2026-01-01..2026-12-31/V/2/1",
        "2026-01-01..2026-12-31/V/1/3",
    ]


def test_each_journal_has_its_own_code() -> None:
    second = "</journal><journal><jrnID>B</jrnID>" + xaf_transaction(xaf_line())
    found = read(xaf(xaf_transaction(xaf_line()) + second))
    assert [line.external_id for line in found.lines] == [
        "2026-01-01..2026-12-31/V/1/1",
        "2026-01-01..2026-12-31/B/1/1",
    ]


def test_wrong_control_totals_are_warnings() -> None:
    totals = "<linesCount>3</linesCount><totalDebit>1.00</totalDebit><totalCredit>100.00</totalCredit>"
    found = read(xaf(xaf_transaction(xaf_line() + xaf_line("1300", side="D")), totals=totals))
    assert [(finding.code, finding.severity) for finding in found.file.findings] == [
        ("control_count", Severity.WARNING),
        ("control_total_debit", Severity.WARNING),
    ]
    assert "stated as 3; its lines make 2" in found.file.findings[0].message


def test_sides_in_lower_case_and_negative_amounts() -> None:
    found = read(xaf(xaf_transaction(xaf_line(amount="-1.50", side="d") + xaf_line(amount="-1.5", side="c"))))
    assert [line.amount for line in found.lines] == [Decimal("-1.50"), Decimal("1.5")]


def test_prefixes_encodings_and_comments_make_no_difference() -> None:
    expected = read(XAF).lines
    prefixed = (
        XAF.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    )
    assert read(prefixed).lines == expected
    assert read(XAF.replace("UTF-8", "UTF-16").encode("utf-16")).lines == expected
    assert read(XAF.replace("UTF-8", "windows-1252").encode("cp1252")).lines == expected
    assert read(XAF.replace("Factuur", "Fac<!-- x -->tuur")).lines == expected
    assert read("\ufeff" + XAF).lines == expected
