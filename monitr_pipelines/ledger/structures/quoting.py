"""Cells that a spreadsheet would run as a formula: quoted by an apostrophe, and found again as they were."""

RUN = ("=", "+", "-", "@", "\t", "\r")


def quoted(cell: str) -> str:
    """The cell as it is written: a formula, and one that was quoted already, gets an apostrophe more."""
    return f"'{cell}" if cell.lstrip("'").startswith(RUN) else cell


def unquoted(cell: str) -> str:
    """The cell as it was before `quoted`; an apostrophe before anything else is a letter."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(RUN) else cell
