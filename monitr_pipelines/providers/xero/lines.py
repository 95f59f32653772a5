"""Journals as lines of the ledger."""

from collections.abc import Iterable, Iterator

from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.xero.chart import Chart
from monitr_pipelines.providers.xero.datasets import JournalRow
from monitr_pipelines.providers.xero.values import amount, bare, day_of, needed


def lines_of(journals: Iterable[JournalRow], chart: Chart) -> Iterator[LedgerLine]:
    """The lines of a page: what each books on its account, debit positive, in the organisation's currency.

    Tax is a line of its own. A line without an id has the place within its journal, which never changes.
    """
    for journal in journals:
        booking, day = needed(journal.id, "JournalID"), day_of(journal.date)
        reference = bare(journal.reference)
        for place, line in enumerate(journal.lines, 1):
            yield LedgerLine(
                bare(line.id) or f"{booking}/{place}",
                day,
                chart.code_of(line.account, line.code),
                amount(line.net, "NetAmount"),
                booking,
                str(place),
                journal=bare(journal.source),
                document_number=str(journal.number),
                description=bare(line.description) or reference,
                axes=chart.axes_of(line.tracking),
            )
