"""Tables as programs print them: titles, totals, page headers and footnotes are no lines, and are told."""

import pytest
from files_kit import read, refusal

from monitr_pipelines.files.reading.problems import NeedsAnswer

TITLE = "Bakkerij Peeters;;;;\nGrootboek 2024;;;;\n\n"
HEADER = "date;account_code;description;debit;credit\n"
JANUARY = "2024-01-05;550000;Sale;10.00;\n2024-01-05;700000;Sale;;10.00\n"
FEBRUARY = "2024-02-05;550000;Sale;20.00;\n2024-02-05;700000;Sale;;20.00\n"


def lines(text: str) -> list[tuple[str, str]]:
    return [(line.account_code, str(line.amount)) for line in read(text).lines]


PLAIN = lines(HEADER + JANUARY + FEBRUARY)
PRINTED = {
    "titles": TITLE + HEADER + JANUARY + FEBRUARY,
    "a title of one field": "Bakkerij Peeters\n" + HEADER + JANUARY + FEBRUARY,
    "a total": HEADER + JANUARY + FEBRUARY + ";;Totaal;30.00;30.00\n",
    "subtotals and a total": HEADER
    + JANUARY
    + ";;Subtotaal januari;10.00;10.00\n"
    + FEBRUARY
    + ";;Subtotaal februari;20.00;20.00\nTotal général;;;30.00;30.00\n",
    "totals of accounts, of months and of all": HEADER
    + JANUARY
    + ";;Subtotaal verkopen;10.00;10.00\n"
    + FEBRUARY
    + ";;Subtotaal aankopen;20.00;20.00\n;;Totaal februari;30.00;30.00\n;;Totaal;30.00;30.00\n",
    "a total without a name": HEADER
    + JANUARY
    + FEBRUARY
    + ";;;30.00;30.00\n;;Total;30,00;30.00\n".replace(",", "."),
    "headers of pages": TITLE + HEADER + JANUARY + "Bakkerij Peeters;;;;\n" + HEADER + FEBRUARY,
    "footnotes": HEADER + JANUARY + FEBRUARY + "Pagina 1 van 1;;;;\nAfgedrukt op 12-03-2024\n",
    "carried to the next page": HEADER
    + JANUARY
    + ";;Transport;10.00;10.00\n"
    + FEBRUARY
    + ";;Total;30.00;30.00\n",
}


@pytest.mark.parametrize("text", PRINTED.values(), ids=PRINTED)
def test_what_is_printed_around_lines_is_left_out(text: str) -> None:
    assert lines(text) == PLAIN


def test_what_is_left_out_is_told() -> None:
    found = read(PRINTED["subtotals and a total"])
    assert [finding.code for finding in found.file.findings] == ["rows_left_out"]
    assert "3 of them totals" in str(found.file.findings[0])


@pytest.mark.parametrize("total", [";;Totaal;31.00;31.00\n", ";;Totaal;30.00;29.00\n", "Summe;;;3.00;3.00\n"])
def test_a_total_that_does_not_agree_refuses_the_file(total: str) -> None:
    refused = refusal(HEADER + JANUARY + FEBRUARY + total)
    assert [finding.code for finding in refused.findings] == ["total_differs"]


@pytest.mark.parametrize(
    "row", [";550000;Sale;5.00;\n", "2024-02-0", ";;Sale;5.00;\n", "tomorrow;550000;x;5.00;\n"]
)
def test_a_line_without_a_date_is_still_a_problem(row: str) -> None:
    assert refusal(HEADER + JANUARY + FEBRUARY + row).findings


def test_a_file_that_holds_its_lines_twice_is_refused() -> None:
    refused = refusal(HEADER + JANUARY + FEBRUARY + HEADER.upper() + JANUARY + FEBRUARY)
    assert ("second_header", 7) in [(finding.code, finding.line) for finding in refused.findings]


def test_the_header_below_titles_is_the_one_whose_columns_are_proposed() -> None:
    text = TITLE + "datum;rekening;omschrijving;debet;credit\n" + JANUARY
    with pytest.raises(NeedsAnswer) as asked:
        read(text)
    assert asked.value.headers == ("datum", "rekening", "omschrijving", "debet", "credit")
    assert lines(HEADER + JANUARY) == [
        (line.account_code, str(line.amount)) for line in read(text, columns=asked.value.proposed).lines
    ]
