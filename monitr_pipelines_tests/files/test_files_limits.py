"""Texts that no ledger holds are refused with their line, in every format; what is harmless is kept whole."""

from collections.abc import Callable

import pytest
from files_kit import (
    FEC_HEADER,
    STANDARD_HEADER,
    XAF_ACCOUNTS,
    assert_refused,
    fec_line,
    read,
    refusal,
    workbook,
    xaf,
    xaf_line,
    xaf_transaction,
)

from monitr_pipelines.files.reading import limits as reading_limits
from monitr_pipelines.ledger.limits import (
    LONGEST_AXIS_CODE,
    LONGEST_CODE,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    MOST_AXES,
)

Write = Callable[[str], str | bytes]


def csv(**given: str) -> str:
    fields = {"date": "2026-01-05", "account_code": "1000", "amount": "5"} | given
    return f"{';'.join(fields)}\n{';'.join(fields.values())}\n"


def xlsx(**given: str) -> bytes:
    fields = {"date": "2026-01-05", "account_code": "1000", "amount": "5"} | given
    return workbook(list(fields), list(fields.values()))


def in_xaf(before: str, after: str) -> str:
    return xaf(xaf_transaction(xaf_line())).replace(before, after)


# How to write a text of any length, the most that fits, and where it stands.
TEXTS: dict[str, tuple[Write, int, str]] = {
    "csv account": (lambda text: csv(account_code=text), LONGEST_CODE, "line 2, column account_code"),
    "csv account name": (lambda text: csv(account_name=text), LONGEST_NAME, "line 2, column account_name"),
    "csv journal": (lambda text: csv(journal=text), LONGEST_CODE, "line 2, column journal"),
    "csv booking": (lambda text: csv(booking=text), LONGEST_NAME, "line 2, column booking"),
    "csv relation": (lambda text: csv(relation=text), LONGEST_NAME, "line 2, column relation"),
    "csv document": (lambda text: csv(document_number=text), LONGEST_NAME, "line 2, column document_number"),
    "csv dimension": (lambda text: csv(dimension1=text), LONGEST_AXIS_CODE, "line 2"),
    "csv axis": (lambda text: csv(**{f"axis:{text}": "x"}), LONGEST_CODE, "line 2"),
    "csv description": (
        lambda text: csv(description=text),
        LONGEST_DESCRIPTION,
        "line 2, column description",
    ),
    "xlsx account": (lambda text: xlsx(account_code=text), LONGEST_CODE, "line 2, column account_code"),
    "xlsx dimension": (lambda text: xlsx(dimension2=text), LONGEST_AXIS_CODE, "line 2"),
    "fec account": (
        lambda text: FEC_HEADER + fec_line(account=text),
        LONGEST_CODE,
        "line 2, column CompteNum",
    ),
    "fec name": (
        lambda text: FEC_HEADER + fec_line(account_label=text),
        LONGEST_NAME,
        "line 2, column CompteLib",
    ),
    "fec journal": (
        lambda text: FEC_HEADER + fec_line(journal=text),
        LONGEST_CODE,
        "line 2, column JournalCode",
    ),
    "fec piece": (lambda text: FEC_HEADER + fec_line(piece=text), LONGEST_NAME, "line 2, column PieceRef"),
    "fec label": (lambda text: FEC_HEADER + fec_line(label=text), LONGEST_DESCRIPTION, "column EcritureLib"),
    "xaf account": (
        lambda text: in_xaf("<accID>8000</accID><docRef>", f"<accID>{text}</accID><docRef>"),
        LONGEST_CODE,
        "line 8, column account_code",
    ),
    "xaf chart": (
        lambda text: xaf(xaf_transaction(xaf_line()), accounts=XAF_ACCOUNTS.replace("1300", text)),
        LONGEST_CODE,
        "column account_code",
    ),
    "xaf cost centre": (
        lambda text: in_xaf("<docRef>", f"<costID>{text}</costID><docRef>"),
        LONGEST_AXIS_CODE,
        "line 8",
    ),
    "xaf description": (
        lambda text: in_xaf("Factuur", text),
        LONGEST_DESCRIPTION,
        "line 8, column description",
    ),
}


@pytest.mark.parametrize(("write", "most", "where"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_is_kept_whole_or_refused_with_its_line(write: Write, most: int, where: str) -> None:
    assert len(read(write("x" * most)).lines) == 1
    error = refusal(write("x" * (most + 1)))
    assert error.code == "file_refused"
    assert_refused(write("x" * (most + 1)), None, f"{most + 1:,} characters; {most:,} fit", where)
    assert len(str(error)) < 1_000


def test_a_description_is_kept_whole() -> None:
    text = "a long story " * 2_000
    assert read(csv(description=text)).lines[0].description == text.strip()


def test_a_line_has_so_many_axis_values_and_no_more() -> None:
    many = {f"axis:a{number}": "x" for number in range(MOST_AXES)}
    assert len(read(csv(**many)).lines[0].axes) == MOST_AXES
    assert_refused(csv(**many, dimension1="x"), 2, f"values of {MOST_AXES + 1} axes; {MOST_AXES} fit")


def test_a_file_names_so_many_accounts_and_axis_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_limits, "MOST_ACCOUNTS", 2)
    monkeypatch.setattr(reading_limits, "MOST_AXIS_VALUES", 2)
    lines = "".join(f"2026-01-05;{n};x;x;1,00;;;\n2026-01-05;{n};x;x;;1,00;;\n" for n in range(2))
    assert len(read(STANDARD_HEADER + lines).lines) == 4
    assert_refused(STANDARD_HEADER + lines + "2026-01-05;9;x;x;1,00;;;\n", 6, "more than 2 accounts")
    valued = "".join(f"2026-01-05;1;x;x;1,00;;{n};\n" for n in range(3))
    assert_refused(
        STANDARD_HEADER + valued, 4, "more than 2 axis values; is the column of dimension1 an axis?"
    )
    chart = "".join(f"<ledgerAccount><accID>{n}</accID></ledgerAccount>" for n in range(3))
    assert_refused(xaf(xaf_transaction(xaf_line()), accounts=chart), None, "more than 2 accounts")
