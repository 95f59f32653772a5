"""The lines of a table by column: what TableReader makes of records, where nothing is unusual about them."""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from operator import add

from monitr_pipelines.files.reading.accounts import Accounts
from monitr_pipelines.files.reading.by_column.memo import Memo
from monitr_pipelines.files.reading.by_column.pieces import Columns, Piece, UnusualError
from monitr_pipelines.files.reading.by_column.plain_amounts import PlainAmounts, normal
from monitr_pipelines.files.reading.limits import fits
from monitr_pipelines.files.reading.problems import BadValueError
from monitr_pipelines.files.tables.layout import Layout
from monitr_pipelines.files.tables.reader import BETWEEN, KEY_BYTES, TEXTS, TableReader, extra_parts
from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Scope
from monitr_pipelines.ledger.columns import Column, block_of, joined, none_if_empty
from monitr_pipelines.ledger.limits import LONGEST
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import LedgerLine

ACCOUNT = ("account_code", "account_name", "account_type")
EXTRAS = ("foreign_amount", "foreign_currency", "opening")
KNOWN = frozenset({*TEXTS, *ACCOUNT, *EXTRAS, "date", "amount", "debit", "credit"})


def can_read(layout: Layout) -> bool:
    """Whether nothing stands in a line of this layout that is not known here."""
    return layout.places.keys() <= KNOWN


class TableColumns:
    """Reads columns of one layout with the rules of a TableReader, whose accounts and axes they share."""

    def __init__(
        self,
        layout: Layout,
        reader: TableReader,
        numbers: AxisNumbers,
        *,
        decimal: str,
        accounts: Accounts,
        scope: Scope | None,
        key_prefix: str,
    ) -> None:
        width = len(layout.headers)
        places = layout.places
        self._headers = layout.headers
        self._accounts = accounts
        self._numbers = numbers
        self._scope = scope
        self._key_prefix = key_prefix
        self._reader = reader
        self._days = Memo([places["date"]], width, lambda record: reader.day(record).isoformat())
        names = ["amount"] if "amount" in places else ["debit", "credit"]
        self._sides = [places[name] for name in names]
        self._plain = PlainAmounts(decimal)
        self._amounts = Memo(self._sides, width, self._amount)
        self._texts = {name: places[name] for name in TEXTS if name in places}
        self._account_places = [places.get(name) for name in ACCOUNT]
        extras = [places[name] for name in EXTRAS if name in places]
        self._extras = Memo(extras, width, self._extra) if extras else None
        self._axes = Memo(list(layout.axes.values()), width, self._axis_values) if layout.axes else None

    def read(self, piece: Piece, before: int) -> Block | None:
        """Lines as a block, None where they have to be read by record; so many stand before them in the file.

        What is noted of lines that are then read by record is what their records say too.
        """
        columns = piece.columns(self._headers)
        if columns is None:
            return None
        try:
            return self._block(columns, before, plain=piece.plain)
        except (BadValueError, UnusualError):
            return None

    def _block(self, columns: Columns, before: int, *, plain: bool) -> Block:
        days = self._days.values_in(columns)
        plain_amounts = self._plain_amounts_in(columns)
        amounts, key_amounts = plain_amounts or self._amounts_in(columns)
        texts = {name: list(map(str.strip, columns[place])) for name, place in self._texts.items()}
        for name, column in texts.items():
            if len(max(column, key=len)) > LONGEST[name]:
                raise UnusualError
        extras = self._extras.values_in(columns) if self._extras is not None else []
        codes = self._account_codes(columns, days)
        axes = self._axes.values_in(columns) if self._axes is not None else []
        if self._key_prefix:
            keys = [f"{self._key_prefix}{number}" for number in range(before + 1, before + len(days) + 1)]
        else:
            parts = [days, codes, key_amounts, *(texts.get(name, "") for name in TEXTS)]
            said = joined(parts, len(days), BETWEEN)
            for behind in (extras, axes):
                if behind:
                    said = list(map(add, said, (each[-1] for each in behind)))
            keys = [blake2b(each.encode(), digest_size=KEY_BYTES).hexdigest() for each in said]
        written: dict[str, Column] = {
            "external_id": keys,
            "booking_date": days,
            "account_code": codes,
            "amount": amounts,
            **{name: none_if_empty(column) for name, column in texts.items()},
        }
        if extras:
            written["foreign_amount"], written["foreign_currency"], written["opening"], _ = zip(
                *extras, strict=True
            )
        if axes:
            written["axes"] = [number for number, _ in axes]
        bookings = set(written.get("booking", ()))
        if self._scope and not self._scope.holds(set(map(date.fromisoformat, set(days))), bookings):
            raise UnusualError
        exact = plain_amounts is not None and not extras
        return block_of(written, self._numbers.take_new(), plain=plain, exact=exact)

    def _plain_amounts_in(self, columns: Columns) -> tuple[list[str], list[str]] | None:
        """The amounts of lines, and what their keys say of them; None where one is written otherwise."""
        sides = [columns[place] for place in self._sides]
        plain = self._plain.signed(*sides) if len(sides) == 1 else self._plain.sides(*sides)
        if plain is None:
            return None
        return plain, [amount if amount[-1] != "0" else normal(amount) for amount in plain]

    def _amounts_in(self, columns: Columns) -> tuple[Sequence[str], Sequence[str]]:
        amounts, key_amounts = zip(*self._amounts.values_in(columns), strict=True)
        return amounts, key_amounts

    def _account_codes(self, columns: Columns, days: Sequence[str]) -> list[str]:
        code, name, kind = (columns[place] if place is not None else None for place in self._account_places)
        empty = [""] * len(columns[0])
        return self._accounts.codes(code or empty, name or empty, days, kind)

    def _amount(self, record: list[str]) -> tuple[str, str]:
        amount = self._reader.amount(record)
        return str(amount), str(amount.normalize())

    def _extra(self, record: list[str]) -> tuple[str | None, str | None, str, str]:
        foreign, currency, opening = self._reader.foreign_and_opening(record)
        parts = extra_parts(foreign, currency, opening=opening)
        text = None if foreign is None else str(foreign)
        return text, currency, "t" if opening else "f", "".join(BETWEEN + part for part in parts)

    def _axis_values(self, record: list[str]) -> tuple[str, str]:
        values = self._reader.axis_values(record)
        fits(LedgerLine("", date.min, "", ZERO, axes=values))
        return self._numbers[values], "".join(f"{BETWEEN}{axis}{BETWEEN}{value}" for axis, value in values)
