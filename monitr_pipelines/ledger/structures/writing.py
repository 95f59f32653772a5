"""A structure as a file, which `reading` reads as the same structure and a spreadsheet opens without harm."""

import csv
import io

from monitr_pipelines.ledger.formulas import quoted
from monitr_pipelines.ledger.structures.lines import COLUMNS, EVERY_CODE, SIDES, Line, Structure


def write(structure: Structure) -> str:
    """The text of the file, lines in their order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for line in structure.lines:
        writer.writerow({column: quoted(cell) for column, cell in _cells(line).items()})
    return text.getvalue()


def _cells(line: Line) -> dict[str, str]:
    return {
        "line": line.line,
        "statement": line.statement,
        "parent": line.parent,
        "position": str(line.position),
        "top": "1" if line.top else "",
        **{f"name_{language}": name for language, name in line.names.items()},
        **{
            column: " ".join(prefix or EVERY_CODE for prefix in line.accounts.get(column, ()))
            for column in SIDES
        },
        "cash_flow": line.cash_flow,
        "role": line.role or "",
    }
