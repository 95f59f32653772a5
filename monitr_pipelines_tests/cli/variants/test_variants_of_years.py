"""Fiscal years, dates, codes and names: what one file says beside another, whatever format each has."""

from collections.abc import Callable, Sequence

import pytest
from variants_kit import (
    BANK,
    CAPITAL,
    COSTS,
    RETAINED,
    SALES,
    File,
    Lines,
    Variant,
    as_fec,
    as_saft,
    as_sie,
    as_table,
    as_xaf,
    day,
    entry,
    separated,
    sheet,
)

STANDARD = ["date", "account_code", "account_name", "description", "debit", "credit"]


def csv_of(lines: Lines, country: str, *columns: str) -> bytes:
    return separated(as_table(lines, country, *columns))


def xlsx_of(lines: Lines, country: str, *columns: str) -> bytes:
    return sheet(as_table(lines, country, *columns))


# The year before was not closed: its sales stand among the opening balances.
LEFT_OPEN = [
    *entry(
        "2024-01-01", "1", (BANK, 1300), (CAPITAL, -1000), (SALES, -300), text="Opening balance", opening=True
    ),
    *entry("2024-05-10", "2", (BANK, 50), (SALES, -50), text="Sale"),
]


def left_open(name: str, content: Callable[[], bytes], country: str, bank: str) -> Variant:
    return Variant(
        country,
        [File(name, content)],
        {"2024-05": {bank: "1350", "(result)": "-300"}},
        {"2024-05": "50"},
    )


OPENED_RESULTS = {
    "opening holds results, CSV": left_open(
        "o.csv", lambda: csv_of(LEFT_OPEN, "NL", "opening"), "NL", "1100"
    ),
    "opening holds results by words, XLSX": left_open(
        "o.xlsx", lambda: xlsx_of(LEFT_OPEN, "NL"), "NL", "1100"
    ),
    "opening holds results, SAF-T": left_open("o.xml", lambda: as_saft(LEFT_OPEN, 2024), "PT", "12"),
    "opening holds results by words, SIE": left_open(
        "o.se", lambda: as_sie([line._replace(opening=False) for line in LEFT_OPEN], 2024), "SE", "1930"
    ),
}

# The opening stands with the accounts and once more in a journal.
TWICE = [
    *entry("2024-01-01", "0", (BANK, 1180), (CAPITAL, -1000), (RETAINED, -180), opening=True),
    *entry("2024-01-01", "1", (BANK, 1180), (CAPITAL, -1000), (RETAINED, -180), text="Beginbalans"),
    *entry("2024-02-10", "2", (BANK, 520), (SALES, -520)),
]
FEC_TWICE = [line._replace(journal="AN") if line.booking == "0" else line for line in TWICE]
IN_WORDS = [
    line._replace(opening=False, text="Openingsbalans") if line.booking == "0" else line for line in TWICE
]


def twice(name: str, content: Callable[[], bytes], country: str, bank: str) -> Variant:
    return Variant(
        country, [File(name, content)], {"2024-02": {bank: "1700"}}, {"2024-02": "520"}, {"2024-02": "1700"}
    )


STATED_TWICE = {
    "opening stated twice, SAF-T": twice("t.xml", lambda: as_saft(TWICE, 2024), "PT", "12"),
    "opening stated twice, SIE": twice("t.se", lambda: as_sie(TWICE, 2024), "SE", "1930"),
    "opening stated twice, CSV": twice("t.csv", lambda: csv_of(TWICE, "NL", "opening"), "NL", "1100"),
    "opening stated twice, XLSX": twice("t.xlsx", lambda: xlsx_of(TWICE, "NL", "opening"), "NL", "1100"),
    "opening stated twice, FEC": twice("t.txt", lambda: as_fec(FEC_TWICE), "FR", "512000"),
    "opening twice in words, CSV": twice("t.csv", lambda: csv_of(IN_WORDS, "NL"), "NL", "1100"),
}

# April to March, the calendar of the entity left at January.
BROKEN = [
    *entry(
        "2022-04-01", "1", (BANK, 1000), (CAPITAL, -1000), text="Opening balance", journal="AN", opening=True
    ),
    *entry("2022-06-15", "2", (BANK, 100), (SALES, -100)),
    *entry("2023-02-10", "3", (BANK, 200), (SALES, -200)),
]


def broken(name: str, content: Callable[[], bytes], country: str) -> Variant:
    file = File(name, content, setting=("--fiscal-year-start", "4"), asks="--fiscal-year-start 4")
    return Variant(country, [file], net={"2023-02": "300"})


def april(text: bytes, *marks: tuple[str, str]) -> bytes:
    """The year of a file made one from April to March."""
    for old, new in marks:
        assert old.encode() in text
        text = text.replace(old.encode(), new.encode())
    return text


