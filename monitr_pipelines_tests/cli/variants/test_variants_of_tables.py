"""What tables say in their cells: dates, amounts, sides, printed rows; as delimited text and as workbooks."""

import re
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from variants_kit import File, Variant, day, separated, sheet, sheets

Rows = Sequence[Sequence[object]]
Write = Callable[[Rows], bytes]

STANDARD = ["date", "account_code", "account_name", "description", "debit", "credit"]
SIGNED = ["date", "account_code", "account_name", "description", "amount"]
SIDED = [*SIGNED, "side"]
BANK, SALES = "550000", "700000"
SEMICOLON = partial(separated, delimiter=";")
TAB = partial(separated, delimiter="\t")
FORMATS: dict[str, tuple[Write, str]] = {
    "CSV": (separated, "csv"),
    "CSV ;": (SEMICOLON, "csv"),
    "TSV": (TAB, "txt"),
    "XLSX": (sheet, "xlsx"),
}


def variant(
    form: str,
    rows: Rows,
    bank: str,
    *,
    month: str = "2024-02",
    net: str | None = None,
    finds: str | None = None,
    **asked: object,
) -> Variant:
    """A table of bookings of the bank and of sales, and what is on the bank."""
    write, suffix = FORMATS[form]
    file = File(f"books.{suffix}", lambda: write(rows), finds=finds, **asked)
    return Variant("BE", [file], {month: {BANK: bank}}, {month: net} if net is not None else {})


def booked(debits: Sequence[object], header: Sequence[str] = STANDARD) -> Rows:
    """Sales of the amounts, as cells write them, a booking each."""
    rows: list[Sequence[object]] = [header]
    for amount in debits:
        rows += [
            ["2024-02-05", BANK, "Bank", "Sale", amount, ""],
            ["2024-02-05", SALES, "Sales", "Sale", "", amount],
        ]
    return rows


def signed(amounts: Sequence[tuple[object, object]]) -> Rows:
    """Pairs of an amount on the bank and the one on sales."""
    rows: list[Sequence[object]] = [SIGNED]
    for bank, sales in amounts:
        rows += [
            ["2024-02-05", BANK, "Bank", "Sale", bank],
            ["2024-02-05", SALES, "Sales", "Sale", sales],
        ]
    return rows


def sided(debit: object, credit: object, amount: object = "12.50") -> Rows:
    return [
        SIDED,
        ["2024-02-05", BANK, "Bank", "Sale", amount, debit],
        ["2024-02-05", SALES, "Sales", "Sale", amount, credit],
    ]


def dated(*written: object) -> Rows:
    """A sale of 100 for each day."""
    rows: list[Sequence[object]] = [STANDARD]
    for date in written:
        rows += [[date, BANK, "Bank", "Sale", 100, ""], [date, SALES, "Sales", "Sale", "", 100]]
    return rows


AMOUNTS = {
    "dash for zero, CSV ;": variant(
        "CSV ;",
        [
            STANDARD,
            ["2024-02-05", BANK, "Bank", "Sale", "500,00", "-"],
            ["2024-02-05", SALES, "Sales", "Sale", " -   ", "500,00"],
        ],
        "500",
    ),
    "dash for zero, XLSX": variant(
        "XLSX",
        [
            STANDARD,
            ["2024-02-05", BANK, "Bank", "Sale", 500, "€ -"],
            ["2024-02-05", SALES, "Sales", "Sale", "-", 500],
        ],
        "500",
    ),
    "dash for zero, TSV": variant(
        "TSV",
        [
            STANDARD,
            ["2024-02-05", BANK, "Bank", "Sale", "500.00", "\u2013 €"],
            ["2024-02-05", SALES, "Sales", "Sale", "€ \u2014", "500.00"],
        ],
        "500",
    ),
    "parentheses, XLSX": variant("XLSX", signed([("(€ 67,00)", "67,00"), ("12,50", "(12,50)")]), "-54.50"),
    "parentheses, CSV ;": variant("CSV ;", signed([("(€ 67,00)", "€ 67,00")]), "-67"),
    "parentheses, TSV": variant("TSV", signed([("(EUR 1.067,00)", "1.067,00")]), "-1067"),
    "minus behind, XLSX": variant("XLSX", signed([("67,00-", "67,00")]), "-67"),
    "minus behind, TSV": variant("TSV", signed([("1.067,50-", "1.067,50")]), "-1067.50"),
    "minus behind, CSV": variant("CSV", signed([("1,067.50-", "1,067.50")]), "-1067.50"),
    "CR and DR, XLSX": variant("XLSX", signed([("67.00 DR", "67.00 CR"), ("1.50Cr", "1.50Dr")]), "65.50"),
    "CR and DR, CSV ;": variant("CSV ;", signed([("67,00 D", "67,00 C")]), "67"),
    "CR and DR, TSV": variant("TSV", signed([("1.067,00 S", "1.067,00 H")]), "1067"),
    "typed beside text, XLSX": variant("XLSX", signed([(12.5, -12.5), ("€ 67,00", "(€ 67,00)")]), "79.50"),
    "thousands in text, CSV": variant(
        "CSV",
        booked(["1.234", "12"]),
        "1246",
        asks="--decimal",
        answer=("--decimal", "comma"),
    ),
    "thousands in text, TSV": variant("TSV", booked(["1.234", "12,50"]), "1246.50"),
    "thousands in text, XLSX": variant("XLSX", booked([12.5, "1 234,00", "1.000"]), "2246.50"),
    "thousands by apostrophe, XLSX": variant("XLSX", booked(["1'234.50", "12"]), "1246.50"),
    "thousands by apostrophe, CSV ;": variant("CSV ;", booked(["1\u2019234.50", "12"]), "1246.50"),
}

