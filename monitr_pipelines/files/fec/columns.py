"""The lines of a FEC by column: what FecReader makes of records, where nothing is unusual about them."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import repeat

from monitr_pipelines.files.fec.layout import FecLayout
from monitr_pipelines.files.fec.reader import FecReader
from monitr_pipelines.files.reading.accounts import Accounts
from monitr_pipelines.files.reading.by_column.memo import Memo
from monitr_pipelines.files.reading.by_column.pieces import Columns, Piece, UnusualError
from monitr_pipelines.files.reading.by_column.plain_amounts import PlainAmounts
from monitr_pipelines.files.reading.headers import plain_name
from monitr_pipelines.files.reading.problems import BadValueError
from monitr_pipelines.ledger.blocks import Block
from monitr_pipelines.ledger.changes import Scope
from monitr_pipelines.ledger.columns import Column, block_of, none_if_empty
from monitr_pipelines.ledger.limits import LONGEST

FIRST_OF_HEADER = "journalcode"


class FecColumns:
    """Reads columns of one layout with the rules of a FecReader, whose accounts and counts they share."""

    def __init__(
        self,
        layout: FecLayout,
        reader: FecReader,
        *,
        decimal: str,
        accounts: Accounts,
        scope: Scope | None,
    ) -> None:
        width = len(layout.headers)
        self._headers = layout.headers
        self._places = layout.places
        self._reader = reader
        self._accounts = accounts
        self._scope = scope
        sides = [
            layout.places[name] for name in (("montant", "sens") if layout.signed else ("debit", "credit"))
        ]
        foreign = [layout.places[name] for name in ("montantdevise", "idevise") if name in layout.places]
        opens = [layout.places[name] for name in ("journalcode", "journallib") if name in layout.places]
        self._days = Memo([layout.places["ecrituredate"]], width, self._day)
        self._sides = None if layout.signed else sides
        self._plain = PlainAmounts(decimal)
        self._amounts = Memo(sides, width, lambda record: str(reader.amount(record)))
        self._foreign = Memo([*sides, *foreign], width, self._in_currency) if len(foreign) > 1 else None
        self._openings = Memo(opens, width, lambda record: "t" if reader.opens(record) else "f")
        self._firsts: set[str] = set()

    def read(self, piece: Piece) -> Block | None:
        """Lines as a block, None where they have to be read by record.

        What is noted of lines that are then read by record is what their records say too.
        """
        columns = piece.columns(self._headers)
        if columns is None:
            return None
        try:
            return self._block(columns, plain=piece.plain)
        except (BadValueError, UnusualError):
            return None

    def _block(self, columns: Columns, *, plain: bool) -> Block:
        self._refuse_header(columns[0])
        days, years, compact = zip(*self._days.values_in(columns), strict=True)
        plain_amounts = self._sides and self._plain.sides(*(columns[place] for place in self._sides))
        journals, pieces, numbers, labels, relations, relation_codes = (
            self._texts(columns, name)
            for name in ("journalcode", "pieceref", "ecriturenum", "ecriturelib", "compauxlib", "compauxnum")
        )
        entries: Iterable[str] = numbers
        if not all(map(str.strip, numbers, repeat("0"))):
            entries = [
                self._reader.entry(number, day, piece)
                for number, day, piece in zip(numbers, compact, pieces, strict=True)
            ]
        bookings = [
            f"{year}/{journal}/{entry}" for year, journal, entry in zip(years, journals, entries, strict=True)
        ]
        written: dict[str, Column] = {
            "booking_date": days,
            "amount": plain_amounts or self._amounts.values_in(columns),
            "booking": bookings,
            "opening": self._openings.values_in(columns),
        }
        texts = {
            "journal": journals,
            "document_number": pieces,
            "relation": [name or code for name, code in zip(relations, relation_codes, strict=True)]
            if any(relation_codes)
            else relations,
            "description": labels,
        }
        for name, column in {**texts, "booking": bookings}.items():
            if len(max(column, key=len)) > LONGEST[name]:
                raise UnusualError
        written |= {name: none_if_empty(column) for name, column in texts.items() if any(column)}
        exact = bool(plain_amounts)
        if self._foreign is not None and any(columns[self._places["idevise"]]):
            exact = False
            pairs = self._foreign.values_in(columns)
            written["foreign_amount"], written["foreign_currency"] = zip(*pairs, strict=True)
        written["account_code"] = self._accounts.codes(
            columns[self._places["comptenum"]], self._column(columns, "comptelib"), days
        )
        if self._scope and not self._scope.holds(set(map(date.fromisoformat, set(days))), set(bookings)):
            raise UnusualError
        written["external_id"] = self._reader.keys(bookings)
        return block_of(written, plain=plain, exact=exact)

    def _refuse_header(self, firsts: Sequence[str]) -> None:
        news = set(firsts) - self._firsts
        if any(plain_name(text) == FIRST_OF_HEADER for text in news):
            raise UnusualError
        self._firsts = set(firsts)

    def _column(self, columns: Columns, name: str) -> list[str]:
        return columns[self._places[name]] if name in self._places else [""] * len(columns[0])

    def _texts(self, columns: Columns, name: str) -> list[str]:
        return list(map(str.strip, self._column(columns, name)))

    def _day(self, record: list[str]) -> tuple[str, str, str]:
        day, year = self._reader.day(record)
        return day.isoformat(), year, f"{day:%Y%m%d}"

    def _in_currency(self, record: list[str]) -> tuple[str | None, str | None]:
        foreign, currency = self._reader.in_currency(record, self._reader.amount(record))
        return None if foreign is None else str(foreign), currency
