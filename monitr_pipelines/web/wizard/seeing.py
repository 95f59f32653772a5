"""Files as their import would read them: one on its page, or several within the time of one page."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
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
# Of what was looked at, so many totals and lines stay in memory: about eighty megabytes.
MOST_KEPT = 200_000


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

    def keep(self, key: tuple[int, str], seen: Preview) -> None:
        """Remember it, in the place of others where there is too much."""
        totals = seen.totals
        lines = sum(map(len, (*totals.turns.values(), *totals.named.values())))
        weight = 100 + len(totals.cells) + len(totals.unbalanced) + len(seen.told) + lines
        if seen.later or weight > self._most:
            return
        with self._lock:
            self._seen[key] = (weight, seen)
            while sum(each for each, _ in self._seen.values()) > self._most:
                self._seen.popitem(last=False)


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
        raise HTTPException(404) from None


def look_at_all(visits: Iterable[FileVisit]) -> list[Preview]:
    """The same of several files, one at least; what a page has no time for is to be looked at later."""
    until = None
    found: list[Preview] = []
    for visit in visits:
        key = (visit.file.id, repr(settings_of(visit)))
        seen = KEPT.find(key)
        if seen is None:
            in_time = until is None or monotonic() < until
            until = until or monotonic() + MOST_SECONDS
            seen = look_at(visit) if in_time else Preview(problem=FilesBusy(Message("files_busy")))
            KEPT.keep(key, seen)
        found.append(seen)
    return found


def accepted(visit: FileVisit, form: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, Any]:
    """What was accepted of a file: with a button before, or with the field that its refusal offers."""
    offered = allowance(visit.file.error_code)
    ticked = {offered: True} if offered and form.get(offered) else {}
    return {**visit.file.settings, **ticked}
