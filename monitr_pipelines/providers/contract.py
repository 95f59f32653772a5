"""What an accounting software answers, so that its books can be imported.

A connector is one folder below `providers/`; its `__init__.py` holds a `PROVIDER`, and being there is
being registered. It knows neither the database nor Dagster: it asks the software, and answers in the
words of `ledger`. What it may need of the rest of the system reaches it through `Ports`.

How an import goes, so that an author knows when each question is asked:

1. `connect` makes a source for one administration; it may sign in.
2. `transactions(cursor)` is read to its `End`, page by page, into a spool on disk. No transaction is
   open meanwhile, so that the software may take as long as it needs.
3. `accounts()` and `axes()` are asked, so that they name whatever the lines use, and `trial_balance(at)`,
   where the software has one.
4. `close()`.
5. Everything is committed together with the cursor of the `End`, in one transaction, or not at all; there
   the books are compared with the trial balance, account by account.

Errors say who must act; each is defined in `lifecycle.errors` and carries a code of its one table:
`ReconnectNeeded` (credentials no longer work: the customer), `EntityGone` (the administration is not
there for these credentials: the customer), `ProviderDown` (no answer, a time-out, 429, 5xx: nobody,
until `retry_at`), `InconsistentData` (an answer that contradicts itself: never guessed around),
`CursorExpired` (see `transactions`), `OurFault` (a defect of the connector). Anything else that is raised
counts as `OurFault`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol, TypeAlias

from monitr_pipelines.ledger.changes import Change, Cursor
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.ledger.tie_out import TrialBalance


class Credentials(Mapping[str, str]):
    """What opens a connection, by the names of the provider's `fields`; its values are never shown."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self._values))})"


@dataclass(frozen=True)
class CredentialField:
    """One thing that a person gives to connect.

    Args:
        name: As the connector looks it up in its credentials, such as `api_key`.
        title: What a person is asked for, in English.
        secret: Whether it is hidden while it is typed, and never shown again.
        optional: Whether it may be left out.
        choices: What it can be; empty where anything may be given.
        to_try: Whether it is asked for only where software on this machine may be called, to try it.
        returned: The parameter with which it comes back from the software's own page, beside the code:
            who signs in there is not asked for it.
    """

    name: str
    title: str
    secret: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()
    to_try: bool = False
    returned: str = ""


@dataclass(frozen=True)
class Application:
    """This installation as an accounting software knows it: registered once with its maker.

    Args:
        id: The public name that the maker gave out.
        secret: What proves it; never shown.
    """

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Consent:
    """A person's way through the sign-in page of an accounting software, from leaving ours to coming back.

    Args:
        application: Who asks.
        callback: Our address that the software sends the person back to.
        state: A random word that comes back with the person; it is good once.
        verifier: The secret of which only a digest leaves this side (RFC 7636), until the code is exchanged.
        given: What the person gave before leaving, and what came back beside the code, by the names of the
            provider's `fields`.
    """

    application: Application
    callback: str
    state: str
    verifier: str = field(repr=False)
    given: Credentials


class SignIn(Protocol):
    """Connecting on the software's own page: OAuth 2.0 with an authorization code (RFC 6749, section 4.1)."""

    def page(self, consent: Consent) -> str:
        """The address of the software's page on which the person allows us in."""

    def exchange(self, consent: Consent, code: str) -> Mapping[str, str]:
        """The credentials for the code that came back with the person, all of them; a code is good once.

        Raises:
            ReconnectNeeded: The software refused the code.
            ProviderDown: It did not answer; the code is spent, the person begins anew.
            ApplicationRefused: It does not know this installation.
        """


@dataclass(frozen=True)
class Administration:
    """One company that a connection can see.

    Args:
        id: The software's own identity of it, stable when it is renamed.
        name: As the software shows it.
        currency: ISO 4217 code of the amounts in its ledger, such as `EUR`.
        fiscal_year_start: First month of its regular fiscal year, 1 to 12; None where the software tells it
            only of the one that a source is made for.
    """

    id: str
    name: str
    currency: str
    fiscal_year_start: int | None = 1


@dataclass(frozen=True)
class Checkpoint:
    """Everything that the stream gave so far is whole pages.

    An interrupted fetch of the whole ledger goes on with `transactions(cursor)`, behind the pages that
    the spool kept, hours or days later. So the cursor says when the fetch began, and the `End` of the
    stream that goes on reaches back to that moment: pages that were read early may have changed since.
    It is never stored with the books: only an `End` is.
    """

    cursor: Cursor


@dataclass(frozen=True)
class End:
    """The last item of a stream: it was read to its end, and the next increment begins at `cursor`.

    It is given only after a page that said, or showed by being short, that none follows. A stream
    without it counts as cut off, and nothing of it is stored.
    """

    cursor: Cursor


Item: TypeAlias = Change | Checkpoint | End


