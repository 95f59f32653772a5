"""What is known about the published figures of an entity, as findings: worded in the reader's language."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from monitr_pipelines.ledger.finding_texts import FINDINGS
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.sentences import Sentence, Value, sentence

# Their expected and found are counts of accounts, not amounts.
COUNTED = frozenset({"opening_unsure", "closing_unsure"})


def figure_findings(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Rows of `marts.validation` as findings; what has no words of its own keeps its English."""
    return [Finding(row["code"], _told(row), Severity.WARNING) for row in rows]


def _told(row: Mapping[str, Any]) -> Sentence | str:
    kind = f"figures_{row['code']}"
    if kind not in FINDINGS:
        return str(row["message"])
    values: dict[str, Value] = {"subject": row["subject"]}
    if row["fiscal_year_start"] is not None:
        values["year"] = row["fiscal_year_start"]
    for name in ("expected", "found"):
        amount: Decimal = row[name] if row[name] is not None else ZERO
        values[name] = int(amount) if row["code"] in COUNTED else amount
    try:
        return sentence(kind, **values)
    except KeyError:  # the row tells less than the words name
        return str(row["message"])
