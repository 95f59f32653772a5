"""What is read from Tryton, and how: models, fields, page sizes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.tryton.rpc import Session


@dataclass(frozen=True)
class Dataset:
    """Records of a model, read in pages by their id: a page that is not full is the last one."""

    model: str
    fields: tuple[str, ...]
    page: int = 1000

    def pages(
        self,
        session: Session,
        domain: list[Any],
        after: int = 0,
        context: Mapping[str, Any] | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages of records whose id is greater than `after`, at least one, which may be empty."""
        while True:
            behind = [*domain, ["id", ">", after]]
            records = session.search_read(self.model, behind, self.fields, limit=self.page, context=context)
            ids = [record["id"] for record in records]
            if ids != sorted(set(ids)) or (ids and ids[0] <= after):
                raise InconsistentData("Tryton answered with records in another order than was asked for.")
            yield records
            if len(records) < self.page:
                return
            after = ids[-1]

    def read(
        self, session: Session, domain: list[Any], context: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """All records of a domain; for what is small."""
        return [record for page in self.pages(session, domain, context=context) for record in page]


COMPANIES = Dataset("company.company", ("party.name", "currency.code"))
ACCOUNTS = Dataset("account.account", ("code", "name", "type.statement"))
BALANCES = Dataset("account.account", ("balance", "code", "credit", "debit"))
FISCAL_YEARS = Dataset("account.fiscalyear", ("start_date", "end_date"))
ANALYTIC_ACCOUNTS = Dataset("analytic_account.account", ("code", "name", "type", "root"))
MOVES = Dataset("account.move", ())
LINES = Dataset(
    "account.move.line",
    (
        "account.code",
        "amount_second_currency",
        "analytic_lines.account",
        "analytic_lines.credit",
        "analytic_lines.debit",
        "credit",
        "debit",
        "description",
        "move.company",
        "move.date",
        "move.description",
        "move.journal.code",
        "move.journal.name",
        "move.number",
        "move.period.name",
        "move.state",
        "party.name",
        "second_currency.code",
    ),
)
# Where changes are seen: reconciling a line or changing its analytic lines leaves the move as it was.
STAMPS = ("write_date", "create_date")
