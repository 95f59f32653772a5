"""What is known about the published figures of an entity, as findings: worded in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from monitr_pipelines.ledger.finding_texts import FINDINGS
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.sentences import Sentence, Value, sentence

# Their expected and found are counts of accounts, not amounts.
COUNTED = frozenset({"opening_unsure", "closing_unsure"})
# Their part is no account or booking with its amount, but the currency that was stated, and the entity's.
OF_CURRENCIES = frozenset({"currency_differs"})
NAMED_PARTS = 5


def figure_findings(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Rows of `marts.validation` as findings; what has no words of its own keeps its English."""
    return [figure_finding(row) for row in rows]


def figure_finding(row: Mapping[str, Any]) -> Finding:
    """A row of `marts.validation` as a finding."""
    return Finding(row["code"], _told(row), Severity.WARNING)


def _told(row: Mapping[str, Any]) -> Sentence | str:
    kind = f"figures_{row['code']}"
    if kind not in FINDINGS:
        return str(row["message"])
    try:
        return sentence(kind, **_values(row))
    except KeyError:  # the row tells less than the words name
        return str(row["message"])


def _values(row: Mapping[str, Any]) -> dict[str, Value]:
    values: dict[str, Value] = {"subject": row["subject"]}
    if row["fiscal_year_start"] is not None:
        values["year"] = row["fiscal_year_start"]
    if row["month"] is not None:
        values["month"] = Month.of(row["month"])
    if row["number"] is not None:
        values["number"] = row["number"]
    for name in ("expected", "found"):
        amount: Decimal = row[name] if row[name] is not None else ZERO
        values[name] = int(amount) if row["code"] in COUNTED else amount
    if row["parts"] and row["code"] in OF_CURRENCIES:
        values["stated"], values["own"] = row["parts"][0]
    elif row["parts"]:
        values["parts"] = _parts(row["parts"], row["number"] or 0)
    return values


def _parts(parts: Sequence[Sequence[str]], number: int) -> Sentence:
    """The largest accounts or bookings with their amounts; `number`: how many there are."""
    named = [
        sentence("figures_part", name=name, amount=Decimal(amount)) for name, amount in parts[:NAMED_PARTS]
    ]
    told = named[0]
    for part in named[1:]:
        told = sentence("and_then", first=told, then=part)
    return sentence("figures_parts_more", parts=told) if number > len(named) else told
