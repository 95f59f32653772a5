"""What can go wrong between an emulator and a client, on demand and always in the same way."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from enum import Enum, auto

from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.shared.clock import Clock

Where = Callable[[Request], bool]


class Wire(Enum):
    """How the bytes of an answer leave the server."""

    WHOLE = auto()
    CUT = auto()  # the length of the whole is announced, half is sent, the connection ends
    DROPPED = auto()  # the connection ends without a byte
    DRIPPED = auto()  # a byte at a time, for as long as the client stays
    SILENT = auto()  # nothing, until the server is closed or the client leaves


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Args:
        name: As the log of requests tells it.
        status: The emulator's own refusal of this status stands in place of its answer.
        before: Happens before the request is answered: a row changes, a token ends.
        change: Makes another answer of the one that was due.
        wire: How the bytes leave.
        again: `"last"` gives the answer before this one of the same subject once more, `"first"` its first
            answer: a page that comes twice, a cursor that leads back.
        executed: Whether the emulator did what was asked before it failed.
    """

    name: str
    status: int | None = None
    before: Callable[[], object] | None = None
    change: Callable[[Answer], Answer] | None = None
    wire: Wire = Wire.WHOLE
    again: str = ""
    executed: bool = True


def refused(status: int) -> Fault:
    """401, 403, 404, 409 or 5xx, as the software words it; what was asked is not done."""
    return Fault(str(status), status=status, executed=False)


def too_many(form: str, clock: Clock, wait: timedelta = timedelta(seconds=2)) -> Fault:
    """429 that says when to come back: in `seconds`, as a `date` or an `epoch`, or not at all (`missing`)."""
    later = clock.now() + wait
    told = {
        "seconds": str(wait // timedelta(seconds=1)),
        "date": format_datetime(later.replace(microsecond=0), usegmt=True),
        "epoch": str(int(later.timestamp())),
        "missing": None,
    }[form]

    def tell(answer: Answer) -> Answer:
        headers = {name: text for name, text in answer.headers.items() if name.lower() != "retry-after"}
        return replace(answer, headers=headers if told is None else headers | {"Retry-After": told})

    return Fault(f"429 {form}", status=429, change=tell, executed=False)


def down_for_now(wait: timedelta = timedelta(seconds=1)) -> Fault:
    """503 that says when to come back: the server that answers so did not look at what was asked."""
    told = {"Retry-After": str(wait // timedelta(seconds=1))}

    def tell(answer: Answer) -> Answer:
        return replace(answer, headers={**answer.headers, **told})

    return Fault("503 for now", status=503, change=tell, executed=False)


def renamed(name: str, other: str) -> Fault:
    """An answer in which everything of one name has another: an envelope, or a field of all rows.

    Names are keys of JSON, elements of XML without prefix and attributes, or values of attributes.
    """
    forms = ('"{}":', "<{}>", "</{}>", '="{}"')

    def change(answer: Answer) -> Answer:
        body = answer.body
        for form in forms:
            body = body.replace(form.format(name).encode(), form.format(other).encode())
        return replace(answer, body=body)

    return Fault(f"{name} as {other}", change=change)


def html_page() -> Fault:
    """Status 200 and a page for people, as proxies and sign-in pages answer."""
    page = Answer.text("<!DOCTYPE html><html><body><h1>Maintenance</h1></body></html>", HTML)
    return Fault("html", change=lambda _: page, executed=False)


def empty_answer() -> Fault:
    """Status 200 and no body at all."""
    return Fault("empty", change=lambda answer: replace(answer, body=b""), executed=False)


def truncated() -> Fault:
    """Half of the document as if it were the whole, the connection in good order."""
    return Fault(
        "truncated", change=lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2])
    )


def cut() -> Fault:
    """Half of the bytes that were announced, then the connection ends."""
    return Fault("cut", wire=Wire.CUT)


def dropped(*, executed: bool = True) -> Fault:
    """The connection ends without an answer, after or before what was asked is done."""
    return Fault("dropped", wire=Wire.DROPPED, executed=executed)


def dripped() -> Fault:
    """A byte at a time."""
    return Fault("dripped", wire=Wire.DRIPPED)


def silent() -> Fault:
    """No answer, and no end of the connection either."""
    return Fault("silent", wire=Wire.SILENT, executed=False)


def repeated_page() -> Fault:
    """The page before this one once more."""
    return Fault("repeated", again="last")


def looping_cursor() -> Fault:
    """The first page: with its cursor paging begins anew."""
    return Fault("looping", again="first")


def skewed_date(clock: Clock, by: timedelta) -> Fault:
    """A `Date` header that is wrong by so much; `Clock.skew` puts the whole server wrong."""

    def wrong(answer: Answer) -> Answer:
        date = format_datetime((clock.now() + by).replace(microsecond=0), usegmt=True)
        return replace(answer, headers={**answer.headers, "Date": date})

    return Fault("skewed", change=wrong)


def meanwhile(action: Callable[[], object], name: str = "meanwhile") -> Fault:
    """Something happens just before the answer: a row shifts a page, a token ends between two pages."""
    return Fault(name, before=action)


def anywhere(_: Request) -> bool:
    """Every request."""
    return True


def on_path(part: str) -> Where:
    """Requests whose path has a part in it."""
    return lambda request: part in request.path


@dataclass
class _Injected:
    fault: Fault
    where: Where
    skip: int
    left: int | None


class Faults:
    """The faults of a server, by the order in which requests that match arrive."""

    def __init__(self) -> None:
        self._injected: list[_Injected] = []
        self._lock = threading.Lock()

    def inject(self, fault: Fault, where: Where = anywhere, *, nth: int = 1, times: int | None = 1) -> None:
        """Let a fault happen to the nth request from now on that matches, and to those after it.

        Args:
            fault: What goes wrong.
            where: Which requests count.
            nth: 1 for the next one that counts.
            times: How many in a row have it; None for all.
        """
        with self._lock:
            self._injected.append(_Injected(fault, where, nth - 1, times))

    def clear(self) -> None:
        """No fault any more."""
        with self._lock:
            self._injected.clear()

    def due(self, request: Request) -> Fault | None:
        """The fault of a request: the first injected one that is due; each counts the requests it sees."""
        with self._lock:
            due: Fault | None = None
            for each in self._injected:
                if not each.where(request):
                    continue
                if each.skip:
                    each.skip -= 1
                elif due is None and each.left != 0:
                    due = each.fault
                    each.left = None if each.left is None else each.left - 1
            return due
