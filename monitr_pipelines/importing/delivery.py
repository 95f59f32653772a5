"""A source as the loader takes it: the stream's `End` becomes the cursor that is committed with the lines."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Protocol

from monitr_pipelines.importing.progress import CountLines, counted
from monitr_pipelines.ledger.changes import Change, Cursor, Written
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.contract import Checkpoint, End, Item


class LocalSource(Protocol):
    """A source that answers from this machine: it is read while a transaction is open.

    `keys_by_content`, `appended`, `lists_are_whole` and `findings` are those of a Delivery.
    """

    def accounts(self) -> Iterable[Account]:
        """The accounts that it names."""

    def axes(self) -> Iterable[AxisValue]:
        """The values of axes that it names."""

    def transactions(self, cursor: Cursor | None) -> Iterator[Item | Written]:
        """What changed since a cursor, then one End; lines may be text already."""

    @property
    def keys_by_content(self) -> bool:
        """Whether rows are known by their content."""

    @property
    def appended(self) -> bool:
        """Whether rows are added to what is there."""

    @property
    def lists_are_whole(self) -> bool:
        """Whether it lists all accounts and axis values that there are."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was odd, complete once the stream has ended."""


class SourceDelivery:
    """What one source gives since a cursor; `count` hears of lines as they are read, `at_end` of its end."""

    def __init__(
        self,
        source: LocalSource,
        since: Cursor | None,
        count: CountLines,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        self._source = source
        self._since = since
        self._count = count
        self._at_end = at_end
        self._end: End | None = None

    @property
    def keys_by_content(self) -> bool:
        """Whether rows are known by their content."""
        return self._source.keys_by_content

    @property
    def appended(self) -> bool:
        """Whether rows are added to what is there."""
        return self._source.appended

    @property
    def lists_are_whole(self) -> bool:
        """Whether accounts and axes are all that there are."""
        return self._source.lists_are_whole

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts of the source."""
        return accounts_by_code(self._source.accounts())

    @cached_property
    def axes(self) -> AbstractSet[AxisValue]:
        """The axis values of the source."""
        return frozenset(self._source.axes())

    @property
    def findings(self) -> Sequence[Finding]:
        """What was odd about the source."""
        return self._source.findings

    @property
    def cursor(self) -> Cursor:
        """Where the next increment begins; OurFault where the stream gave no end."""
        if self._end is None:
            raise OurFault(code="stream_cut_off", detail="a source gave no end")
        return self._end.cursor

    def changes(self) -> Iterator[Change | Written]:
        """The changes, their lines streamed."""
        return counted(self._changes(), self._count)

    def _changes(self) -> Iterator[Change | Written]:
        for item in self._source.transactions(self._since):
            match item:
                case End():
                    self._end = item
                    if self._at_end:
                        self._at_end()
                case Checkpoint():
                    pass
                case _:
                    yield item


def accounts_by_code(accounts: Iterable[Account]) -> Mapping[str, Account]:
    """Accounts as a Delivery has them; of two with one code the last one counts."""
    return {account.code: account for account in accounts}
