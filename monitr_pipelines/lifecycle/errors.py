"""Why an import cannot go on, by who must act.

Every error has a stable `code`, a `message` that tells the finance user what to do, and a `detail`
for operations staff. Neither ever holds a secret.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from monitr_pipelines.ledger.findings import Finding, listing

LONGEST_DETAIL = 500


class ImportProblem(Exception):
    """The base of everything that ends an import with a cause that someone can act upon."""

    code = "import_problem"
    who_acts = "operations"

    def __init__(self, message: str, *, code: str | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        if code is not None:
            self.code = code


class ReconnectNeeded(ImportProblem):
    """The stored credentials no longer work: the customer must connect again."""

    code = "reconnect_needed"
    who_acts = "customer"


class ProviderDown(ImportProblem):
    """The accounting software does not answer: nobody needs to act before `retry_at`."""

    code = "provider_down"
    who_acts = "nobody"

    def __init__(self, message: str, *, retry_at: datetime | None = None, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.retry_at = retry_at


class SubscriptionInactive(ImportProblem):
    """The organisation is neither active nor trialing: its administrator must see to billing."""

    code = "subscription_inactive"
    who_acts = "customer"


class EntityGone(ImportProblem):
    """The administration does not exist (any more) where it is looked for."""

    code = "entity_gone"
    who_acts = "customer"


class Refused(ImportProblem):
    """The import was refused before it started; nothing changed."""

    code = "refused"
    who_acts = "customer"


class TooSoon(Refused):
    """The last import failed within the hour; requests of people and programs wait until `retry_at`."""

    code = "failed_recently"

    def __init__(self, message: str, *, retry_at: datetime) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class NameTaken(Refused):
    """Something of that name exists already."""

    code = "name_taken"


class InconsistentData(ImportProblem):
    """The books contradict themselves or what is stored; the stored figures stay as they were."""

    code = "inconsistent_data"
    who_acts = "customer"

    def __init__(
        self,
        message: str,
        *,
        findings: Sequence[Finding] = (),
        code: str | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message, code=code, detail=detail)
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
    """A defect of this program; operations must look into it."""

    code = "our_fault"

    @classmethod
    def caused_by(cls, error: BaseException, message: str) -> Self:
        """The fault that something unforeseen is; the first line of what was raised is for operations."""
        told = str(error).partition("\n")[0][:LONGEST_DETAIL]
        return cls(message, detail=f"{type(error).__name__}: {told}")


class SpoolFull(OurFault):
    """This machine has no room for the pages of a fetch; nothing of it was stored."""

    code = "spool_full"


class FileUnread(OurFault):
    """A ledger file that a defect of this program keeps from being read."""

    code = "file_unread"
