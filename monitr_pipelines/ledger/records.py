"""The rows of a ledger as every provider and file format delivers them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class AccountType(StrEnum):
    """Which statement an account belongs to; balance sheet accounts go on over the turn of the year."""

    BALANCE_SHEET = "balance_sheet"
    PROFIT_AND_LOSS = "profit_and_loss"


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger account. `type` is None where the source does not tell: the country's chart decides."""

    code: str
    name: str
    type: AccountType | None = None


@dataclass(frozen=True, slots=True)
class AxisValue:
    """A value of an analytical axis, such as cost centre `100 Sales`."""

    axis: str
    code: str
    name: str


class LedgerLine(NamedTuple):
    """One line of a journal entry; a tuple, because a first import makes millions of them.

    `external_id` is unique within the entity and stable from one import to the next. `amount` is in
    the entity's currency, debit positive, at most four decimals. `booking` names the journal entry
    the line belongs to, None where the source does not tell. `axes` holds (axis, value) codes
    ordered by axis. `opening` marks a line that carries a balance over from the year before.
    `version` orders two deliveries of one key: the higher wins.
    """

    external_id: str
    booking_date: date
    account_code: str
    amount: Decimal
    booking: str | None = None
    line_number: str | None = None
    period: str | None = None
    journal: str | None = None
    document_number: str | None = None
    relation: str | None = None
    description: str | None = None
    foreign_amount: Decimal | None = None
    foreign_currency: str | None = None
    axes: tuple[tuple[str, str], ...] = ()
    opening: bool = False
    version: int = 0
