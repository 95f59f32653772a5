"""Taking a file in: from the network to the database, a megabyte at a time, or not at all."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from monitr_pipelines.warehouse.queue.upload_content import CHUNK_BYTES
from monitr_pipelines.web.wizard import drafts
from monitr_pipelines.web.wizard.multipart import FormUnreadable, UploadForm

# What a form holds beside its file.
FORM_BYTES = 64 * 1024
# A browser that sends nothing for so long has gone.
IDLE_SECONDS = 60


class FileTooLarge(Exception):
    """The file is larger than the limit; nothing of it was kept."""


class NoFile(Exception):
    """The form came without a file, or with an empty one."""


@dataclass
class Intake:
    """One file on its way in. `admit` is asked, with the form's fields, before anything is stored."""

    organisation_id: int
    entity_id: int
    limit: int
    admit: Callable[[dict[str, str]], None]
    upload_id: int | None = None
    size: int = 0
    _chunks: int = 0
    _held: bytearray = field(default_factory=bytearray)

    async def take(self, body: AsyncIterator[bytes], form: UploadForm) -> int:
        """Store the file of a form; its draft's id. Whatever happens before the end, nothing is left.

        Raises:
            FileTooLarge: As soon as more than the limit has come in.
            NoFile: The form holds none, or an empty one.
            FormUnreadable: The body is not the form of the page, or ends before its end.
            TimeoutError: Nothing came for a minute.
        """
        try:
            upload_id = await self._take(body, form)
        except BaseException:
            if self.upload_id is not None:
                await asyncio.shield(run_in_threadpool(drafts.drop, self.organisation_id, self.upload_id))
            raise
        return upload_id

    async def _take(self, body: AsyncIterator[bytes], form: UploadForm) -> int:
        digest = hashlib.sha256()
        received = 0
        while not form.ended:
            async with asyncio.timeout(IDLE_SECONDS):
                data = await anext(body, b"")
            if not data:
                break
            received += len(data)
            for piece in form.feed(data):
                digest.update(piece)
                self.size += len(piece)
                self._held += piece
            if max(self.size, received - FORM_BYTES) > self.limit:
                raise FileTooLarge
            if self.upload_id is None and form.file_name is not None:
                await self._begin(form)
            while len(self._held) >= CHUNK_BYTES:
                await self._store(CHUNK_BYTES)
        if not form.ended:
            raise FormUnreadable
        if self.upload_id is None or not self.size:
            raise NoFile
        if self._held:
            await self._store(len(self._held))
        await run_in_threadpool(
            drafts.complete, self.organisation_id, self.upload_id, digest.hexdigest(), self.size
        )
        return self.upload_id

    async def _begin(self, form: UploadForm) -> None:
        self.admit(form.fields)
        self.upload_id = await run_in_threadpool(
            drafts.add, self.organisation_id, self.entity_id, form.file_name or ""
        )

    async def _store(self, size: int) -> None:
        content = bytes(self._held[:size])
        del self._held[:size]
        await run_in_threadpool(
            drafts.add_chunk, self.organisation_id, self.upload_id or 0, self._chunks, content
        )
        self._chunks += 1
