"""Dates with the name of a month, in six languages: nothing about their order is in doubt."""

import re
import unicodedata

NAMES = (
    "jan janv january januari januar janner janvier ene enero gen gennaio",
    "feb febr february februari februar fev fevr fevrier febrero febbraio",
    "mar mrt mrz march maart marz mars marzo",
    "apr april avr avril abr abril aprile",
    "may mei mai mayo mag maggio",
    "jun june juni juin junio giu giugno",
    "jul july juli juil juillet julio lug luglio",
    "aug august augustus aou aout ago agosto",
    "sep sept september septembre septiembre set sett settembre",
    "oct okt october oktober octobre octubre ott ottobre",
    "nov november novembre noviembre",
    "dec dez december dezember decembre dic diciembre dicembre",
)
MONTHS = {name: number for number, names in enumerate(NAMES, start=1) for name in names.split()}
BETWEEN = r"[\s./-]{0,3}"
DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?{BETWEEN}(?P<name>[^\W\d_]{{3,10}}){BETWEEN}(?P<year>\d{{4}})",
    re.IGNORECASE,
)
# Which of both numbers is the year nobody can tell: "05-mrt-24".
SHORT_YEAR = re.compile(
    r"[0-9]{1,2}(?P<mark>[\s./-])(?P<name>[^\W\d_]{3,10})(?P=mark)[0-9]{2}", re.IGNORECASE
)
MONTH_FIRST = re.compile(
    r"(?P<name>[^\W\d_]{3,10})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<year>\d{4})", re.IGNORECASE
)


def named_date(text: str) -> dict[str, str] | None:
    """The year, month and day of a date with the name of its month, None for any other text.

    >>> named_date("5 mrt 2024"), named_date("1-févr.-2024")["month"], named_date("March 5, 2024")["day"]
    ({'year': '2024', 'month': '3', 'day': '5'}, '2', '5')
    """
    found = DAY_FIRST.fullmatch(text) or MONTH_FIRST.fullmatch(text)
    if found is None or not (found["day"] + found["year"]).isascii():
        return None
    month = month_number(found["name"])
    return {"year": found["year"], "month": str(month), "day": found["day"]} if month else None


def short_notations(text: str) -> tuple[str, ...]:
    """How a day and the name of a month beside a year of two digits may be meant; none for any other text.

    >>> short_notations("05-mrt-24"), short_notations("05-abc-24")
    (('DD-MMM-YY', 'YY-MMM-DD'), ())
    """
    found = SHORT_YEAR.fullmatch(text)
    if found is None or month_number(found["name"]) is None:
        return ()
    return tuple(found["mark"].join(parts) for parts in (("DD", "MMM", "YY"), ("YY", "MMM", "DD")))


def month_number(name: str) -> int | None:
    """The number of the month of this name, None where there is none."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return MONTHS.get("".join(character for character in decomposed if not unicodedata.combining(character)))
