"""Cells of tables that a spreadsheet would run as formulas: quoted by an apostrophe, read as they were."""

RUN = ("=", "+", "-", "@", "\t", "\r", "\n")


def quoted(cell: str) -> str:
    """The cell as it is written: a formula, and one that was quoted already, gets an apostrophe more."""
    return f"'{cell}" if _runs(cell) else cell


def unquoted(cell: str) -> str:
    """The cell as it was before `quoted`; an apostrophe before anything else is a letter."""
    return cell[1:] if cell.startswith("'") and _runs(cell) else cell


def _runs(cell: str) -> bool:
    """Whether a formula begins behind the blanks and apostrophes of a cell."""
    return cell.lstrip(" '").startswith(RUN)