SIDES = {
    f"{debit!r} and {credit!r}, {form}": variant(form, sided(debit, credit), "12.50", net="12.50")
    for debit, credit, form in [
        ("D", "C", "XLSX"),
        ("S", "H", "XLSX"),
        ("+", "-", "XLSX"),
        (1, -1, "XLSX"),
        ("Debet", "Credit", "TSV"),
        ("Débit", "Crédit", "CSV ;"),
        ("Soll", "Haben", "TSV"),
        ("dare", "avere", "CSV"),
        ("debe", "haber", "XLSX"),
    ]
}

SHORT_YEAR = {"asks": "--date-format", "answer": ("--date-format", "DD-MMM-YY")}
DATES = {
    "month names nl, XLSX": variant("XLSX", dated("5 mrt 2024", "13 februari 2024"), "200", month="2024-03"),
    "month names fr, XLSX": variant("XLSX", dated("1er mars 2024", "5-févr.-2024"), "200", month="2024-03"),
    "month names de, TSV": variant("TSV", dated("5. März 2024", "13. Dezember 2023"), "100", month="2023-12"),
    "month names en, CSV": variant("CSV", dated("March 5, 2024", "5-Feb-2024"), "200", month="2024-03"),
    "month names of two digits, XLSX": variant(
        "XLSX", dated("05-mrt-24", "13-feb-24"), "200", month="2024-03", **SHORT_YEAR
    ),
    "month names of two digits, CSV": variant(
        "CSV", dated("05-Mar-24", "13-Feb-24"), "200", month="2024-03", **SHORT_YEAR
    ),
    "month names beside dates, XLSX": variant(
        "XLSX", dated(day("2024-02-13"), "5 maart 2024"), "200", month="2024-03"
    ),
    "times, XLSX": variant(
        "XLSX", dated(day("2024-02-13T17:30"), "05/03/2024 08:15", "13/03/2024"), "300", month="2024-03"
    ),
    "times, CSV": variant("CSV", dated("2024-02-13 17:30:00", "2024-03-05T08:15"), "200", month="2024-03"),
    "serial numbers, XLSX": variant("XLSX", dated(45335, 45356), "200", month="2024-03"),
}

NL = [
    "Datum",
    "Dagboek",
    "Boekstuknummer",
    "Grootboekrekening",
    "Omschrijving grootboekrekening",
    "Omschrijving",
    "Debet",
    "Credit",
]
FR = [
    "Date",
    "Code journal",
    "N° pièce",
    "N° compte",
    "Intitulé",
    "Libellé écriture",
    "Montant débit",
    "Montant crédit",
]
DE = [
    "Belegdatum",
    "Buchungskreis",
    "Belegnummer",
    "Konto",
    "Kontobezeichnung",
    "Buchungstext",
    "Soll",
    "Haben",
]


def printed(header: Sequence[str], words: tuple[str, str, str, str], amount: Callable[[str], object]) -> Rows:
    """Two pages: a title, a header, a line and a subtotal each; a total and a footnote below the second."""
    title, subtotal, total, foot = words
    width = len(header)

    def blank(text: str = "", *amounts: object) -> Sequence[object]:
        return [text, *[""] * (width - 1 - len(amounts)), *amounts]

    def sale(day: str, value: str) -> Rows:
        return [
            [day, "VRK", "1", BANK, "Bank", "Sale", amount(value), ""],
            [day, "VRK", "1", SALES, "Sales", "Sale", "", amount(value)],
        ]

    return [
        blank(title),
        blank(),
        header,
        *sale("13-01-2024", "1000.50"),
        blank(f"{subtotal} 1", amount("1000.50"), amount("1000.50")),
        blank(title),
        header,
        *sale("14-02-2024", "200.00"),
        blank(f"{subtotal} 2", amount("200.00"), amount("200.00")),
        blank(total, amount("1200.50"), amount("1200.50")),
        blank(foot),
    ]


def comma(text: str) -> str:
    return text.replace(".", ",")


def as_number(text: str) -> object:
    return float(text)


