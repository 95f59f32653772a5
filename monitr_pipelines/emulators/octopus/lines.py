"""The lines of documents as rows of JSON, written straight away: an answer has no pages and may be large.

Fields stand in the order of the alphabet, and those without a value are left out, as in recorded answers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitr_pipelines.emulators.octopus.accounts import Accounts, NotShown
from monitr_pipelines.emulators.octopus.documents import Document, Key
from monitr_pipelines.emulators.octopus.dossiers import PURCHASES, SALES, Dossiers
from monitr_pipelines.emulators.octopus.forms import double, exchange_rate, quoted
from monitr_pipelines.emulators.shared.records import WHOLE, Line

# The line of an invoice that has its total has this number; lines of tax have that of the line before.
TOTAL = -1
TOTALS, TAXES = ("40", "44"), ("411", "451")
TERM = timedelta(days=30)


@dataclass(frozen=True)
class Lines:
    """Writes documents.

    `sign` is 1 where amounts are positive in debit, -1 where they are in credit.
    """

    dossiers: Dossiers
    accounts: Accounts
    sign: int = 1

    def written(self, documents: Iterable[Document], deleted: Sequence[Key]) -> bytes:
        """The document that answers for modified and deleted bookings; empty where there is neither."""
        rows = [row for document in documents for row in self._rows(document)]
        if not (rows or deleted):
            return b""
        gone = ",".join(map(_gone, deleted))
        return f'{{"deletedBookings":[{gone}],"modifiedBookings":[{",".join(rows)}]}}'.encode()

    def _rows(self, document: Document) -> Iterator[str]:
        key, entry, books = document.key, document.entry, self.dossiers.books
        company = books.companies[entry.company]
        period = self.dossiers.period(company, entry.day)
        year = f'"bookyearKey":{{"id":{key.bookyear}}},"bookyearPeriodeNr":{period},'
        dated = f'"documentDate":"{entry.day}","documentSequenceNr":{key.number},'
        invoice = key.type in (PURCHASES, SALES)
        expiry = f'"expiryDate":"{entry.day + TERM}",' if invoice else ""
        journal = f'{expiry}"journalNr":{key.journal},"journalType":{key.type},'
        reference = quoted(entry.reference)
        for number, line in zip(self._numbers(document), entry.lines, strict=True):
            foreign = line.amount if line.foreign is None else line.foreign
            yield (
                f'{{"accountKey":{self.accounts.number(line.account)},'
                f'"bookingAmount":{double(self.sign * line.amount)},{year}"comment":{quoted(line.text)},'
                f"{_keyed('costCentreKey', self.cost_centre(line))}"
                f'"currencyCode":"{line.currency or company.currency}",'
                f'"documentAmount":{double(self.sign * foreign)},{dated}'
                f'"exchangeRate":{exchange_rate(line.amount, foreign)},{journal}'
                f'"lineSequenceNr":{number},"reference":{reference}'
                f"{_keyed('relationKey', line.relation, before=True)}}}"
            )

    def cost_centre(self, line: Line) -> int | None:
        """The one cost centre of a line, None where it has none; values of other axes have no form here.

        Raises:
            NotShown: It is divided over several, or only a part of it has one.
        """
        if not line.shares:
            return None
        axis = cost_centre_axis(self.dossiers)
        values = self.dossiers.books.values
        shares = [
            (value, share.percent)
            for share in line.shares
            for value in share.values
            if values[value].axis == axis
        ]
        if not shares:
            return None
        (value, percent), *others = shares
        if others or percent != WHOLE:
            raise NotShown(f"line {line.id} is divided over cost centres")
        return value

    def _numbers(self, document: Document) -> list[int]:
        """The numbers of the lines: those of an invoice are not each its own."""
        if document.key.type not in (PURCHASES, SALES):
            return list(range(1, len(document.entry.lines) + 1))
        numbers: list[int] = []
        last = 0
        for line in document.entry.lines:
            code = str(self.accounts.number(line.account))
            tax = code.startswith(TAXES)
            if not tax and code.startswith(TOTALS) and TOTAL not in numbers:
                numbers.append(TOTAL)
                continue
            last += not (tax and last)
            numbers.append(last)
        return numbers


def cost_centre_axis(dossiers: Dossiers) -> int | None:
    """The axis that cost centres are: the first one."""
    return min(dossiers.books.axes, default=None)


def _keyed(name: str, number: int | None, *, before: bool = False) -> str:
    """A field that refers to a row, with its comma; nothing where there is none."""
    if number is None:
        return ""
    field = f'"{name}":{{"id":{number}}}'
    return f",{field}" if before else f"{field},"


def _gone(key: Key) -> str:
    return (
        f'{{"bookyearKey":{{"id":{key.bookyear}}},"documentSequenceNr":{key.number},'
        f'"journalSequenceNr":{key.journal},"journalType":{key.type}}}'
    )