XML_YEAR = (("2022-01-01<", "2022-04-01<"), ("2022-12-31<", "2023-03-31<"))
SAFT_YEAR = (
    ("<StartDate>2022-01-01", "<StartDate>2022-04-01"),
    ("<EndDate>2022-12-31", "<EndDate>2023-03-31"),
)
CALENDARS = {
    "April to March, CSV": broken("b.csv", lambda: csv_of(BROKEN, "NL", "opening"), "NL"),
    "April to March by journal, XLSX": broken("b.xlsx", lambda: xlsx_of(BROKEN, "NL", "journal"), "NL"),
    "April to March, XAF": broken("b.xaf", lambda: april(as_xaf(BROKEN, 2022), *XML_YEAR), "NL"),
    "April to March, SAF-T": broken("b.xml", lambda: april(as_saft(BROKEN, 2022), *SAFT_YEAR), "PT"),
    "April to March, SIE": broken(
        "b.se",
        lambda: april(as_sie(BROKEN, 2022), ("#RAR 0 20220101 20221231", "#RAR 0 20220401 20230331")),
        "SE",
    ),
}

MONTHS = [
    *entry("2024-01-10", "1", (BANK, 10), (SALES, -10)),
    *entry("2024-02-10", "2", (BANK, 20), (SALES, -20)),
]


def monthly(
    suffix: str, write: Callable[[Lines], bytes], country: str, bank: str, *, asked: bool = True
) -> Variant:
    first, second = MONTHS[:2], MONTHS[2:]
    later = File(
        f"2.{suffix}",
        lambda: write(second),
        ("--mode", "append") if asked else (),
        asks="--mode append" if asked else None,
    )
    return Variant(
        country,
        [File(f"1.{suffix}", lambda: write(first)), later],
        {"2024-02": {bank: "30"}},
        {"2024-02": "30"},
    )


def month_of_xaf(lines: Lines) -> bytes:
    month = lines[0].day[:7]
    last = {"2024-01": "31", "2024-02": "29"}[month]
    return april(
        as_xaf(lines, 2024),
        ("<startDate>2024-01-01", f"<startDate>{month}-01"),
        ("<endDate>2024-12-31", f"<endDate>{month}-{last}"),
    )


PARTS = {
    "monthly, XLSX": monthly("xlsx", lambda lines: xlsx_of(lines, "NL"), "NL", "1100"),
    "monthly, FEC": monthly("txt", as_fec, "FR", "512000"),
    "monthly, XAF": monthly("xaf", month_of_xaf, "NL", "1100", asked=False),
}

EARLY = [
    *entry("2023-12-28", "1", (BANK, -121), (COSTS, 121), period="1"),
    *entry("2024-03-10", "2", (BANK, 50), (SALES, -50)),
]


def early(name: str, content: Callable[[], bytes], country: str, finds: str) -> Variant:
    return Variant(country, [File(name, content, finds=finds)], net={"2024-12": "-71"})


DAYS = {
    "a day before the year, SAF-T": early("d.xml", lambda: as_saft(EARLY, 2024), "PT", "days_moved"),
    "a day before the year, SIE": early("d.se", lambda: as_sie(EARLY, 2024), "SE", "days_moved"),
}

MISTYPED = [
    *entry("2024-01-03", "1", (BANK, 10), (SALES, -10)),
    *entry("2024-02-03", "2", (BANK, 20), (SALES, -20)),
    *entry("2042-02-05", "3", (BANK, 7), (SALES, -7)),
]


def mistyped(name: str, content: Callable[[], bytes], country: str, bank: str) -> Variant:
    file = File(name, content, ("--allow-dates",), asks="2042-02-05")
    return Variant(country, [file], {"2024-02": {bank: "30"}})


YEARS_AWAY = {
    "2042, XLSX": mistyped("m.xlsx", lambda: xlsx_of(MISTYPED, "NL"), "NL", "1100"),
    "2042, FEC": mistyped("m.txt", lambda: as_fec(MISTYPED), "FR", "512000"),
}

OCTOBER = entry("2024-10-01", "1", (BANK, 10), (SALES, -10))
AFTER = {
    name: Variant(
        country, [File(f"october.{suffix}", content)], {"2024-12": {bank: "10"}}, assets={"2024-12": "10"}
    )
    for name, suffix, content, country, bank in [
        ("nothing after October, XLSX", "xlsx", lambda: xlsx_of(OCTOBER, "NL"), "NL", "1100"),
        ("nothing after October, FEC", "txt", lambda: as_fec(OCTOBER), "FR", "512000"),
        ("nothing after October, XAF", "xaf", lambda: as_xaf(OCTOBER, 2024), "NL", "1100"),
    ]
}


def bought(day: object, code: object, bank: object, amount: int) -> Sequence[Sequence[object]]:
    return [[day, code, "Machines", "Koop", amount, None], [day, bank, "Bank", "Koop", None, amount]]


ZEROS_2023 = [STANDARD, *bought("2023-01-05", "0400", "1100", 5000)]
ZEROS_LOST = [STANDARD, *bought("2024-02-05", 400, 1100, 800)]
CHART = [
    ["account_code", "account_name", "account_type"],
    ["0400", "Machines", "balance sheet"],
    ["1100", "Bank", "b"],
]


def zeros(before: File, later: File, total: str = "5800") -> Variant:
    answered = File(later.name, later.content, ("--code-digits", "4"), asks="--code-digits 4")
    return Variant("NL", [before, answered], {"2024-02": {"0400": total, "400": "0"}}, {"2024-02": "0"})


