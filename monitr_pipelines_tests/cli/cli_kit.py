"""Files, and what tells that a command answered decently."""

from decimal import Decimal
from pathlib import Path
from typing import Any

HEADER = "date,account_code,account_name,description,debit,credit,dimension1,dimension2"


def csv_text(*rows: tuple[str, str, int | str | Decimal], text: str = "") -> str:
    """The standard layout, of (date, account, debit-positive amount)."""
    lines = [HEADER]
    for day, account, amount in rows:
        sides = f"{amount}," if Decimal(amount) > 0 else f",{-Decimal(amount)}"
        lines.append(f"{day},{account},Account {account},{text},{sides},,")
    return "\n".join(lines) + "\n"


def sale(day: str, amount: int) -> list[tuple[str, str, int]]:
    return [(day, "400000", amount), (day, "700000", -amount)]


def write(path: Path, *rows: tuple[str, str, int | str | Decimal], text: str = "") -> Path:
    path.write_text(csv_text(*rows, text=text))
    return path


def assert_sentence(said: Any, code: int, *told: str) -> None:  # noqa: ANN401 - Said of the root conftest
    """A refusal: the code, nothing on stdout, and what to know on stderr."""
    assert said.code == code, said
    assert said.out == ""
    text = " ".join(said.err.replace("│", " ").split())
    assert "Traceback" not in text
    for part in told:
        assert part in text, text
