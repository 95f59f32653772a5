"""Taking files in: from the network to the database, a megabyte at a time, all of them or none."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from monitr_pipelines.warehouse.queue.upload_content import CHUNK_BYTES
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.multipart import FormUnreadable, UploadForm

# What a form holds beside its files.
FORM_BYTES = 64 * 1024
# A browser that sends nothing for so long has gone.
IDLE_SECONDS = 60


class FileTooLarge(Exception):
    """The files are together larger than the limit; nothing of them was kept."""


class TooManyFiles(Exception):
    """There are more files than are taken at once; nothing of them was kept."""


class NoFile(Exception):
    """The form came without a file, or with empty ones only."""


@dataclass
class _Arriving:
    """One file on its way in: what of it is not stored yet, and the draft that holds the rest."""

    number: int
    upload_id: int
    size: int = 0
    chunks: int = 0
    held: bytearray = field(default_factory=bytearray)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, content: bytes) -> None:
        self.digest.update(content)
        self.size += len(content)
        self.held += content


@dataclass
class Intake:
    """The files of one form on their way in, `limit` bytes and `most` files at most.

    `admit` is asked, with the form's fields, before anything is stored. `uploads` are the drafts of the files
    that hold anything, in their order; empty ones are in none.
    """

    organisation_id: int
    entity_id: int
    limit: int
    most: int
    admit: Callable[[dict[str, str]], None]
    uploads: list[int] = field(default_factory=list)
    _size: int = 0
    _arriving: _Arriving | None = None

    async def take(self, body: AsyncIterator[bytes], form: UploadForm) -> list[int]:
        """Store the files of a form; the ids of their drafts. Nothing is left of them where that fails.

        Raises:
            FileTooLarge: As soon as more than the limit has come in.
            TooManyFiles: As soon as one file more than the most of them comes in.
            NoFile: The form holds none, or empty ones only.
            FormUnreadable: The body is not the form of the page, or ends before its end.
            TimeoutError: Nothing came for a minute.
        """
        try:
            await self._take(body, form)
        except BaseException:
            for upload_id in self.uploads:
                await asyncio.shield(run_in_threadpool(drafts.drop, self.organisation_id, upload_id))
            raise
        return self.uploads

    async def _take(self, body: AsyncIterator[bytes], form: UploadForm) -> None:
        received = 0
        while not form.ended:
            async with asyncio.timeout(IDLE_SECONDS):
                data = await anext(body, b"")
            if not data:
                break
            received += len(data)
            pieces = form.feed(data)
            self._size += sum(len(piece.content) for piece in pieces)
            if max(self._size, received - FORM_BYTES) > self.limit:
                raise FileTooLarge
            if len(form.file_names) > self.most:
                raise TooManyFiles
            for piece in pieces:
                await self._add(form, piece.file, piece.content)
        if not form.ended:
            raise FormUnreadable
        await self._end()
        if not self.uploads:
            raise NoFile

    async def _add(self, form: UploadForm, number: int, content: bytes) -> None:
        if not content:
            return
        if self._arriving is None or self._arriving.number != number:
            await self._end()
            self._arriving = await self._begin(form, number)
        self._arriving.add(content)
        while len(self._arriving.held) >= CHUNK_BYTES:
            await self._store(self._arriving, CHUNK_BYTES)

    async def _begin(self, form: UploadForm, number: int) -> _Arriving:
        self.admit(form.fields)
        upload_id = await run_in_threadpool(
            drafts.add, self.organisation_id, self.entity_id, form.file_names[number]
        )
        self.uploads.append(upload_id)
        return _Arriving(number, upload_id)

    async def _end(self) -> None:
        """All of a file came in."""
        file, self._arriving = self._arriving, None
        if file is None:
            return
        if file.held:
            await self._store(file, len(file.held))
        await run_in_threadpool(
            drafts.complete, self.organisation_id, file.upload_id, file.digest.hexdigest(), file.size
        )

    async def _store(self, file: _Arriving, size: int) -> None:
        content = bytes(file.held[:size])
        del file.held[:size]
        await run_in_threadpool(drafts.add_chunk, self.organisation_id, file.upload_id, file.chunks, content)
        file.chunks += 1
