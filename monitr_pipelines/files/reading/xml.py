"""XML as a stream that nobody trusts: no document types, no entities, and no more held than is asked for.

A parser that builds a tree holds what the file says it has; this one hands on what its reader keeps, a
chunk at a time, and refuses a single tag, comment or text that would have to be held whole and is huge.
"""

from collections.abc import Callable, Generator
from typing import Generic, NoReturn, Protocol, TypeVar
from xml.parsers import expat

from monitr_pipelines.files.reading.problems import refuse_file
from monitr_pipelines.ledger.sentences import sentence

CHUNK = 4_096
LONGEST_TAG = 1_000_000
DEEPEST = 100
NAMESPACE_END = " "
OUT_OF_MEMORY, UNKNOWN_ENCODING = 1, 18

Found = TypeVar("Found")
Refuse = Callable[[str, int], NoReturn]


class Readable(Protocol):
    """Bytes that are read from their start."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""


class XmlReader(Generic[Found]):
    """What one document says, element by element; what is put into `found` is handed on after each chunk.

    Names are `namespace name`. A subclass counts `depth` in its `start` and `end`, or calls these.
    `encoding` is that of the bytes, None where the document is believed.
    """

    def __init__(self, encoding: str | None = None) -> None:
        self.found: list[Found] = []
        self.depth = 0
        self.parser = expat.ParserCreate(encoding, namespace_separator=NAMESPACE_END)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = refuse_doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - for subclasses
        """The start of an element."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse_depth()

    def end(self, name: str) -> None:  # noqa: ARG002 - for subclasses
        """The end of an element."""
        self.depth -= 1

    def refuse_depth(self) -> NoReturn:
        """End the reading: a parser holds every element that is open."""
        raise TooMuchXml(f"its elements are nested more than {DEEPEST} deep")

    @property
    def line(self) -> int:
        """The line that is being read, from 1 on."""
        return self.parser.CurrentLineNumber


class TooMuchXml(Exception):
    """Well-formed so far, and beyond what any ledger holds."""


def local(name: str) -> str:
    """The name of an element without its namespace."""
    return name.rpartition(NAMESPACE_END)[2]


def read_xml(stream: Readable, reader: XmlReader[Found], refuse: Refuse) -> Generator[Found]:
    """What the reader keeps of a document; `refuse` is called for faulty XML, with a reason and the line."""
    parser = reader.parser
    fed = 0
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003 - positional only
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                refuse(f"a tag or a comment is longer than {LONGEST_TAG:,} bytes", reader.line)
            yield from reader.found
            reader.found.clear()
        parser.Parse(b"", True)  # noqa: FBT003 - positional only
    except expat.ExpatError as error:
        if error.code == OUT_OF_MEMORY:
            raise MemoryError from None
        refuse(f"position {error.offset} of the line: {expat.ErrorString(error.code)}", error.lineno)
    except TooMuchXml as error:
        refuse(str(error), reader.line)
    except (LookupError, ValueError) as error:
        # Python does not know the encoding, or it has several bytes a character.
        if parser.ErrorCode != UNKNOWN_ENCODING:
            raise
        refuse(str(error), reader.line)
    yield from reader.found


def refuse_doctype(*_: object) -> NoReturn:
    """Refuse a file with a document type: none of our formats has one, and it can hold entities."""
    refuse_file(
        "xml_forbidden",
        sentence("xml_forbidden"),
        line=1,
    )
