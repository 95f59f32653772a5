"""What can go wrong while an import goes on, and how it ends: in an error of its own, or in the books.

Each trouble strikes at a page of lines in the middle of a fetch. `ENDINGS` is what holds for every provider;
a software that words a refusal in its own way says so in its `Conformance`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from unittest.mock import patch

from conformance_kit import Case, Ending
from edits_kit import Edit
from emulated_kit import Emulated

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.faults import Fault, Where
from monitr_pipelines.emulators.frame.messages import Answer
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.http import Client
from monitr_pipelines.providers.retries import PATIENCE

# The third question for lines: a page in the middle.
MIDDLE = 3
ALWAYS = None
AT_ONCE = timedelta()
# Asks again after a moment; a drip and a silence are cut off after as long as an answer may take here.
HASTY = replace(PATIENCE, first_wait=timedelta(milliseconds=1), whole_answer=timedelta(seconds=2))


@dataclass(frozen=True)
class Trouble:
    """A fault, how many pages in a row have it, and what is done to the books before."""

    fault: Callable[[Emulated], Fault]
    times: int | None = 1
    before: Callable[[Emulated], object] = lambda _: None


def _status(status: int) -> Callable[[Emulated], Fault]:
    return lambda _: faults.refused(status)


def _too_many(form: str) -> Callable[[Emulated], Fault]:
    return lambda emulated: faults.too_many(form, emulated.server.clock, AT_ONCE)


def _rows_change(emulated: Emulated) -> Fault:
    kinds = [
        kind for kind in ("add", "delete", "redate", "amounts") if kind in emulated.case.conformance.edits
    ]
    return faults.meanwhile(lambda: emulated.apply([Edit(kind, 4, 8) for kind in kinds * 3]), "rows change")


def _late_commit(emulated: Emulated) -> Fault:
    return faults.meanwhile(emulated.settle, "late commit")


def _skewed(hours: int) -> Callable[[Emulated], Fault]:
    return lambda emulated: faults.skewed_date(emulated.server.clock, timedelta(hours=hours))


def _token_ends(emulated: Emulated) -> Fault:
    end = emulated.case.conformance.end_token
    assert end is not None, f"{emulated.case}: say how its credentials end"
    return faults.meanwhile(lambda: end(emulated.emulator), "token ends")


def _another_envelope(emulated: Emulated) -> Fault:
    """What holds the rows has another name; rows that nothing holds are put into something."""
    rename = faults.renamed(emulated.case.conformance.names[0], "other").change
    assert rename is not None

    def change(answer: Answer) -> Answer:
        renamed = rename(answer)
        held = renamed.body != answer.body
        return renamed if held else replace(answer, body=b'{"other":%b}' % answer.body)

    return Fault("another envelope", change=change)


def _another_amount(emulated: Emulated) -> Fault:
    return faults.renamed(emulated.case.conformance.names[1], "other")


TROUBLES: Mapping[str, Trouble] = {
    "401": Trouble(_status(401)),
    "401 for ever": Trouble(_status(401), ALWAYS),
    "403": Trouble(_status(403)),
    "404": Trouble(_status(404)),
    "409": Trouble(_status(409)),
    **{f"429 {form}": Trouble(_too_many(form)) for form in ("seconds", "date", "epoch", "missing")},
    "429 for ever": Trouble(_too_many("missing"), ALWAYS),
    **{f"{status}": Trouble(_status(status)) for status in (500, 502, 503, 504)},
    "500 for ever": Trouble(_status(500), ALWAYS),
    "503 for now": Trouble(lambda _: faults.down_for_now(AT_ONCE)),
    "HTML": Trouble(lambda _: faults.html_page()),
    "HTML for ever": Trouble(lambda _: faults.html_page(), ALWAYS),
    "empty": Trouble(lambda _: faults.empty_answer()),
    "empty for ever": Trouble(lambda _: faults.empty_answer(), ALWAYS),
    "truncated": Trouble(lambda _: faults.truncated()),
    "truncated for ever": Trouble(lambda _: faults.truncated(), ALWAYS),
    "cut": Trouble(lambda _: faults.cut()),
    "cut for ever": Trouble(lambda _: faults.cut(), ALWAYS),
    "dropped": Trouble(lambda _: faults.dropped()),
    "dropped for ever": Trouble(lambda _: faults.dropped(), ALWAYS),
    "dripped": Trouble(lambda _: faults.dripped()),
    "silent": Trouble(lambda _: faults.silent()),
    "repeated page": Trouble(lambda _: faults.repeated_page()),
    "looping cursor": Trouble(lambda _: faults.looping_cursor(), ALWAYS),
    "another envelope": Trouble(_another_envelope),
    "another name of the amount": Trouble(_another_amount),
    "clock ahead": Trouble(_skewed(1), ALWAYS),
    "clock behind": Trouble(_skewed(-5), ALWAYS),
    "rows change": Trouble(_rows_change),
    "late commit": Trouble(
        _late_commit,
        before=lambda emulated: emulated.apply([Edit("add late", which, 5) for which in range(6)]),
    ),
    "token ends": Trouble(_token_ends),
}

# None: it is asked again and succeeds.
ENDINGS: Mapping[str, Ending] = dict.fromkeys(TROUBLES) | {
    "401": ReconnectNeeded,
    "401 for ever": ReconnectNeeded,
    "403": ReconnectNeeded,
    "404": EntityGone,
    "409": OurFault,
    "429 for ever": ProviderDown,
    "500 for ever": ProviderDown,
    "HTML for ever": ProviderDown,
    "empty for ever": ProviderDown,
    "truncated for ever": ProviderDown,
    "cut for ever": ProviderDown,
    "dropped for ever": ProviderDown,
    "repeated page": InconsistentData,
    "looping cursor": InconsistentData,
    "another envelope": OurFault,
    "another name of the amount": OurFault,
    "token ends": ReconnectNeeded,
}

# What the one client of all connectors does by itself, whatever it asked for: tried on one fetch of each
# provider, and its forms by `test_providers_http`.
OF_THE_CLIENT = {
    *("409", "429 seconds", "429 date", "429 epoch", "429 for ever", "500", "502", "504", "503 for now"),
    *("401 for ever", "HTML for ever", "empty for ever", "truncated for ever", "cut for ever"),
    *("dropped", "dropped for ever", "dripped", "silent"),
}


# How a software words what it has to say: it does so in one way, whatever is fetched.
OF_ITS_WORDS = {"403", "429 missing", "503", "HTML", "empty", "cut"}


def troubles_of(case: Case, *, first: bool, full: bool) -> list[str]:
    """All, on the first fetch of a provider; on others what may end otherwise there."""
    elsewhere = set() if first else OF_THE_CLIENT | (OF_ITS_WORDS if full else set())
    return [name for name in TROUBLES if name not in elsewhere - case.conformance.faults.keys()]


def ending(case: Case, trouble: str, *, full: bool) -> Ending:
    """How an import ends that meets it; `full`: whether it is of the whole ledger."""
    known = {**ENDINGS, **case.conformance.faults}
    if not full and f"{trouble}, increment" in known:
        return known[f"{trouble}, increment"]
    return known.get(f"{trouble} on {case.variant}", known[trouble])


def strike(emulated: Emulated, name: str, *, full: bool) -> None:
    """Let a page in the middle of the next fetch have a fault; `full`: whether it is of the whole ledger."""
    trouble = TROUBLES[name]
    trouble.before(emulated)
    lines = asks_for_lines(emulated.case)
    nth = 1 if emulated.case.conformance.one_answer and not full else MIDDLE
    emulated.server.faults.inject(trouble.fault(emulated), lines, nth=nth, times=trouble.times)


def asks_for_lines(case: Case) -> Where:
    """Requests for lines, by their path or their body."""
    part = case.conformance.where
    return lambda request: part in request.path or part.encode() in request.body


@contextmanager
def hasty() -> Iterator[None]:
    """Connectors that wait for little, and for nothing between two tries, until the block ends."""
    defaults = Client.__init__.__defaults__
    assert defaults is not None
    found = tuple(HASTY if each is PATIENCE else each for each in defaults)
    with (
        patch.object(Client.__init__, "__defaults__", found),
        patch("monitr_pipelines.providers.retries.sleep"),
    ):
        yield
