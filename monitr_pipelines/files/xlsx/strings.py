"""The texts that the cells of a workbook share: read as far as cells ask for them, kept on disk when many."""

from array import array
from collections.abc import Generator, Iterator
from tempfile import SpooledTemporaryFile
from weakref import finalize

from monitr_pipelines.files.reading.problems import refuse_file
from monitr_pipelines.files.reading.xml import XmlReader, local
from monitr_pipelines.files.xlsx.archive import Archive, refuse_damaged
from monitr_pipelines.files.xlsx.cells import LONGEST_CELL
from monitr_pipelines.ledger.sentences import sentence

PART = "xl/sharedStrings.xml"
IN_MEMORY_BYTES = 8_000_000
MOST_STRINGS = 8_000_000
MOST_REMEMBERED = 20_000
LONGEST_REMEMBERED = 80


class SharedStrings:
    """The shared texts by their numbers; one that a cell asks for is read, and what stands before it."""

    def __init__(self, archive: Archive) -> None:
        self._coming: Iterator[str] = _strings(archive) if archive.has(PART) else iter(())
        self._kept = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - lives as long as this
        finalize(self, self._kept.close)
        self._ends = array("Q", [0])
        self._known: dict[int, str] = {}

    def text(self, number: str) -> str:
        """A text; a number that there is none of refuses the file."""
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
        known = self._known.get(wanted)
        if known is not None:
            return known
        if wanted < 0 or not self._read_to(wanted):
            refuse_damaged(f"a cell names the shared text {number[:20]!r}, which there is not")
        start = self._ends[wanted]
        self._kept.seek(start)
        text = self._kept.read(self._ends[wanted + 1] - start).decode()
        if len(text) <= LONGEST_REMEMBERED:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[wanted] = text
        return text

    def _read_to(self, wanted: int) -> bool:
        ends = self._ends
        if len(ends) > wanted + 1:
            return True
        end = self._kept.seek(ends[-1])
        for text in self._coming:
            end += self._kept.write(text.encode())
            ends.append(end)
            if len(ends) > MOST_STRINGS:
                refuse_file("workbook_too_large", sentence("too_many_texts", most=MOST_STRINGS))
            if len(ends) > wanted + 1:
                return True
        return False


def _strings(archive: Archive) -> Generator[str]:
    return archive.read(PART, _StringReader())


class _StringReader(XmlReader[str]):
    """Texts of several pieces are joined; how to pronounce them is left out."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._length = 0
        self._aside = 0
        self._locals: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Text counts inside `t`, unless that tells the pronunciation."""
        super().start(name, attributes)
        match local(name):
            case "si":
                self._pieces, self._length = [], 0
            case "rPh":
                self._aside += 1
            case "t" if not self._aside:
                self.parser.CharacterDataHandler = self._take

    def end(self, name: str) -> None:
        """The end of a text."""
        super().end(name)
        match local(name):
            case "t":
                self.parser.CharacterDataHandler = None
            case "rPh":
                self._aside -= 1
            case "si":
                self.found.append("".join(self._pieces))

    def _take(self, text: str) -> None:
        # One beyond the longest is enough to refuse it where a cell shows it.
        if self._length <= LONGEST_CELL:
            self._pieces.append(text[: LONGEST_CELL + 1])
            self._length += len(text)