ZEROS = {
    "lost zeros, CSV then XLSX": zeros(
        File("2023.csv", lambda: separated(ZEROS_2023)), File("2024.xlsx", lambda: sheet(ZEROS_LOST))
    ),
    "lost zeros, XLSX then CSV ;": zeros(
        File("2023.xlsx", lambda: sheet(ZEROS_2023)), File("2024.csv", lambda: separated(ZEROS_LOST, ";"))
    ),
    "lost zeros, chart in XLSX then XLSX": zeros(
        File("chart.xlsx", lambda: sheet(CHART)), File("2024.xlsx", lambda: sheet(ZEROS_LOST)), total="800"
    ),
    "lost zeros, chart in XLSX then TSV": zeros(
        File("chart.xlsx", lambda: sheet(CHART)),
        File("2024.txt", lambda: separated(ZEROS_LOST, "\t")),
        total="800",
    ),
}

AS_NUMBERS = [STANDARD, *bought("2024-02-05", "400.0", "1100.00", 800)]
ZEROS |= {
    "codes with decimals, CSV after a chart": zeros(
        File("chart.csv", lambda: separated(CHART)),
        File("2024.csv", lambda: separated(AS_NUMBERS)),
        total="800",
    ),
    "codes with decimals, XLSX after XLSX": zeros(
        File("2023.xlsx", lambda: sheet(ZEROS_2023)), File("2024.xlsx", lambda: sheet(AS_NUMBERS))
    ),
    "codes with a comma, TSV after XLSX": zeros(
        File("2023.xlsx", lambda: sheet(ZEROS_2023)),
        File("2024.txt", lambda: separated(AS_NUMBERS, "\t").replace(b"0.0", b"0,0")),
    ),
}


def named(day: str, name: str, amount: int) -> Sequence[Sequence[object]]:
    return [[day, "1100", name, "x", amount, None], [day, "8000", "Sales", "x", None, amount]]


def renamed(*files: File) -> Variant:
    return Variant("NL", files, names={"2024-08": "Belfius"})


NEWEST_FIRST = [STANDARD, *named("2024-08-01", "Belfius", 10), *named("2024-02-01", "Dexia", 5)]
NEWER = [STANDARD, *named("2024-08-01", "Belfius", 10)]
OLDER = [STANDARD, *named("2023-02-01", "Dexia", 5)]


def xaf_named(name: str, year: int) -> bytes:
    lines = entry(f"{year}-08-01", "1", (BANK, 5), (SALES, -5))
    return as_xaf(lines, year).replace(b"<accDesc>Bank<", f"<accDesc>{name}<".encode())


RENAMED = {
    "renamed, newest first, XLSX": renamed(File("r.xlsx", lambda: sheet(NEWEST_FIRST))),
    "renamed, newest first, TSV": renamed(File("r.txt", lambda: separated(NEWEST_FIRST, "\t"))),
    "renamed, older CSV after a newer one": renamed(
        File("newer.csv", lambda: separated(NEWER)), File("older.csv", lambda: separated(OLDER))
    ),
    "renamed, older XLSX after a newer CSV": renamed(
        File("newer.csv", lambda: separated(NEWER)), File("older.xlsx", lambda: sheet(OLDER))
    ),
    "renamed, older XAF after a newer one": renamed(
        File("2024.xaf", lambda: xaf_named("Belfius", 2024)),
        File("2023.xaf", lambda: xaf_named("Dexia", 2023)),
    ),
}

VARIANTS = {
    **OPENED_RESULTS, **STATED_TWICE, **CALENDARS, **PARTS, **DAYS, **YEARS_AWAY, **AFTER, **ZEROS, **RENAMED,
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_year(proved: Callable[[Variant], None], variant: Variant) -> None:
    proved(variant)


def test_codes_that_became_numbers_are_refused_where_nothing_tells(
    refused: Callable[[str, File], str],
) -> None:
    words = refused("NL", File("2024.csv", lambda: separated(AS_NUMBERS)))
    assert "400.0' is an account code that a spreadsheet turned into a number" in words
    assert "--code-digits" not in words


CODES_AS_DATES = {
    "a code that became a day, XLSX": lambda: sheet(
        [STANDARD, *bought("2024-02-05", day("2024-03-01"), "1100", 8)]
    ),
    "a code that became a day, CSV ;": lambda: separated(
        [STANDARD, *bought("2024-02-05", "1/03/2024", "1100", 8)], ";"
    ),
    "a code that became a day and a month, TSV": lambda: separated(
        [STANDARD, *bought("2024-02-05", "01-mrt", "1100", 8)], "\t"
    ),
}


@pytest.mark.parametrize("case", CODES_AS_DATES)
def test_codes_that_became_dates_are_refused(refused: Callable[[str, File], str], case: str) -> None:
    name = f"2024.{'xlsx' if 'XLSX' in case else 'csv'}"
    assert "is an account code that a spreadsheet turned into a date" in refused(
        "NL", File(name, CODES_AS_DATES[case])
    )
