"""What the shared books are made of, in no software's words. Ids are unique of their kind over all companies.

Amounts are whole cents, debit positive: half a million lines then fit in little memory.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from monitr_pipelines.ledger.records import AccountType

WHOLE = 100_00


class Stamp(NamedTuple):
    """When a row last changed: `version` counts all changes of the books, `time` is in µs since 1970, UTC."""

    version: int
    time: int


class Share(NamedTuple):
    """A part of a line: `values` are ids of axis values, at most one an axis; `percent` in hundredths.

    The shares of one axis need not add up to `WHOLE`: what is missing is not allocated.
    """

    values: tuple[int, ...]
    percent: int = WHOLE


class Line(NamedTuple):
    """A line of an entry.

    `amount` is in cents of the company's currency, `foreign` in cents of `currency` where that is another.
    A line without an account is a remark: it has no amount.
    """

    id: int
    account: int | None
    amount: int
    stamp: Stamp
    text: str = ""
    relation: int | None = None
    shares: tuple[Share, ...] = ()
    foreign: int | None = None
    currency: str | None = None


class State(StrEnum):
    """Whether an entry counts: only what is posted does."""

    DRAFT = "draft"
    POSTED = "posted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry. `number` is what people call it by, and no identity: it may be given again.

    `committed` is False while the transaction that wrote it goes on: nobody else sees it.
    """

    id: int
    company: int
    journal: int
    day: date
    number: str
    lines: tuple[Line, ...]
    created: Stamp
    stamp: Stamp
    state: State = State.POSTED
    reference: str = ""
    committed: bool = True


@dataclass(frozen=True)
class Account:
    """A ledger account of one company."""

    id: int
    company: int
    code: str
    name: str
    type: AccountType
    stamp: Stamp
    archived: bool = False


@dataclass(frozen=True)
class Journal:
    """A daybook; `kind` is the type of the Dutch audit file: Z, S, P, B, Y or M."""

    id: int
    company: int
    code: str
    name: str
    kind: str
    stamp: Stamp


@dataclass(frozen=True)
class Relation:
    """A customer or supplier."""

    id: int
    company: int
    code: str
    name: str
    stamp: Stamp


@dataclass(frozen=True)
class Axis:
    """An analytical axis, shared by all companies, such as `department`."""

    id: int
    code: str
    name: str
    stamp: Stamp


@dataclass(frozen=True)
class Value:
    """A value of an axis; `company` is None where all may use it."""

    id: int
    axis: int
    code: str
    name: str
    company: int | None
    stamp: Stamp
    archived: bool = False


@dataclass(frozen=True)
class Company:
    """An administration.

    Args:
        id: Its identity.
        name: As people see it.
        country: ISO 3166 code.
        currency: ISO 4217 code.
        tax_number: Of VAT, invented.
        fiscal_year_start: First month of its fiscal years.
        stamp: Its last change.
        locked_through: No entry up to this day may change, as far as the software keeps to it.
        reachable: Whether the credentials of the emulator may see it.
        moved: When it last went to other machines, None where it never did.
    """

    id: int
    name: str
    country: str
    currency: str
    tax_number: str
    fiscal_year_start: int
    stamp: Stamp
    locked_through: date | None = None
    reachable: bool = True
    moved: Stamp | None = None


class Gone(NamedTuple):
    """A row that was deleted: `kind` is the name of its class in small letters, `parent` its entry if any."""

    kind: str
    id: int
    company: int | None
    parent: int | None
    stamp: Stamp


@dataclass(frozen=True)
class NewLine:
    """A line to be booked; see `Line`."""

    account: int | None
    amount: int
    text: str = ""
    relation: int | None = None
    shares: tuple[Share, ...] = ()
    foreign: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class NewEntry:
    """An entry to be booked; without a number it gets the next one of its series."""

    company: int
    journal: int
    day: date
    lines: tuple[NewLine, ...] = field(default=())
    state: State = State.POSTED
    number: str | None = None
    reference: str = ""


def money(cents: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(cents).scaleb(-2)
