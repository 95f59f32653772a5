"""Amounts in text: which decimal and thousands marks a file uses, and reading them exactly."""

import re
from decimal import Decimal

from monitr_pipelines.files.reading.cache import remember
from monitr_pipelines.files.reading.printed.sides import split_suffix
from monitr_pipelines.files.reading.problems import BadValueError, Question, ask, shown
from monitr_pipelines.ledger.money import ZERO, within_limits
from monitr_pipelines.ledger.sentences import Sentence, sentence
from monitr_pipelines.lifecycle.messages import Answer, Option

MOST_CACHED = 50_000
LONGEST = 60
MARKS = {"comma": ",", "point": ".", "dot": ".", "space": " ", "blank": " ", "apostrophe": "'", "none": ""}
# A grouping blank may be a plain, no-break, thin or narrow no-break one; an apostrophe straight or curly.
BLANKS = re.compile("[ \u00a0\u2009\u202f]")
APOSTROPHES = re.compile("[\u2019]")
MINUSES = re.compile("[\u2212\u2013]")
EURO = re.compile(r"^(?P<first>[-+]?) ?(?:€|EUR) ?|(?P<last>) ?(?:€|EUR)(?=-?$)", re.IGNORECASE)
# What accounting formats show for nothing: a dash, alone or with the sign of the currency.
DASH = re.compile(r"(?:€|EUR)? *[-\u2013\u2014\u2212] *(?:€|EUR)?", re.IGNORECASE)
NUMBER = re.compile(r"\d[\d.,' ]*|[.,]\d+", re.ASCII)
SCIENTIFIC = re.compile(r"[-+]?\d+(?:[.,]\d+)?E[-+]?\d+", re.IGNORECASE | re.ASCII)
GROUPED = re.compile(r"[1-9]\d{0,2}(?:([.,' ])\d{3})(?:\1\d{3})*", re.ASCII)


def tidy(text: str) -> tuple[bool, str]:
    """Whether an amount is negative, and its digits and marks; every blank becomes a plain one."""
    text = MINUSES.sub("-", APOSTROPHES.sub("'", BLANKS.sub(" ", text))).strip()
    text = EURO.sub(r"\g<first>", text, count=1).strip()
    if text.startswith("(") and text.endswith(")"):
        return True, EURO.sub("", text[1:-1].strip(), count=1).strip()
    if text.startswith("-"):
        return True, text[1:].lstrip()
    if text.endswith("-"):
        return True, text[:-1].rstrip()
    return False, text[1:].lstrip() if text.startswith("+") else text


class AmountReader:
    """Reads amounts of one decimal mark; with `thousands` None any other mark may group by three."""

    def __init__(self, decimal: str, thousands: str | None, how: str) -> None:
        self.how = how
        self.decimal = decimal
        mark = re.escape(decimal)
        groups = "[.,' ]" if thousands is None else re.escape(thousands)
        self._plain = re.compile(rf"-?\d{{1,40}}(?:{mark}\d{{1,20}})?", re.ASCII)
        self._full = re.compile(
            rf"(\d+|[1-9]\d{{0,2}}(?:(?!{mark})({groups})\d{{3}})(?:\2\d{{3}})*)?(?:{mark}(\d*))?", re.ASCII
        )
        self._full_ungrouped = re.compile(rf"(\d+)?(?:{mark}(\d*))?", re.ASCII)
        self._grouped = groups != ""
        self._known: dict[str, Decimal] = {}

    def read(self, text: str) -> Decimal:
        """The amount, or BadValueError."""
        known = self._known.get(text)
        if known is None:
            known = self._parse(text)
            remember(self._known, text, known, MOST_CACHED)
        return known

    def _parse(self, text: str) -> Decimal:
        if self._plain.fullmatch(text):
            amount = Decimal(text.replace(self.decimal, "."))
        else:
            amount = self._unusual(text)
        if not within_limits(amount):
            raise BadValueError(
                "amount_out_of_range",
                sentence("amount_out_of_range", text=shown(text)),
            )
        return amount or ZERO

    def _unusual(self, text: str) -> Decimal:
        if DASH.fullmatch(BLANKS.sub(" ", text).strip()):
            return ZERO
        negative, number = tidy(text)
        shape = self._full if self._grouped else self._full_ungrouped
        found = shape.fullmatch(number) if len(number) <= LONGEST else None
        if found is None or not any(character.isdigit() for character in number):
            raise BadValueError("bad_amount", self._explained(text))
        whole, *_, cents = found.groups()
        digits = re.sub(r"\D", "", whole or "0")
        return Decimal(f"{'-' if negative else ''}{digits}.{cents or '0'}")

    def _explained(self, text: str) -> Sentence:
        if SCIENTIFIC.fullmatch(text.strip()):
            return sentence("scientific_amount", text=shown(text))
        return sentence("bad_amount", text=shown(text), mark=shown(self.decimal), how=self.how)


def given_decimal(text: str) -> str:
    """The decimal mark that someone wrote, or the question which is meant."""
    mark = _mark(text)
    if mark not in (",", "."):
        ask(Question("decimal_unknown", {"value": text}, Answer(Option.DECIMAL, ("comma", "point"))))
    return mark


def given_thousands(text: str) -> str:
    """The mark between thousands that someone wrote, empty for none, or the question which is meant."""
    mark = _mark(text)
    if mark not in (",", ".", " ", "'", ""):
        candidates = ("comma", "point", "space", "apostrophe", "none")
        ask(Question("thousands_unknown", {"value": text}, Answer(Option.THOUSANDS, candidates)))
    return mark


def _mark(text: str) -> str:
    return BLANKS.sub(" ", APOSTROPHES.sub("'", MARKS.get(text.strip().lower(), text)))


class AmountEvidence:
    """What the amounts of a file tell about their marks."""

    def __init__(self) -> None:
        self.decimal: str | None = None
        self.how = "not needed: all amounts are whole"
        self.thousands = ""
        self._doubt: tuple[str, int | str] | None = None
        self._mark = False

    def add(self, text: str, line: int | str) -> None:
        """Take one amount into account."""
        if text.isdigit():
            return
        split = split_suffix(text)
        number = tidy(split[1] if split else text)[1]
        marks = [character for character in number if character in ".,' "]
        if not marks or len(text.strip()) > LONGEST or not NUMBER.fullmatch(number):
            return
        last = marks[-1]
        if len(set(marks)) > 1 and last in ".," and marks.count(last) == 1:
            self._settle(last, marks[0], text, line)
        elif GROUPED.fullmatch(number) is None:
            if last in ".," and marks.count(last) == 1:
                self._settle(last, "", text, line)
        elif len(marks) > 1 and last in ".,":
            self._settle("." if last == "," else ",", last, text, line)
        elif last in ".,":
            self._doubt = self._doubt or (text.strip(), line)

    def _settle(self, decimal: str, thousands: str, text: str, line: int | str) -> None:
        self.decimal = decimal
        self.thousands = thousands
        self.how = f"detected from {text.strip()} in line {line}"

    def question(self) -> Question | None:
        """What the file leaves open, if anything."""
        if self.decimal is not None or self._doubt is None:
            return None
        text, line = self._doubt
        mark = next(character for character in text if character in ".,")
        name, other = ("point", "comma") if mark == "." else ("comma", "point")
        return Question(
            "decimal",
            {"amount": text, "line": line, "mark": mark, "name": name, "other": other},
            Answer(Option.DECIMAL, (name, other)),
        )