class Source(Protocol):
    """One administration of one accounting software. Every method may raise the errors above."""

    def check(self) -> None:
        """Whether the credentials work, as cheaply as the software can tell.

        Raises:
            ReconnectNeeded: They do not.
        """

    def administrations(self) -> Sequence[Administration]:
        """Companies that the credentials can see.

        A source that was made without one gives all of them; one that was made for one gives at least
        that, with all that the software tells of it, such as where its fiscal year starts.
        """

    def accounts(self) -> Iterable[Account]:
        """The whole chart of accounts, closed and archived ones too: old lines use them.

        Returns:
            Accounts by the code that lines carry, `type` None where the software does not tell it.
        """

    def axes(self) -> Iterable[AxisValue]:
        """Every value of every analytical axis (cost centre, project, ...), archived ones too."""

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """Stream what changed since a cursor, in pages, with a `Checkpoint` where a fetch could go on.

        A change is `Upsert(lines)`, `Delete(keys)` or `Replace(scope, lines)`. A scope may come in
        several parts, one a page: it is complete when the stream ends, and what the ledger holds of it
        and no part named is deleted then. A part may have no lines: so say that empty books are a
        whole ledger, and that a booking has none any more. Every line must lie in its scope. `lines` may
        be an iterator that decodes the page at hand: it is read once, on another thread, while the next
        page is fetched, so it must not ask the software for anything. Where that is worth its while, they are
        a `ByColumn` (`ledger.columns`), which has them by column too; whoever gives one shows by a test that
        both ways write and refuse the same (`monitr_pipelines_tests/providers/exact/test_exact_columns.py`).

        Lines: `external_id` is stable and unique in the administration; `amount` is in the currency of
        the administration, debit positive, at most four decimals, a `Decimal` made from the digits of the
        answer; `booking_date` is the accounting date. Drafts are left out. A line that several values of
        an axis share is given in parts, each with an id of its own, that add up to the line exactly.

        Args:
            cursor: None for the whole ledger, which must be one `Replace(WholeLedger(), ...)`; else what
                an `End` carried (what changed since then, overlapping rather than missing something) or
                what a `Checkpoint` carried (the rest of that stream).

        Yields:
            Changes and checkpoints, then one `End`.

        Raises:
            CursorExpired: The software no longer knows the cursor; the whole ledger is fetched then.
        """

    def trial_balance(self, at: date) -> TrialBalance | None:
        """What the software itself says each account stands at, for the tie-out.

        Its own sums are asked for, never lines added up here. Which lines count, and how, must be what
        `transactions` gives: where the software can tell only other figures than were asked for, those are
        answered, and say what they are.

        Args:
            at: The day whose end is meant; an import asks for the end of the month.

        Returns:
            Closing balances by account code, debit positive: balance sheet accounts since ever, profit
            and loss accounts since the start of the fiscal year. None where the software has no trial
            balance.

        Raises:
            InconsistentData: The software cannot tell. Whatever is raised, the import goes on without.
        """

    def close(self) -> None:
        """Sign out and let go of connections; never raises."""


@dataclass(frozen=True)
class RateLimit:
    """How often one credential may be used.

    Args:
        name: Tells the limits of a provider apart, such as `minute` and `day`.
        calls: How many calls are allowed within `period`.
        period: The length of the window.

    The source of the figures is named where a connector declares them.
    """

    name: str
    calls: int
    period: timedelta


class RateLimits(Protocol):
    """The calls of one credential, counted over all processes and machines that use it."""

    def acquire(self, limits: Sequence[RateLimit]) -> None:
        """Wait until every limit allows one more call, and count it.

        Raises:
            ProviderDown: The wait would be longer than an import should take; `retry_at` tells when.
        """

    def foresee(self, limits: Sequence[RateLimit]) -> None:
        """Use a moment of waiting to count a call that is about to be made, if no limit is near."""


class Tokens(Protocol):
    """The credentials of one connection, as they are now: other processes may have renewed them."""

    def read(self) -> Credentials:
        """The newest credentials."""

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        """Replace credentials that no longer work, once over all processes.

        Args:
            stale: What the caller used. Where the stored ones differ, someone else renewed them and
                `exchange` is not called.
            exchange: Asks the software for new ones, with the values it is given, within a minute and on
                another thread. It returns all of them, those that stay the same too; they are stored
                before anyone uses them. It raises ProviderDown or ApplicationRefused only where the
                token is unspent: nothing was sent, or the software says that it did not use it. Otherwise
                it is never called again with the same token, whatever it raises.

        Raises:
            ProviderDown, ApplicationRefused: The exchange says that the token is unspent.
            ReconnectNeeded: The software refused, or an exchange was begun and its outcome is unknown.
        """


@dataclass(frozen=True)
class Ports:
    """What a connector is given: it reads its credentials here and keeps within its limits.

    `application`: who renews tokens; None where this installation is registered with no maker of that name.
    """

    tokens: Tokens
    rate_limits: RateLimits
    application: Application | None = None


@dataclass(frozen=True)
class Provider:
    """What an accounting software is, and how to connect to it.

    Args:
        name: The word that is stored with its connections; the name of its folder.
        title: As its maker writes it.
        fields: What a person gives to connect.
        connect: Makes a source from an administration's id (None: to check the credentials and list
            administrations) and the ports.
        bookings_balance: Whether the software vouches that each of its bookings balances; one that does
            not ends the import then.
        axes: Whether it has analytical axes.
        tells_deletions: Whether increments tell of lines that are gone; where not, connectors replace
            whole scopes.
        has_trial_balance: Whether `trial_balance` answers.
        sign_in: How a person allows us in on the software's own page; None where `fields` are all it takes.
        longest_rest: After how long without use credentials end by themselves; None where they do not.
            Well before that, `check` is asked, which renews them.
        preview: Whether a part of it rests on no official specification, and nobody checked it against the
            software itself: it can be connected only where this installation allows that.
        reads: What is asked for, by endpoint or model, with the fields of each.
        limits: How often one credential may be used, as the maker says or as is prudent.

    The docstring of its package tells people the rest, under the headings that all have in
    `docs/providers.md`, which is made of both.
    """

    name: str
    title: str
    fields: tuple[CredentialField, ...]
    connect: Callable[[str | None, Ports], Source]
    bookings_balance: bool
    axes: bool
    tells_deletions: bool
    has_trial_balance: bool
    sign_in: SignIn | None = None
    longest_rest: timedelta | None = None
    preview: bool = False
    reads: Mapping[str, Sequence[str]] = field(default_factory=dict)
    limits: Sequence[RateLimit] = ()
