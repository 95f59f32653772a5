"""The details of transactions by column: found as text where they are written as Yuki documents them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitr_pipelines.ledger.columns import LINES as TOGETHER
from monitr_pipelines.ledger.columns import Column, none_if_empty
from monitr_pipelines.providers.plain_xml import is_well_formed, plain_text, unescaped
from monitr_pipelines.providers.yuki.answers import many_rows_of
from monitr_pipelines.providers.yuki.datasets import BEFORE_CONTACT, BEHIND_CONTACT, LINES, Dataset
from monitr_pipelines.providers.yuki.values import Row

DATE = "transactionDate"
START, END = f"<{LINES.record}>", f"</{LINES.record}>"
OTHER_START = re.compile(rf"<(?:\w+:)?{LINES.record}[\s/>]").search
CONTACT = "contact"
FOUND = [
    name for name in (*BEFORE_CONTACT, CONTACT, *BEHIND_CONTACT) if name == CONTACT or name in LINES.fields
]
ADJACENT = re.compile(rf"{END}\s*{START}").findall


@dataclass(frozen=True)
class Details:
    """Records by column: the texts of each field that is read; what is absent is an empty one."""

    texts: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.texts[DATE])

    def bare(self, name: str) -> Column:
        """The texts of a field without spaces around them; None where nothing is left."""
        return none_if_empty(list(map(str.strip, self.texts[name])))

    def parts(self) -> "Iterator[Details]":
        """The same, as many at a time as a block has lines; nothing of no records."""
        for start in range(0, len(self), TOGETHER):
            yield Details({name: texts[start : start + TOGETHER] for name, texts in self.texts.items()})

    def each(self) -> Iterator[Row]:
        """One record after another."""
        for row in zip(*self.texts.values(), strict=True):
            yield dict(zip(self.texts, row, strict=True))


def details_of(dataset: Dataset, body: bytes) -> Details:
    """The records of an answer of any size.

    Raises:
        ValueError, ImportProblem, OurFault: As `answers.rows_of` has it.
    """
    return plain_details(body) or by_column(many_rows_of(dataset, body))


def by_column(rows: Sequence[Row]) -> Details:
    """Records that were read one by one."""
    return Details({name: [row.get(name, "") for row in rows] for name in LINES.fields})


def plain_details(body: bytes) -> Details | None:
    """The records of an answer that are written as they are documented; None where anything is unusual."""
    text = plain_text(body)
    if text is None:
        return None
    start, end = text.find(START), text.rfind(END) + len(END)
    if start < 0 or end < start:
        return None
    rows = RECORD(text, start, end)
    around = text[:start] + text[end:]
    # Each has a start and an end, and nothing stands between them.
    whole = len(rows) == text.count(START) == text.count(END) == len(ADJACENT(text, start, end)) + 1
    if not whole or OTHER_START(around) or not is_well_formed(around):
        return None
    columns = zip(*(unescaped(rows) if "&" in text else rows), strict=True)
    found = dict(zip(FOUND, columns, strict=True))
    return Details({name: found[name] for name in LINES.fields})


def _written(name: str) -> str:
    """An element that may be absent; its text is kept where it is read."""
    text = "([^<]*)" if name in LINES.fields else "[^<]*"
    return rf"(?:<{name}(?: ?/>|>{text}</{name}>)\s*)?+"


def _record() -> re.Pattern[str]:
    before, behind = ("".join(map(_written, names)) for names in (BEFORE_CONTACT, BEHIND_CONTACT))
    contact = rf"(?:<(?P<name>{CONTACT}\w+)(?: ?/>|>[^<]*</(?P=name)>)\s*)*+"
    return re.compile(rf"{START}\s*{before}{contact}{behind}{END}")


RECORD = _record().findall
