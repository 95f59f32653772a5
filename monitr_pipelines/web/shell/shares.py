"""Each organisation's share of this process: so many requests at once, and the others in line behind them.

Who stands in line holds no thread and no connection, so that no organisation keeps another from its answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from monitr_pipelines.warehouse.server.tenancy import OrganisationBusy
from monitr_pipelines.web.shell.visitor import Visitor, signed_in

# Of the ten connections of the pool (`tenancy.py`); uploads and what a page asks for beside it have the rest.
AT_ONCE = 5
LONGEST_LINE = 200
PATIENCE_SECONDS = 15


@dataclass
class _Share:
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    users: int = 0


class Shares:
    """The shares of all organisations that ask for something now."""

    def __init__(self) -> None:
        self._shares: dict[int, _Share] = {}

    @asynccontextmanager
    async def place(self, organisation_id: int) -> AsyncIterator[None]:
        """One of the organisation's places, in turn; OrganisationBusy where the line is too long or slow."""
        share = self._shares.setdefault(organisation_id, _Share())
        if share.users >= AT_ONCE + LONGEST_LINE:
            raise OrganisationBusy
        share.users += 1
        try:
            await _in_turn(share)
            try:
                yield
            finally:
                share.free.release()
        finally:
            share.users -= 1
            if not share.users:
                del self._shares[organisation_id]


async def _in_turn(share: _Share) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await share.free.acquire()
    except TimeoutError:
        raise OrganisationBusy from None


async def served(request: Request, visitor: Annotated[Visitor, Depends(signed_in)]) -> AsyncIterator[Visitor]:
    """The visitor of a request, once it has a place; `scope="function"`, to leave it with the answer."""
    shares: Shares = request.app.state.shares
    async with shares.place(visitor.organisation_id):
        yield visitor
