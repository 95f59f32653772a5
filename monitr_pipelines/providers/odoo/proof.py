"""Whether what was read is all that there is: entries add up to zero, and months to what Odoo says of them.

Lines that a record rule hides are missing everywhere without a word, in pages, counts and sums alike; only
the rest of their entries shows it.
"""

from collections import defaultdict
from decimal import Decimal

from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.errors import CursorExpired, InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.odoo.cursors import Reading
from monitr_pipelines.providers.odoo.datasets import AMOUNTS, Domain
from monitr_pipelines.providers.odoo.faults import TITLE, contradiction
from monitr_pipelines.providers.odoo.months import Total
from monitr_pipelines.providers.odoo.reading import Row, rows, totals
from monitr_pipelines.providers.odoo.rpc import Rpc
from monitr_pipelines.providers.odoo.values import amount, one


def prove(rpc: Rpc, reading: Reading, ledger: Domain, context: Row) -> None:
    """Ask again about what does not add up; a stream that does costs no request.

    Raises:
        InconsistentData: Lines are hidden, or the pages contradict the sums.
        CursorExpired: The books changed between two pages, so that some of them are of before and some
            of after.
    """
    if reading.open:
        _prove_entries(rpc, reading, ledger, context)
    _prove_months(rpc, reading, ledger, context)


def _prove_entries(rpc: Rpc, reading: Reading, ledger: Domain, context: Row) -> None:
    asked = sorted(reading.open)[:SHOWN_FINDINGS]
    names: dict[int, str] = {}
    rests: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in rows(rpc, AMOUNTS, [*ledger, ["move_id", "in", asked]], context):
        entry = one(row["move_id"])[0]
        names[entry] = str(row["move_name"])
        rests[entry] += amount(row["balance"], names[entry])
    findings = [
        Finding(
            "lines_hidden",
            sentence(
                "more_debit_read" if rest > 0 else "more_credit_read", entry=names[entry], amount=abs(rest)
            ),
        )
        for entry, rest in rests.items()
        if rest
    ]
    if findings:
        raise InconsistentData(Message("lines_hidden", {"title": TITLE}), findings=findings)
    raise _moved()


def _prove_months(rpc: Rpc, reading: Reading, ledger: Domain, context: Row) -> None:
    said = reading.mark.totals
    asked = said.keys() | reading.read.keys() if reading.months is None else reading.months
    nothing = Total()
    differing = {
        month: reading.read.get(month, nothing)
        for month in asked
        if not reading.read.get(month, nothing).equals(said.get(month, nothing))
    }
    now = totals(rpc, ledger, context)[0] if differing else {}
    for month, read in differing.items():
        before, after = said.get(month, nothing), now.get(month, nothing)
        if read.equals(after):
            continue
        if before == after:
            raise contradiction(f"the lines of {month:%Y-%m} do not add up to what is said of them")
        if not min(before.lines, after.lines) <= read.lines <= max(before.lines, after.lines):
            raise _moved()


def _moved() -> CursorExpired:
    return CursorExpired(Message("books_moved"))
