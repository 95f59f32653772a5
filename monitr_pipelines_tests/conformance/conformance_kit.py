"""Which providers the suite is run over, and what of each cannot be asked of all in the same way.

Every folder below `providers/` that holds a `PROVIDER` is tried on the emulator of its name. What is its own
stands in `monitr_pipelines_tests/providers/NAME/conformance.py`, as a `Conformance` called `CONFORMANCE`.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from edits_kit import KINDS, Edit

from monitr_pipelines import providers
from monitr_pipelines.emulators.frame.messages import Request
from monitr_pipelines.ledger.changes import Cursor
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.providers.contract import Application, Credentials, Provider

TESTS = Path(__file__).parents[1]
# How an import ends that meets a fault: in an error, or, None, in the books.
Ending = type[ImportProblem] | None


class Software(Protocol):
    """An accounting software that runs, with books of its own."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What a new connection needs to reach it."""

    @property
    def administration(self) -> str:
        """The one that is imported."""

    def apply(self, edits: Sequence[Edit]) -> None:
        """Let people work on the books."""

    def settle(self) -> None:
        """Let whatever they began be committed."""

    def pass_time(self, how: int) -> None:
        """Let some time go by: how much follows from the number."""

    def requests(self) -> int:
        """How often it was asked so far."""

    def rows(self) -> "Rows":
        """What there is to read of the administration."""


class Rows(NamedTuple):
    """What there is to read of an administration: `values` by axis, in the order of the books' axes."""

    lines: int
    accounts: int
    values: tuple[int, ...]
    entries: int = 0


@dataclass(frozen=True)
class Requests:
    """How many requests an import needs, from what there is to read and the rows of a page.

    Args:
        full: For everything.
        sign_in: What comes before, by variant.
        unchanged: For books in which nothing changed and nothing is still to be settled. None where time
            cannot be made to pass.
        changed: For an entry more in a month of its own.
    """

    full: Callable[[Rows, int], int]
    sign_in: Mapping[str, int]
    unchanged: Callable[[Rows, int], int] | None = None
    changed: Callable[[Rows, int], int] | None = None


@dataclass(frozen=True)
class Conformance:
    """What of a provider cannot be asked of all in the same way.

    Args:
        running: Starts the software itself where there is no emulator of it, in a folder; it is kept for
            all tests, and its books are what the tests before left.
        application: As which we are registered with its maker.
        variants: Options of the emulator by name; all tests that take little are run over each.
        edits: Kinds of edits that the software allows.
        without: The other kinds, with the reason.
        read_anew: Kinds of edits after which everything is read anew, besides what disturbs every software.
        page: Names of what holds the number of rows of a page, in the connector and the emulator.
        lines_a_row: How many lines a row of a page has, about: pages of entries are as long as others.
        far_future: A cursor that lies behind all that will ever be written, made of one that is real.
        forgotten: Whether the software is to be asked for everything then.
        clocks: What of a cursor is the time at which it was made.
        faults: Endings of faults that differ from those of `faults_kit`; on one variant as `404 on 19`, of
            increments alone as `404, increment`.
        where: Part of the path or body of requests for lines.
        one_answer: Whether an increment is one answer, however much changed: faults strike at that then.
        names: Of the envelope of an answer, and of the amount of a line.
        end_token: Lets credentials end that were given out, by the emulator.
        tokens: Part of the path of where they are renewed.
        renewable: How old they are when they may be renewed; they live a little longer.
        question: What a request asks, whoever asks; empty where it asks about who asks.
        value_of: Whatever stands in a row at a name of a dataset.
        unseen: Fields of datasets that are empty in these books, with the reason.
        bare: Fields of ledger lines that the software does not have, with the reason.
        requests: How many of them an import needs.
        calls: The option of the emulator that says how many calls are allowed.
    """

    running: Callable[[Path], AbstractContextManager[Software]] | None = None
    application: Application | None = None
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {"": {}})
    edits: Sequence[str] = KINDS
    without: Mapping[str, str] = field(default_factory=dict)
    read_anew: Sequence[str] = ()
    page: Sequence[str] = ()
    lines_a_row: int = 1
    far_future: Callable[[Cursor], Cursor] = dict
    forgotten: bool = False
    clocks: Sequence[str] = ()
    faults: Mapping[str, Ending] = field(default_factory=dict)
    where: str = ""
    one_answer: bool = False
    names: tuple[str, str] = ("", "")
    end_token: Callable[[Any], object] | None = None
    tokens: str = "oauth2/token"
    renewable: timedelta = timedelta(seconds=575)
    question: Callable[[Request], str] = attrgetter("target")
    value_of: Callable[[Mapping[str, Any], str], Any] = lambda row, name: row.get(name)
    unseen: Mapping[str, str] = field(default_factory=dict)
    bare: Mapping[str, str] = field(default_factory=dict)
    requests: Requests | None = None
    calls: str = "calls_a_day"


@dataclass(frozen=True)
class Case:
    """A provider on one variant of its emulator, or on a server of its maker's."""

    name: str
    variant: str
    conformance: Conformance

    def __str__(self) -> str:
        return f"{self.name} {self.variant}".strip()

    @property
    def provider(self) -> Provider:
        return providers.find(self.name)

    @property
    def emulated(self) -> bool:
        return self.conformance.running is None


def cases() -> list[Case]:
    """Every provider on every variant."""
    return [
        Case(name, variant, found)
        for name in providers.connectors()
        for found in [conformance_of(name)]
        for variant in found.variants
    ]


def conformance_of(name: str) -> Conformance:
    """What is a provider's own; whatever is generic where it says nothing."""
    folder = TESTS / "providers" / name
    file = folder / "conformance.py"
    if not file.is_file():
        return Conformance()
    with _importable(folder.parent, folder):
        module = f"conformance_of_{name}"
        specification = importlib.util.spec_from_file_location(module, file)
        assert specification is not None
        assert specification.loader is not None
        found = importlib.util.module_from_spec(specification)
        sys.modules[module] = found
        specification.loader.exec_module(found)
        assert isinstance(found.CONFORMANCE, Conformance)
        return found.CONFORMANCE


@contextmanager
def _importable(*folders: Path) -> Iterator[None]:
    """Kits of the provider's own tests, as pytest finds them there."""
    before = list(sys.path)
    sys.path[:0] = [str(TESTS), *map(str, folders)]
    try:
        yield
    finally:
        sys.path[:] = before


def credentials(software: Software) -> Credentials:
    """What a new connection is opened with."""
    return Credentials(software.settings)
