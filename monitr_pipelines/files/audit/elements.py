"""The elements of an audit file that its readers ask for, each with the texts of its children."""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Generic, NoReturn, TypeVar

from monitr_pipelines.files.audit.characters import MARK
from monitr_pipelines.files.reading.controls import BLANK, Controls
from monitr_pipelines.files.reading.problems import Problems, refuse_file
from monitr_pipelines.files.reading.xml import NAMESPACE_END, TooMuchXml, XmlReader, local
from monitr_pipelines.ledger.sentences import sentence

PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]*)", re.IGNORECASE)
ROOT = re.compile(r"<([^\s<>/!?]+)")
# What is held at a time: the texts of the elements that are open, of which a heading has a few.
LONGEST_HELD = 2_000_000
MOST_NAMES = 1_000

Found = TypeVar("Found")


class Element:
    """An element: `texts` are those of its children so far, by their names without a namespace."""

    __slots__ = ("held", "line", "parent", "texts")

    def __init__(self, parent: "Element | None", line: int | None) -> None:
        self.parent = parent
        self.line = line
        self.texts: dict[str, str] = {}
        self.held = 0


class Labels:
    """What becomes of control characters: blanks in labels, faults in the texts that are `read` as codes."""

    def __init__(self, labels: AbstractSet[str], read: AbstractSet[str], problems: Problems) -> None:
        self._labels = labels
        self._read = read
        self._problems = problems
        self._controls = Controls()

    def clean(self, name: str, text: str, line: int) -> str:
        """A text that has marks, without them."""
        if name in self._labels:
            self._controls.add(line, text.count(MARK))
        elif name in self._read:
            told = sentence("control_character", what="a control character")
            self._problems.add("control_character", told, line=line, column=name)
        return text.replace(MARK, BLANK)

    def tell(self) -> None:
        """Say how many labels had them."""
        self._controls.tell(self._problems)


class Elements(XmlReader[Found], Generic[Found]):
    """Calls what is asked for: `at_root` with the root's name, `at_end` with elements that have ended.

    What `at_end` answers other than None is found. `namespace` is that of the document, empty for none;
    `encoding` that of its bytes, None where it is believed.
    """

    def __init__(
        self,
        at_end: Mapping[str, Callable[[Element], Found | None]],
        at_root: Callable[[str], None] = lambda _: None,
        *,
        namespace: str,
        encoding: str | None = None,
        labels: Labels | None = None,
    ) -> None:
        super().__init__(encoding)
        before = f"{namespace}{NAMESPACE_END}" if namespace else ""
        self._at_end = {f"{before}{name}": handle for name, handle in at_end.items()}
        self._labels = labels
        self._at_root = at_root
        self._open: Element | None = None
        self._text: list[str] = []
        self._text_length = 0
        self._is_leaf = False
        self._held = 0
        self._locals: dict[str, str] = {}
        self.parser.CharacterDataHandler = self._take_text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens: text before its first child is its own."""
        super().start(name, attributes)
        if self._open is None:
            self._at_root(name)
        line = self.parser.CurrentLineNumber if name in self._at_end else None
        self._open = Element(self._open, line)
        self._begin_text(is_leaf=True)

    def end(self, name: str) -> None:
        """An element has ended: its text is told to its parent, itself to whom it is asked by."""
        super().end(name)
        element = self._open
        if element is None:
            return
        if element.parent is not None:
            self._tell(element.parent, name, "".join(self._text).strip() if self._is_leaf else "")
        self._begin_text(is_leaf=False)
        self._held -= element.held
        self._open = element.parent
        handle = self._at_end.get(name)
        if handle is not None and (answer := handle(element)) is not None:
            self.found.append(answer)

    def _tell(self, parent: Element, name: str, text: str) -> None:
        plain = self._locals.get(name)
        if plain is None:
            plain = local(name)
            if len(self._locals) < MOST_NAMES:
                self._locals[name] = plain
        if MARK in text:
            text = self._labels.clean(plain, text, self.line) if self._labels else text.replace(MARK, BLANK)
        texts = parent.texts
        if plain not in texts and len(texts) >= MOST_NAMES:
            raise TooMuchXml(f"an element has more than {MOST_NAMES:,} children of different names")
        more = len(text) - len(texts.get(plain, ""))
        texts[plain] = text
        parent.held += more
        self._held += more

    def _begin_text(self, *, is_leaf: bool) -> None:
        self._text.clear()
        self._text_length = 0
        self._is_leaf = is_leaf

    def _take_text(self, text: str) -> None:
        self._text.append(text)
        self._text_length += len(text)
        if self._text_length + self._held > LONGEST_HELD:
            raise TooMuchXml(f"a text, or the texts of a line, are longer than {LONGEST_HELD:,} characters")


def root_name(start: str) -> tuple[str, bool]:
    """The name of the root element (or of the document type), and whether there is a document type."""
    prolog = PROLOG.match(start)
    rest = start[prolog.end() if prolog else 0 :]
    doctype = DOCTYPE.match(rest)
    if doctype:
        return doctype.group(1).rpartition(":")[2], True
    root = ROOT.match(rest)
    return (root.group(1).rpartition(":")[2] if root else ""), False


def refuse_faulty(why: str, line: int) -> NoReturn:
    """Refuse an audit file that is no XML."""
    refuse_file("xml_not_well_formed", sentence("xml_not_well_formed", why=why), line=max(line, 1))
