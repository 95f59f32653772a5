"""The columns of a French FEC, in the many spellings that software writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitr_pipelines.files.reading.headers import listed, plain_name, short
from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.files.reading.records import MOST_COLUMNS
from monitr_pipelines.ledger.sentences import sentence

TELLING = frozenset({"journalcode", "ecrituredate", "comptenum"})
NEEDED = ("journalcode", "ecriturenum", "ecrituredate", "comptenum")
OPTIONAL = (
    "journallib", "comptelib", "compauxnum", "compauxlib", "pieceref", "ecriturelib", "montantdevise",
    "idevise",
)  # fmt: skip
FEWEST, MOST = 18, 22
DELIMITERS = "\t|;,"


@dataclass(frozen=True)
class FecLayout:
    """Where the columns are; `signed` when the amounts are Montant and Sens, not Debit and Credit."""

    headers: tuple[str, ...]
    places: Mapping[str, int]
    signed: bool


def fec_delimiter(header_line: str) -> str | None:
    """The delimiter of a line that is the header of a FEC, None when it is not one."""
    for mark in DELIMITERS:
        if (
            header_line.count(mark) < MOST_COLUMNS
            and {plain_name(name) for name in header_line.split(mark)} >= TELLING
        ):
            return mark
    return None


def fec_layout(headers: Sequence[str]) -> FecLayout:
    """The places of the columns; a header that lacks one that is needed refuses the file."""
    problems = Problems([])
    names = [plain_name(header) for header in headers]
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name and name in places:
            problems.add("column_twice", sentence("column_twice", column=short(headers[place])), line=1)
        places[name] = place
    signed = "debit" not in places and "montant" in places
    amounts = ("montant", "sens") if signed else ("debit", "credit")
    for name in (*NEEDED, *amounts):
        if name not in places:
            problems.add(
                "column_missing",
                sentence("column_missing", column=name, headers=listed(headers)),
                line=1,
            )
    filled = len([name for name in names if name])
    if not FEWEST <= filled <= MOST:
        problems.add(
            "column_count",
            sentence("fec_columns", columns=filled, fewest=FEWEST, most=MOST, headers=listed(headers)),
            line=1,
        )
    problems.refuse_if_any()
    return FecLayout(tuple(headers), places, signed)
