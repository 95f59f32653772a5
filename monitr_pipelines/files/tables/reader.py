"""One record of a table as a ledger line: the loop that a million-line CSV spends its time in."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from monitr_pipelines.files.reading.accounts import Accounts
from monitr_pipelines.files.reading.amounts import MOST_CACHED, AmountReader
from monitr_pipelines.files.reading.cache import remember
from monitr_pipelines.files.reading.dates import DateReader
from monitr_pipelines.files.reading.headers import plain_name
from monitr_pipelines.files.reading.limits import add_axis_value, fits
from monitr_pipelines.files.reading.printed.sides import SIDES, side_of, split_suffix
from monitr_pipelines.files.reading.problems import BadValueError, shown
from monitr_pipelines.files.tables.layout import Layout
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence

KEY_BYTES = 16
# Of the parts of a key; no text holds it: files with control characters are refused.
BETWEEN = "\x1f"
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
YES = frozenset({"1", "true", "yes", "y", "ja", "j", "oui", "o", "vrai", "waar", "x"})
NO = frozenset({"", "0", "false", "no", "n", "nee", "non", "faux", "onwaar"})


class TableReader:
    """Turns records of one layout into lines; `key` makes the external id of a line without one."""

    def __init__(
        self,
        layout: Layout,
        dates: DateReader,
        amounts: AmountReader,
        accounts: Accounts,
        axes: set[AxisValue],
    ) -> None:
        self.layout = layout
        self.width = len(layout.headers)
        self._dates = dates
        self._amounts = amounts
        self._accounts = accounts
        self._axes = axes
        self._axis_values_seen: set[tuple[str, str]] = set()
        self._axis_places = tuple(layout.axes.items())
        # An optional column that the file lacks is read from an empty field put behind each record.
        place = {name: layout.places.get(name, self.width) for name in _READ}
        self._place = place
        self._texts = tuple(place[name] for name in TEXTS)
        self.amount: Callable[[list[str]], Decimal] = (
            self._debit_less_credit
            if "amount" not in layout.places
            else self._with_side
            if "side" in layout.places
            else self._signed
        )
        self._suffixed: dict[str, Decimal] = {}

    def line(self, record: list[str], external_id: str | None) -> LedgerLine:
        """The line of a record as wide as the header, or BadValueError."""
        record.append("")
        place = self._place
        day = self.day(record)
        code = self._accounts.code(
            record[place["account_code"]], record[place["account_name"]], record[place["account_type"]], day
        )
        amount = self.amount(record)
        texts = [record[index].strip() or None for index in self._texts]
        foreign, currency, opening = self.foreign_and_opening(record)
        axes = self.axis_values(record) if self._axis_places else ()
        fields = (day, code, amount, *texts, foreign, currency, axes, opening)
        return fits(LedgerLine._make((external_id or _content_key(fields), *fields, 0)))

    def number(self, text: str) -> Decimal:
        """An amount of the table, or BadValueError."""
        return self._amounts.read(text)

    def account(self, record: list[str]) -> None:
        """Note the account of a record of a chart of accounts."""
        record.append("")
        place = self._place
        self._accounts.code(
            record[place["account_code"]], record[place["account_name"]], record[place["account_type"]]
        )

    def foreign_and_opening(self, record: list[str]) -> tuple[Decimal | None, str | None, bool]:
        """The amount in a foreign currency and this currency, if any; whether a balance is carried over."""
        place = self._place
        foreign, currency = self._foreign(record) if record[place["foreign_amount"]].strip() else (None, None)
        flag = record[place["opening"]]
        return foreign, currency, _flag(flag) if flag else False

    def day(self, record: list[str]) -> date:
        """The booking date of a record."""
        try:
            return self._dates.read(record[self._place["date"]])
        except BadValueError as error:
            error.column = "date"
            raise

    def _number(self, record: list[str], column: str) -> Decimal:
        text = record[self._place[column]]
        if not text or text.isspace():
            return ZERO
        try:
            return self._amounts.read(text)
        except BadValueError as error:
            error.column = column
            raise

    def _signed(self, record: list[str]) -> Decimal:
        text = record[self._place["amount"]]
        if not text.strip():
            raise BadValueError("amount_empty", sentence("amount_empty"), "amount")
        known = self._suffixed.get(text)
        if known is None and (split := split_suffix(text)) is not None:
            sign, record[self._place["amount"]] = split
            known = sign * self._number(record, "amount") or ZERO
            remember(self._suffixed, text, known, MOST_CACHED)
        return self._number(record, "amount") if known is None else known

    def _with_side(self, record: list[str]) -> Decimal:
        amount = self._signed(record)
        text = record[self._place["side"]]
        sign = SIDES.get(text) or side_of(text)
        if sign is None:
            if not amount:
                return ZERO
            raise BadValueError("bad_side", sentence("bad_side", text=shown(text.strip())), "side")
        return amount if sign > 0 else -amount or ZERO

    def _debit_less_credit(self, record: list[str]) -> Decimal:
        debit = self._number(record, "debit")
        credit = self._number(record, "credit")
        if not credit:
            if not debit and not (record[self._place["debit"]] + record[self._place["credit"]]).strip():
                raise BadValueError("amount_empty", sentence("no_side_given"), "debit")
            return debit
        if debit:
            raise BadValueError(
                "debit_and_credit",
                sentence("debit_and_credit", debit=debit, credit=credit),
                "debit",
            )
        return -credit

    def _foreign(self, record: list[str]) -> tuple[Decimal | None, str | None]:
        currency = record[self._place["foreign_currency"]].strip().upper()
        if not currency:
            return None, None
        if not CURRENCY.fullmatch(currency):
            raise BadValueError(
                "bad_currency",
                sentence("bad_currency", text=shown(currency)),
                "foreign_currency",
            )
        return self._number(record, "foreign_amount"), currency

    def axis_values(self, record: list[str]) -> tuple[tuple[str, str], ...]:
        """The values of axes of a record, which are noted."""
        values = tuple((axis, value) for axis, place in self._axis_places if (value := record[place].strip()))
        for pair in values:
            if pair not in self._axis_values_seen:
                add_axis_value(self._axes, AxisValue(*pair, pair[1]))
                self._axis_values_seen.add(pair)
        return values


TEXTS = ("booking", "line_number", "period", "journal", "document_number", "relation", "description")
_READ = (
    *TEXTS, "date", "account_code", "account_name", "account_type", "amount", "debit", "credit",
    "side", "foreign_amount", "foreign_currency", "opening",
)  # fmt: skip


def _flag(text: str) -> bool:
    plain = plain_name(text)
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise BadValueError("bad_flag", sentence("bad_flag", text=shown(text)), "opening")


def _content_key(fields: tuple[Any, ...]) -> str:
    """A digest of what a line says, the same however the file writes its amounts and dates."""
    day, code, amount, *texts, foreign, currency, axes, opening = fields
    parts = [day.isoformat(), code, str(amount.normalize()), *(text or "" for text in texts)]
    parts += extra_parts(foreign, currency, opening=opening)
    for axis, value in axes:
        parts += (axis, value)
    return blake2b(BETWEEN.join(parts).encode(), digest_size=KEY_BYTES).hexdigest()


def extra_parts(foreign: Decimal | None, currency: str | None, *, opening: bool) -> list[str]:
    """What the key of a line says of another currency and of a balance that is carried over, if anything."""
    if foreign is None and not opening:
        return []
    return [str(foreign.normalize()) if foreign is not None else "", currency or "", str(opening)]
