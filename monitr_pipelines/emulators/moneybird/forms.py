"""How Moneybird writes values: identifiers, amounts, moments, versions, and its error document."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from monitr_pipelines.emulators.frame.messages import Answer

# The kinds of rows that have an identifier; two of its digits tell the kind, the last ones the row's number.
KINDS = (
    "administration",
    "ledger_account",
    "project",
    "contact",
    "document",
    "journal_entry",
    "financial_account",
    "download",
    "entry",
    "user",
)
PREFIXES = {kind: f"496{number:02d}" for number, kind in enumerate(KINDS, start=1)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Refused(Exception):
    """The answer is a refusal; `symbolic` names the fields that are wrong, where the software does."""

    def __init__(self, status: int, text: str, **symbolic: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.symbolic = symbolic

    def answer(self) -> Answer:
        """The refusal as it is sent."""
        symbolic = {"symbolic": self.symbolic} if self.symbolic else {}
        return Answer.json({"error": self.text, **symbolic}, self.status)


def identifier(kind: str, number: int) -> str:
    """The identifier of a row: eighteen digits, more than a JavaScript number holds, so always a text."""
    return f"{PREFIXES[kind]}{number:013d}"


def identifier_or_none(kind: str, number: int | None) -> str | None:
    """The identifier of a row that may be absent."""
    return None if number is None else identifier(kind, number)


def number_of(kind: str, text: object) -> int | None:
    """The number of the row that an identifier is of, None where it is of no row of that kind."""
    digits = str(text)
    if not (digits.isascii() and digits.isdecimal()) or isinstance(text, bool):
        return None
    number = int(digits[-13:])
    return number if digits == identifier(kind, number) else None


def amount(cents: int) -> str:
    """Cents as an amount with at least one digit behind the point: `500.0`, `-75.5`, `0.05`."""
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{f'{part:02d}'.rstrip('0') or '0'}"


def moment(microseconds: int) -> str:
    """A moment in µs since 1970, in UTC, with its milliseconds."""
    told = EPOCH + timedelta(microseconds=microseconds)
    return f"{told:%Y-%m-%dT%H:%M:%S}.{told.microsecond // 1000:03d}Z"


def version(moments: Iterable[int]) -> int:
    """The version of a row: the whole second of the latest of its changes, in µs since 1970."""
    return max(moments) // 10**6
