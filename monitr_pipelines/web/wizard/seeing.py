"""Files as their import would read them: one on its page, or several within the time of one page."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from threading import Lock
from time import monotonic
from types import MappingProxyType
from typing import Any

from fastapi import HTTPException

from monitr_pipelines.files import ReadSettings
from monitr_pipelines.importing.look import FilesBusy, look
from monitr_pipelines.importing.preview import Preview
from monitr_pipelines.importing.reading import chosen, read_settings
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.drafts import DraftGone
from monitr_pipelines.web.wizard.visits import FileVisit
from monitr_pipelines.web.wizard.wording import allowance

MOST_SECONDS = 20
# Of what was looked at, so many totals and lines stay in memory: about eighty megabytes. The files of the
# latest page stay whatever they are, or a page that has no time for all of them would never be whole.
MOST_KEPT = 200_000


class FileGone(HTTPException):
    """A file was thrown away since its page began."""


class Kept:
    """What was seen of files that are looked at together, the latest: a page reads anew what changed."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = Lock()
        self._seen: OrderedDict[tuple[int, str], tuple[int, Preview]] = OrderedDict()

    def find(self, key: tuple[int, str]) -> Preview | None:
        """What was seen of a file read in this way."""
        with self._lock:
            if key not in self._seen:
                return None
            self._seen.move_to_end(key)
            return self._seen[key][1]

    def keep(self, key: tuple[int, str], seen: Preview, beside: Collection[tuple[int, str]] = ()) -> None:
        """Remember it, in the place of others where there is too much; those `beside` it stay."""
        totals = seen.totals
        lines = sum(map(len, (*totals.turns.values(), *totals.named.values())))
        weight = 100 + len(totals.cells) + len(totals.unbalanced) + len(seen.told) + lines
        if seen.later:
            return
        with self._lock:
            self._seen[key] = (weight, seen)
            total = sum(each for each, _ in self._seen.values())
            for other in [each for each in self._seen if each != key and each not in beside]:
                if total <= self._most:
                    return
                total -= self._seen.pop(other)[0]


KEPT = Kept()


def settings_of(visit: FileVisit) -> ReadSettings:
    """How the file is read, by what was said of it so far."""
    file = visit.file
    said = chosen(visit.entity, file.settings)
    return read_settings(visit.entity.calendar, said, mode=file.mode, content_hash=file.content_hash)


def look_at(visit: FileVisit) -> Preview:
    """What the page of a file shows; 404 where it was thrown away meanwhile."""
    try:
        with drafts.content(visit.visitor.organisation_id, visit.file) as stream:
            return look(stream, settings_of(visit))
    except DraftGone:
        raise FileGone(404) from None


def look_at_all(visits: Iterable[FileVisit]) -> list[Preview]:
    """The same of several files, one at least; what a page has no time for is to be looked at later."""
    until = None
    found: list[Preview] = []
    keyed = {(visit.file.id, repr(settings_of(visit))): visit for visit in visits}
    for key, visit in keyed.items():
        seen = KEPT.find(key)
        if seen is None:
            in_time = until is None or monotonic() < until
            until = until or monotonic() + MOST_SECONDS
            seen = look_at(visit) if in_time else Preview(problem=FilesBusy(Message("files_busy")))
            KEPT.keep(key, seen, keyed)
        found.append(seen)
    return found


def accepted(visit: FileVisit, form: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, Any]:
    """What was accepted of a file: with a button before, or with the field that its refusal offers."""
    offered = allowance(visit.file.error_code)
    ticked = {offered: True} if offered and form.get(offered) else {}
    return {**visit.file.settings, **ticked}