def of_columns(rows: Rows, write: Write, suffix: str) -> Variant:
    header = rows[2]
    names = ("date", "journal", "booking", "account_code", "account_name", "description", "debit", "credit")
    columns = (
        "{" + ", ".join(f'"{ours}": "{theirs}"' for ours, theirs in zip(names, header, strict=True)) + "}"
    )
    file = File(f"printed.{suffix}", lambda: write(rows), ("--columns", columns), asks="--columns")
    return Variant("BE", [file], {"2024-02": {BANK: "1200.50", SALES: "-1200.50"}}, {"2024-02": "1200.50"})


PRINTED = {
    "printed nl, XLSX": of_columns(
        printed(NL, ("Bakkerij 2024", "Subtotaal", "Totaal", "Pagina 1 van 1"), as_number), sheet, "xlsx"
    ),
    "printed fr, XLSX": of_columns(
        printed(FR, ("Grand livre 2024", "Sous-total", "Total général", "Édité le 12/03/2024"), comma),
        sheet,
        "xlsx",
    ),
    "printed de, XLSX": of_columns(
        printed(DE, ("Kontenblatt", "Zwischensumme", "Summe", "Seite 1"), as_number), sheet, "xlsx"
    ),
    "printed nl, CSV ;": of_columns(
        printed(NL, ("Bakkerij 2024", "Subtotaal", "Eindtotaal", "Afgedrukt op 12-03-2024"), comma),
        SEMICOLON,
        "csv",
    ),
    "printed fr, TSV": of_columns(
        printed(FR, ("Grand livre 2024", "Report", "Totaux", "Page 1"), comma), TAB, "txt"
    ),
    "printed de, CSV ;": of_columns(
        printed(DE, ("Kontenblatt", "Übertrag", "Gesamtsumme", "Gedruckt am 12.3.2024"), comma),
        SEMICOLON,
        "csv",
    ),
}


JANUARY, FEBRUARY, MARCH = (dated(day(f"2024-{month:02d}-20")) for month in (1, 2, 3))


def workbook(asks: str | None, answer: tuple[str, ...], bank: str, **named: Rows) -> Variant:
    file = File("books.xlsx", lambda: sheets(**named), answer, asks=asks)
    return Variant("BE", [file], {"2024-03": {BANK: bank}})


SHEETS = {
    "sheet a month, all": workbook("--sheet", ("--sheet", "*"), "300", Jan=JANUARY, Feb=FEBRUARY, Mar=MARCH),
    "sheet a month, two": workbook(
        "--sheet", ("--sheet", "Jan/Mar"), "200", Jan=JANUARY, Feb=FEBRUARY, Mar=MARCH
    ),
    "sheet a month, notes before": workbook(
        "--sheet", ("--sheet", "*"), "300", Notes=[["Grootboek"]], Jan=JANUARY, Feb=FEBRUARY, Mar=MARCH
    ),
    "one ledger, charts beside": workbook(
        None, (), "100", Chart=[["account_code", "account_name"], [BANK, "Bank"]], Mar=MARCH
    ),
    "sheet a month, title above each": workbook(
        "--sheet",
        ("--sheet", "*"),
        "300",
        **{
            name: [["Grootboek"], *rows]
            for name, rows in (("Jan", JANUARY), ("Feb", FEBRUARY), ("Mar", MARCH))
        },
    ),
}

VARIANTS = {**AMOUNTS, **SIDES, **DATES, **PRINTED, **SHEETS}


@pytest.mark.parametrize("case", VARIANTS.values(), ids=VARIANTS)
def test_table(proved: Callable[[Variant], None], case: Variant) -> None:
    proved(case)


REFUSED = {
    "dates of two forms, CSV": (dated("2024-05-02", "13/02/2024"), "CSV", "'2024-05-02' is not a date"),
    "dates of two forms, TSV": (dated("05/13/2024", "13/02/2024"), "TSV", "is not a day"),
    "a number of days, CSV ;": (dated("2024-02-13", "45335"), "CSV ;", "'45335' is not a date"),
    "an error of a formula, CSV": (booked(["12.50", "#REF!"]), "CSV", "'#REF!' is not an amount"),
    "a formula as text, TSV": (booked(["12.50", "=E2+E3"]), "TSV", "'=E2.E3' is not an amount"),
    "an error of a formula as text, XLSX": (booked([12.5, "#N/A"]), "XLSX", "#N/A"),
    "a side of no word, XLSX": (sided("Links", "Rechts"), "XLSX", "Links"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_right_is_refused_with_its_line(
    refused: Callable[..., str], case: tuple[Rows, str, str]
) -> None:
    rows, form, told = case
    write, suffix = FORMATS[form]
    words = refused("BE", File(f"books.{suffix}", lambda: write(rows)))
    assert re.search(told, words), words
    assert re.search("[Ll]ine [0-9]+", words), words
