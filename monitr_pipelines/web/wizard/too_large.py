"""The answer to a file that is too large, given while the browser is still sending it."""

import asyncio
from contextlib import suppress

from fastapi import Response
from starlette.types import Receive, Scope, Send

DRAIN_SECONDS = 20


class AnswerEarly(Response):
    """A page that is sent at once; what the browser still sends is thrown away for a while.

    A connection that is closed on a browser that sends shows it a broken connection, not the page.
    """

    def __init__(self, page: Response) -> None:
        super().__init__(bytes(page.body), page.status_code, dict(page.headers))
        self.headers["connection"] = "close"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send the page, then read on until the body ends."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while (await receive()).get("more_body"):
                    pass
        await send({"type": "http.response.body", "body": b""})
