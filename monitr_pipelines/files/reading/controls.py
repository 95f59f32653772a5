"""Control characters that stray into texts: in a label they are blanks, anywhere else the value is faulty.

Programs pass on what was pasted into a description, so a file of thousands of lines may hold a few. A label
says the same without them; a code, a date or an amount might not.
"""

import re
from collections.abc import Generator, Iterable, Mapping

from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.files.reading.records import Record
from monitr_pipelines.ledger.sentences import sentence

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
BLANK = " "
SHOWN_LINES = 10
# More than one in so many characters: this is no text with a few stray ones, but something else.
FEWEST_BETWEEN = 20
ASCII_TEXT = "\x7f"


class Controls:
    """Counts control characters, and remembers the first lines that have them."""

    def __init__(self) -> None:
        self.count = 0
        self.lines: list[int] = []

    def add(self, line: int, count: int = 1) -> None:
        """Some stand in a line."""
        self.count += count
        if len(self.lines) < SHOWN_LINES and line not in self.lines:
            self.lines.append(line)

    def tell(self, problems: Problems) -> None:
        """Say once how many there were and where the first are; nothing where there were none."""
        if self.count:
            lines = ", ".join(map(str, self.lines))
            told = sentence("control_characters", count=self.count, lines=lines)
            problems.warn("control_characters", told, line=self.lines[0])


def cleaned(records: Iterable[Record], strict: Mapping[int, str], problems: Problems) -> Generator[Record]:
    """Records with blanks for control characters; where one is in a `strict` column, that is a problem.

    `strict` names the columns, by their places, that hold no labels. The first record is the header.
    """
    is_header = True
    for line, record in records:
        if is_header or not any(map(CONTROL.search, record)):
            yield line, record
        # A line of nothing else is the end of file mark of old systems.
        elif not "".join(texts := [CONTROL.sub(BLANK, field) for field in record]).strip():
            continue
        elif wrong := [place for place in strict if place < len(record) and CONTROL.search(record[place])]:
            found = CONTROL.findall(record[wrong[0]])[0]
            told = sentence("control_character", what=named(found))
            problems.add("control_character", told, line=line, column=strict[wrong[0]])
        else:
            yield line, texts
        is_header = False


def named(character: str) -> str:
    """A control character, as findings name it."""
    if character == "\0":
        return "a NUL byte"
    hint = " (is the file cp1252?)" if character > ASCII_TEXT else ""
    return f"the control character U+{ord(character):04X}{hint}"
