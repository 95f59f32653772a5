"""A form with files as it comes in over the network: parsed piece by piece, never whole in memory."""

from typing import NamedTuple

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

LONGEST_FIELD = 4096
MOST_FIELDS = 20
LONGEST_NAME = 200


class FormUnreadable(Exception):
    """The body is not a form as a browser sends it."""


class Piece(NamedTuple):
    """Some bytes of a file: the number of it in `UploadForm.file_names`, from 0."""

    file: int
    content: bytes


class UploadForm:
    """The fields of a form and the files in it; a name is in `file_names` once the part of its file begins.

    `feed` takes the body as it comes and answers with what it holds of the files, one after another.
    """

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise FormUnreadable
        self.fields: dict[str, str] = {}
        self.file_names: list[str] = []
        self.ended = False
        self._pieces: list[Piece] = []
        self._value = bytearray()
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._name = ""
        self._in_file = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._header_ends,
                    "on_part_data": self._part_continues,
                    "on_part_end": self._part_ends,
                    "on_end": self._ends,
                },
            )
        except FormParserError:
            raise FormUnreadable from None

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next bytes of the body; raises FormUnreadable where they are no form."""
        self._pieces = []
        try:
            self._parser.write(data)
        except FormParserError:
            raise FormUnreadable from None
        return self._pieces

    def _part_begins(self) -> None:
        self._name, self._in_file = "", False
        self._value = bytearray()
        self._header = (bytearray(), bytearray())

    def _header_ends(self) -> None:
        name, value = self._header
        self._header = (bytearray(), bytearray())
        if bytes(name).lower() != b"content-disposition":
            return
        _, options = parse_options_header(bytes(value))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self._in_file = True
            self.file_names.append(_plain_name(options[b"filename"]))

    def _part_continues(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(Piece(len(self.file_names) - 1, data[start:end]))
            return
        self._value += data[start:end]
        if len(self._value) > LONGEST_FIELD:
            raise FormUnreadable

    def _part_ends(self) -> None:
        if not self._in_file:
            self.fields[self._name] = self._value.decode("utf-8", "replace")
            if len(self.fields) > MOST_FIELDS:
                raise FormUnreadable

    def _ends(self) -> None:
        self.ended = True


def _plain_name(name: bytes) -> str:
    """The name without the folders that some browsers send, and fit to be stored and shown."""
    last = name.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    return "".join(mark for mark in last if mark.isprintable())[:LONGEST_NAME].strip()
