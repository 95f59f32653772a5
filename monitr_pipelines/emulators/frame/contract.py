"""What a folder below `emulators/` offers: a `KIND`, which makes an emulator of some books."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.invented import Size


class Shown(NamedTuple):
    """A company as the emulated software lists it: `id` is the administration id of a connection."""

    id: str
    name: str


class Emulator(Protocol):
    """One accounting software over the shared books; it answers from many threads at once."""

    def settings(self, address: str) -> Mapping[str, str]:
        """What `monitr connection add --set` needs to reach it at an address, by field."""

    def administrations(self) -> Sequence[Shown]:
        """The companies that those settings can see."""

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""

    def subject(self, request: Request) -> str:
        """What is asked for, whichever page of it: a page is repeated among requests for the same."""

    def refusal(self, status: int) -> Answer:
        """How this software words a status that a fault asks for (401, 403, 404, 409, 429, 5xx)."""


@dataclass(frozen=True)
class Kind:
    """An accounting software that can be emulated.

    Args:
        name: That of its folder, and of its connector.
        build: Makes the emulator of books, with options by name; ValueError for a value that there is not.
        options: What can be chosen, by name, with what it means; all may be left out.
        size: What books it can show, such as lines that one axis divides.
        application: Who we are to it, id and secret, where people sign in on its own page.
        without_limits: Options with which nobody uses up the calls that are allowed: a first import may need
            so many that it waits for minutes.
    """

    name: str
    build: Callable[[SharedBooks, Mapping[str, str]], Emulator]
    options: Mapping[str, str] = field(default_factory=dict)
    size: Size = Size()  # noqa: RUF009 - frozen
    application: tuple[str, str] | None = None
    without_limits: Mapping[str, str] = field(default_factory=dict)
