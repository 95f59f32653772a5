"""What is processed as a document: lists, reads and questions for browse rows; nothing is written here."""

from dataclasses import dataclass

from lxml import etree

from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.twinfield.browse import Browse, TooMuch
from monitr_pipelines.emulators.twinfield.columns import BROWSE_CODES
from monitr_pipelines.emulators.twinfield.dimensions import LEVELS, Dimension, Dimensions, details, listed
from monitr_pipelines.emulators.twinfield.envelope import Faulty
from monitr_pipelines.emulators.twinfield.offices import Offices
from monitr_pipelines.emulators.twinfield.questions import Rejected, question_of
from monitr_pipelines.emulators.twinfield.transactions import Transactions

QUERIES = frozenset({"list", "read", "columns"})


@dataclass(frozen=True)
class Documents:
    """Answers documents for an office."""

    offices: Offices
    transactions: Transactions
    largest: int = 0

    def answer(self, root: etree._Element, company: Company) -> str:
        """The document that answers one; a functional error is told in the question's own words.

        Raises:
            Faulty: The answer would take longer than the server lasts.
        """
        answers = {"list": self._list, "read": self._read, "columns": self._columns}
        try:
            return answers.get(str(root.tag), _unknown)(root, company)
        except Rejected as rejected:
            return _told(root, rejected)

    def _list(self, root: etree._Element, company: Company) -> str:
        if root.findtext("type") == "offices":
            return self.offices.listed()
        if root.findtext("type") != "dimensions":
            raise Rejected(root, "The type is not known.")
        return listed(self._type(root), self._dimensions(root, company)[1].of_type(company, self._type(root)))

    def _read(self, root: etree._Element, company: Company) -> str:
        kind, code = root.findtext("type"), (root.findtext("code") or "").strip()
        if kind == "office":
            office = self.offices.company(code)
            if office is None:
                raise Rejected(root, f"Office {code} does not exist or is not accessible.")
            return self.offices.details(office)
        if kind == "browse":
            return _definition(root, code)
        if kind != "dimensions":
            raise Rejected(root, "The type is not known.")
        office, dimensions = self._dimensions(root, company)
        found = (each for each in dimensions.of_type(office, self._type(root)) if each.code == code)
        dimension: Dimension | None = next(found, None)
        if dimension is None:
            raise Rejected(root, f"Dimension {code} does not exist.")
        return details(office, dimension)

    def _columns(self, root: etree._Element, company: Company) -> str:
        question = question_of(root)
        try:
            return Browse(self.transactions, company, question, self.largest).answer()
        except TooMuch:
            raise Faulty(text="Timeout expired.", whose="Server") from None

    def _dimensions(self, root: etree._Element, company: Company) -> tuple[Company, Dimensions]:
        """The office that a document names, or that of the header."""
        code = (root.findtext("office") or "").strip()
        office = self.offices.company(code) if code else company
        if office is None:
            raise Rejected(root, f"Office {code} does not exist or is not accessible.")
        return office, Dimensions(self.offices.books)

    def _type(self, root: etree._Element) -> str:
        kind = (root.findtext("dimtype") or "").strip()
        if kind not in LEVELS:
            raise Rejected(root, f"Dimension type {kind} does not exist.")
        return kind


def _definition(root: etree._Element, code: str) -> str:
    """Which columns a browse code has, and how they may be asked."""
    if code not in BROWSE_CODES:
        raise Rejected(root, f"Browse code {code} does not exist.")
    columns = "".join(
        f"<column><field>{column.field}</field><label>{column.label}</label><visible>true</visible>"
        f"<ask>{str(column.operator != 'none').lower()}</ask><operator>{column.operator}</operator>"
        "<from/><to/><finderparam/></column>"
        for column in BROWSE_CODES[code].values()
    )
    return f'<browse result="1"><code>{code}</code><columns code="{code}">{columns}</columns></browse>'


def _unknown(root: etree._Element, _: Company) -> str:
    raise Rejected(root, f"The element {root.tag} is not known.")


def _told(root: etree._Element, rejected: Rejected) -> str:
    root.set("result", "0")
    rejected.element.set("msgtype", "error")
    rejected.element.set("msg", rejected.message)
    rejected.element.set("result", "0")
    return etree.tostring(root, encoding="unicode")
