"""Why an import cannot go on, by what has to happen.

Every error has a stable `code`, messages that are worded for whoever reads them, and a `detail` for
operations staff. None of them ever holds a secret. Who acts on a code and how is said by the catalogue alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from monitr_pipelines.ledger.findings import Finding, listing
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.messages import Message, plain

LONGEST_DETAIL = 500


class ImportProblem(Exception):
    """The base of everything that ends an import with a cause that someone can act upon.

    Args:
        messages: What is wrong: as data, or as a sentence where nobody has other words for it.
        code: The code where it is not that of the class.
        detail: What operations staff want to know besides.
    """

    code = "import_problem"

    def __init__(self, *messages: Message | str, code: str | None = None, detail: str = "") -> None:
        self.messages = tuple(plain(one) if isinstance(one, str) else one for one in messages)
        super().__init__(self.message)
        self.detail = detail
        if code is not None:
            self.code = code

    @property
    def message(self) -> str:
        """What is wrong, in plain English."""
        return "\n".join(message.text for message in self.messages)

    @property
    def who_acts(self) -> Actor:
        """Who can end the trouble; operations where nobody foresaw it."""
        return REMEDIES[self.code].actor if self.code in REMEDIES else Actor.OPERATIONS


class ReconnectNeeded(ImportProblem):
    """The stored credentials no longer work: the customer must connect again."""

    code = "reconnect_needed"


class ProviderDown(ImportProblem):
    """The accounting software does not answer: nobody needs to act before `retry_at`."""

    code = "provider_down"

    def __init__(self, message: Message | str, *, retry_at: datetime | None = None, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.retry_at = retry_at


class SubscriptionInactive(ImportProblem):
    """The organisation is neither active nor trialing: its administrator must see to billing."""

    code = "subscription_inactive"


class EntityGone(ImportProblem):
    """The administration does not exist (any more) where it is looked for."""

    code = "entity_gone"


class Refused(ImportProblem):
    """The import was refused before it started; nothing changed."""

    code = "refused"


class OtherAccount(Refused):
    """Credentials that work, and do not see what the connection imports."""

    code = "other_account"


class TooSoon(Refused):
    """The last import failed within the hour; requests of people and programs wait until `retry_at`."""

    code = "failed_recently"

    def __init__(self, message: Message | str, *, retry_at: datetime) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class NameTaken(Refused):
    """Something of that name exists already."""

    code = "name_taken"


class InconsistentData(ImportProblem):
    """The books contradict themselves or what is stored; the stored figures stay as they were."""

    code = "inconsistent_data"

    def __init__(
        self,
        *messages: Message | str,
        findings: Sequence[Finding] = (),
        code: str | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(*messages, code=code, detail=detail)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return f"{self.message}\n{listing(self.findings)}" if self.findings else self.message


class CursorExpired(InconsistentData):
    """The accounting software no longer knows where the last import ended: all of the ledger is fetched."""

    code = "cursor_expired"


class LeaseLost(ImportProblem):
    """This worker no longer owns its import: another took over, and nothing was committed."""

    code = "lease_lost"


class OurFault(ImportProblem):
    """A defect of this program; operations must look into it. What it is stands in `detail`."""

    code = "our_fault"

    def __init__(self, *messages: Message | str, code: str | None = None, detail: str = "") -> None:
        super().__init__(*(messages or (Message("our_fault"),)), code=code, detail=detail)

    @classmethod
    def caused_by(cls, error: BaseException, message: Message | str) -> Self:
        """The fault that something unforeseen is; the first line of what was raised is for operations."""
        told = str(error).partition("\n")[0][:LONGEST_DETAIL]
        return cls(message, detail=f"{type(error).__name__}: {told}")


class ApplicationRefused(OurFault):
    """The accounting software does not know this installation (any more); tokens of customers are unspent."""

    code = "application_refused"


class SpoolFull(OurFault):
    """This machine has no room for the pages of a fetch; nothing of it was stored."""

    code = "spool_full"


class MemoryLimit(OurFault):
    """Reading the books took more memory than an import may use; nothing of it was stored."""

    code = "memory_limit"


class NoLedgerFile(ImportProblem):
    """The ledger comes in files, and there is none to import: the figures stay as they were."""

    code = "no_ledger_file"


class FileUnread(OurFault):
    """A ledger file that a defect of this program keeps from being read."""

    code = "file_unread"


class FileSetAside(OurFault):
    """A ledger file whose import failed twice in the same way, or ended two runs: it held up the others."""

    code = "file_set_aside"


class ResetWithdrawn(OurFault):
    """A reset that failed again and again: it held up the files that wait."""

    code = "reset_withdrawn"
