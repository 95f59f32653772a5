"""What is read from Octopus: endpoints, fields, limits.

From the OpenAPI document of Octopus (`octopus-rest-api/v1`, 51.9.17), which also tells how many calls a day
an endpoint allows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec import Raw, Struct, field, json, structs

from monitr_pipelines.providers.contract import RateLimit

DAY = timedelta(days=1)


class Key(Struct, frozen=True, gc=False):
    """What a row refers to, by its number; 0 where it refers to nothing."""

    id: int


class DossierRow(Struct, gc=False):
    """A dossier, the books of one company."""

    key: Key = field(name="dossierKey")
    description: str = field(name="dossierDescription")


class PeriodRow(Struct, gc=False):
    """A part of a bookyear, such as a month or a quarter; its first and its last day included."""

    number: int = field(name="bookyearPeriod")
    start: str = field(name="startDate")
    end: str = field(name="endDate")


class BookyearRow(Struct, gc=False):
    """A fiscal year."""

    key: Key = field(name="bookyearKey")
    start: str = field(name="startDate")
    end: str = field(name="endDate")
    periods: list[PeriodRow] = field(name="periods")


class AccountKey(Struct, frozen=True, gc=False):
    """An account of one bookyear, by its number in the chart."""

    bookyear: Key = field(name="bookyearKey")
    number: int = field(name="id")


class Descriptions(Struct, gc=False):
    """A name in the languages that it has."""

    dutch: str | None = field(name="description_NL", default=None)
    french: str | None = field(name="description_FR", default=None)
    english: str | None = field(name="description_EN", default=None)
    german: str | None = field(name="description_DE", default=None)


class AccountRow(Struct, gc=False):
    """An account of one bookyear."""

    key: AccountKey = field(name="accountKey")
    description: Descriptions | None = field(name="description", default=None)


class CostCentreRow(Struct, gc=False):
    """A cost centre."""

    key: Key = field(name="costCentreKey")
    description: Descriptions = field(name="description")


class LineRow(Struct, gc=False):
    """A line of a booking; `amount` is in the currency of the dossier, its sign is for `signs` to tell."""

    bookyear: Key = field(name="bookyearKey")
    journal_type: int = field(name="journalType")
    journal_number: int = field(name="journalNr")
    document: int = field(name="documentSequenceNr")
    line: int = field(name="lineSequenceNr")
    period: int = field(name="bookyearPeriodeNr")
    date: str = field(name="documentDate")
    account: int = field(name="accountKey")
    amount: Decimal = field(name="bookingAmount")
    foreign_amount: Decimal | None = field(name="documentAmount", default=None)
    currency: str | None = field(name="currencyCode", default=None)
    relation: Key | None = field(name="relationKey", default=None)
    comment: str | None = field(name="comment", default=None)
    reference: str | None = field(name="reference", default=None)
    cost_centre: Key | None = field(name="costCentreKey", default=None)


class DeletedRow(Struct, gc=False):
    """The key of a booking that is gone; what lines call `journalNr` has another name here."""

    bookyear: Key = field(name="bookyearKey")
    journal_type: int = field(name="journalType")
    journal_number: int = field(name="journalSequenceNr")
    document: int = field(name="documentSequenceNr")


class Bookings(Struct, gc=False):
    """Bookings that changed, all lines of each, and those that are gone; lines are decoded when read."""

    modified: list[Raw] = field(name="modifiedBookings")
    deleted: list[DeletedRow] = field(name="deletedBookings")


class AmountPeriod(Struct, gc=False):
    """The period that an account's balance is of."""

    bookyear: Key = field(name="bookyearKey")
    number: int = field(name="bookyearPeriodNr")


class AmountKey(Struct, gc=False):
    """The account and the period that a balance is of."""

    period: AmountPeriod = field(name="bookyearPeriodKey")
    account: AccountKey = field(name="accountKey")


class AmountRow(Struct, gc=False):
    """What moved on an account within a period, by the software's own adding up."""

    key: AmountKey = field(name="accountAmountKey")
    balance: Decimal = field(name="balance")


R = TypeVar("R", bound=Struct)


class Modified(Struct, Generic[R]):
    """Rows that changed."""

    modified: list[R]


@dataclass(frozen=True)
class Dataset(Generic[R]):
    """An endpoint.

    Args:
        path: The end of its address.
        row: Its rows, of which `fields` tells the names.
        answer: The type of a whole answer.
        calls: How many calls a day it allows.
    """

    path: str
    row: type[R]
    answer: Any
    calls: int

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that are read, as Octopus calls them."""
        return tuple(each.encode_name for each in structs.fields(self.row))

    @cached_property
    def decode(self) -> Callable[[bytes], Any]:
        """An answer as declared."""
        return json.Decoder(self.answer).decode

    def limits(self, dossier: str = "") -> tuple[RateLimit, ...]:
        """How often it may be asked: what is asked with the token of a dossier is counted for that one."""
        return (RateLimit(f"{self.path} {dossier}".strip(), self.calls, DAY),)


DOSSIERS = Dataset("dossiers", DossierRow, list[DossierRow], 150)
BOOKYEARS = Dataset("bookyears", BookyearRow, list[BookyearRow], 24)
ACCOUNTS = Dataset("accounts/modified", AccountRow, Modified[AccountRow], 48)
AMOUNTS = Dataset("accounts/amounts/modified", AmountRow, Modified[AmountRow], 48)
COST_CENTRES = Dataset("costcentres", CostCentreRow, list[CostCentreRow], 2)
LINES = Dataset("bookings/modified", LineRow, Bookings, 48)

READ: tuple[Dataset[Any], ...] = (DOSSIERS, BOOKYEARS, ACCOUNTS, COST_CENTRES, LINES, AMOUNTS)
# Of the two calls a day for cost centres one is left for whoever fetches the whole ledger.
SPARING = 1
CONNECTS = RateLimit("connect", 150, DAY)
LINE = json.Decoder(LineRow).decode
