"""The service of deleted transactions: a daybook and a number each, without lines, and when it happened."""

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.emulators.shared.clock import EPOCH, MICROSECOND, moment
from monitr_pipelines.emulators.twinfield.cells import USER
from monitr_pipelines.emulators.twinfield.envelope import CONTRACTS, TWINFIELD, Faulty
from monitr_pipelines.emulators.twinfield.offices import Offices
from monitr_pipelines.emulators.twinfield.transactions import Deleted, Transactions

SERVICE = f"{CONTRACTS}.DeletedTransactionsService"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
QUESTION = "GetDeletedTransactions"
# In the order of the alphabet, as data contracts have their parts.
PARTS = ("CompanyCode", "Daybook", "DateFrom", "DateTo")


@dataclass(frozen=True)
class Deletions:
    """Answers questions for deleted transactions."""

    offices: Offices
    transactions: Transactions

    def answer(self, query: etree._Element) -> str:
        """The result of a `Query`, which says by its type what it asks.

        Raises:
            Faulty: It is another question, or names no office, daybook or dates that there are.
        """
        asked = _asked(query)
        company = self.offices.company(asked["CompanyCode"])
        if company is None:
            raise _invalid("CompanyCode")
        daybooks = {each.code for each in self.offices.books.journals.values() if each.company == company.id}
        if asked["Daybook"] and asked["Daybook"] not in daybooks:
            raise _invalid("Daybook")
        first, last = _moment(asked["DateFrom"]), _moment(asked["DateTo"])
        if first is not None and last is not None and first > last:
            raise _invalid("Dates")
        self.transactions.look()
        rows = "".join(
            _row(each)
            for each in self.transactions.deleted
            if each.key.company == company.id
            and asked["Daybook"] in ("", each.key.daybook)
            and (first is None or each.at >= first)
            and (last is None or each.at <= last)
        )
        return (
            f'<Result xmlns="{TWINFIELD}" xmlns:i="{INSTANCE}" xmlns:b="{SERVICE}"'
            f' i:type="b:{QUESTION}Result"><b:DeletedTransactions>{rows}</b:DeletedTransactions></Result>'
        )


def _asked(query: etree._Element) -> dict[str, str]:
    prefix, _, name = query.get(f"{{{INSTANCE}}}type", "").rpartition(":")
    if (query.nsmap.get(prefix or None), name) != (SERVICE, QUESTION):
        raise Faulty(text="The query is of no type that this service knows.")
    asked = dict.fromkeys(PARTS, "")
    for part in query:
        qualified = etree.QName(part)
        if qualified.namespace != SERVICE or qualified.localname not in asked:
            raise Faulty(text=f"The part {qualified.localname} of the query is not known.")
        asked[qualified.localname] = (part.text or "").strip()
    return asked


def _moment(text: str) -> int | None:
    """A day or a moment in UTC as µs since 1970; None where there is none."""
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid("Dates") from None
    aware = given if given.tzinfo else given.replace(tzinfo=UTC)
    return (aware - EPOCH) // MICROSECOND


def _invalid(what: str) -> Faulty:
    text = f"Invalid {what}."
    detail = (
        f'<DeletedTransactionsServiceFault xmlns="{SERVICE}"><Code>Invalid{what}</Code>'
        f"<Message>{text}</Message></DeletedTransactionsServiceFault>"
    )
    return Faulty(text=text, detail=detail)


def _row(deleted: Deleted) -> str:
    at = moment(deleted.at).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return (
        f"<b:DeletedTransaction><b:Daybook>{escape(deleted.key.daybook)}</b:Daybook>"
        f"<b:DeletionDate>{at}</b:DeletionDate><b:ReasonForDeletion>Mistake</b:ReasonForDeletion>"
        f"<b:TransactionDate>{deleted.day.isoformat()}T00:00:00</b:TransactionDate>"
        f"<b:TransactionNumber>{deleted.key.number}</b:TransactionNumber>"
        f"<b:User>{USER}</b:User></b:DeletedTransaction>"
    )
