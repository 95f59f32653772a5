"""Openings and closings of fiscal years: each way that books say so, in each format that can say it."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from variants_kit import (
    BANK,
    CAPITAL,
    CODES,
    COSTS,
    RETAINED,
    SALES,
    TAKEN,
    File,
    Line,
    Lines,
    Variant,
    as_fec,
    as_fec_xml,
    as_saft,
    as_sie,
    as_table,
    as_xaf,
    entry,
    of_year,
    separated,
    sheet,
)

FOUNDED = entry("2023-01-15", "1", (BANK, 1000), (CAPITAL, -1000), text="Start")
SOLD = entry("2023-06-10", "2", (BANK, 300), (SALES, -300), text="Sale")
PAID = entry("2023-09-10", "3", (COSTS, 120), (BANK, -120), text="Rent")
LATER = entry("2024-02-10", "5", (BANK, 520), (SALES, -520), text="Sale")
BOOKS = [*FOUNDED, *SOLD, *PAID, *LATER]
OPENED = ((BANK, 1180), (CAPITAL, -1000), (RETAINED, -180))


def opening(**others: str | bool) -> list[Line]:
    return entry("2024-01-01", "4", *OPENED, **{"text": "Balans", **others})


def closing(**others: str | bool) -> list[Line]:
    sides = ((SALES, 300), (COSTS, -120), (RETAINED, -180))
    return entry("2023-12-31", "9", *sides, **{"text": "Result", **others})


def balance_closing(**others: str | bool) -> list[Line]:
    sides = [(account, -amount) for account, amount in OPENED]
    return entry("2023-12-31", "10", *sides, **{"text": "Balans", **others})


def detailed(**others: str | bool) -> list[Line]:
    """An opening whose balances are lines of their own dates' documents, brought to the first day."""
    sides = [(BANK, 1000), (BANK, 180), (CAPITAL, -600), (CAPITAL, -400), (RETAINED, -180)]
    return entry("2024-01-01", "4", *sides, **{"text": "A nouveau", **others})


WAYS: Mapping[str, list[Line]] = {
    "opening by amounts": opening(),
    "opening by journal": opening(journal="AN"),
    "opening by period 0": opening(period="0"),
    "opening by words": opening(text="Beginbalans 2024"),
    "opening stated": opening(opening=True),
    "detailed opening": detailed(),
    "closing by amounts": closing(),
    "closing by journal": closing(journal="CLO"),
    "closing by period 13": closing(period="13"),
    "closing by words": closing(text="Afsluiting boekjaar"),
    "result taken, by words": entry("2023-12-31", "9", (TAKEN, 180), (RETAINED, -180), text="Årets resultat"),
    "closed and reopened": [*closing(), *balance_closing(), *opening()],
}


def table(way: str, columns: Sequence[str], write: Callable[..., bytes], country: str = "NL") -> Variant:
    lines = sorted([*BOOKS, *WAYS[way]], key=lambda line: line.day)
    name = "books.xlsx" if write is sheet else "books.csv"
    return right(country, way, [File(name, lambda: write(as_table(lines, country, *columns)))])


def right(country: str, way: str, files: Sequence[File]) -> Variant:
    """The statements of the plain books: the same however they are exported."""
    bank, capital, retained, *_ = CODES[country]
    # Results that no entry carried stand on a line of their own, unless a result account is set.
    carried = f"{retained} + (result)"
    return Variant(
        country,
        files,
        closing={
            "2024-02": {bank: "1700", capital: "-1000", carried: "-180"},
        },
        net={"2023-12": "180", "2024-02": "520"},
        assets={"2023-12": "1180"},
    )


def yearly(way: str, write: Callable[[Lines, int], bytes], country: str, suffix: str) -> Variant:
    """Two files, of a year each."""
    lines = sorted([*BOOKS, *WAYS[way]], key=lambda line: line.day)

    def content(year: int) -> Callable[[], bytes]:
        return lambda: write(of_year(lines, year), year)

    return right(country, way, [File(f"{year}.{suffix}", content(year)) for year in (2023, 2024)])


def fec(lines: Lines, _: int) -> bytes:
    return as_fec(lines)


def fec_xml(lines: Lines, year: int) -> bytes:
    return as_fec_xml(lines, f"{year}-12-31")


COLUMNS = {
    "opening by journal": ["journal", "booking"],
    "opening by period 0": ["period"],
    "opening stated": ["opening"],
    "closing by journal": ["journal", "booking"],
    "closing by period 13": ["period"],
}


# What each format of a year can say, besides tables, which say all of it.
YEARLY: Mapping[str, tuple[Callable[[Lines, int], bytes], str, str, Sequence[str]]] = {
    "FEC": (
        fec,
        "FR",
        "txt",
        ["opening by words", "detailed opening", "closing by amounts", "closed and reopened"],
    ),
    "FEC as XML": (fec_xml, "FR", "xml", ["opening by journal", "closing by journal"]),
    "XAF": (
        as_xaf,
        "NL",
        "xaf",
        ["opening by period 0", "opening stated", "closing by period 13", "closing by words"],
    ),
    "SAF-T": (
        as_saft,
        "PT",
        "xml",
        ["opening by period 0", "opening stated", "closing by period 13", "closed and reopened"],
    ),
    "SIE": (
        as_sie,
        "SE",
        "se",
        [
            "opening by amounts",
            "opening stated",
            "closing by words",
            "result taken, by words",
            "closed and reopened",
        ],
    ),
}


def all_variants() -> dict[str, Variant]:
    found = {}
    for way in WAYS:
        for form, write in (("CSV", separated), ("XLSX", sheet)):
            found[f"{way}, {form}"] = table(way, COLUMNS.get(way, []), write)
    for form, (write_year, country, suffix, ways) in YEARLY.items():
        for way in ways:
            found[f"{way}, {form}"] = yearly(way, write_year, country, suffix)
    return found


VARIANTS = all_variants()


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_turn(proved: Callable[[Variant], None], variant: Variant) -> None:
    proved(variant)
