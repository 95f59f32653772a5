"""Each answer has the elements, the namespaces, the order and the forms of the documented one."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from common_kit import reference
from lxml import etree
from yuki_server_kit import EVER, SOAP, Client, Reply, yuki_server

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.emulators.yuki import CALLS_A_DAY
from monitr_pipelines.emulators.yuki.access import LIMIT, LIMIT_DETAIL

DATES = {"StartDate": "2024-01-01", "EndDate": "2024-12-31"}
ALL = {"searchOption": "All", "searchValue": ""}
# The documented answer of each operation, with what is given beside session and administration.
ANSWERS: dict[str, tuple[str, dict[str, str]]] = {
    "GetTransactionDetails": ("transactionDetails", {"GLAccountCode": "", "financialMode": "1"} | DATES),
    "GetGLAccountScheme": ("glAccounts", {}),
    "GetStartBalanceByGlAccount": ("startBalanceByGLAccount", {"bookyear": "2025", "financialMode": "1"}),
    "GetFinancialYearModifiedDate": ("financialYearModifiedDate", {"yearID": "2024"}),
    "GetPeriodDateTable": ("periodDateTable", {"yearID": "2024"}),
    "GetProjects": ("projects", ALL),
    "GetProjectsAndID": ("projectsAndID", ALL),
    "GetProjectBalance": ("projectBalance", {"GLAccountCode": "", "projectCode": "P01"} | DATES),
    "GLAccountBalance": ("glAccountBalance", {"transactionDate": "2024-12-31"}),
    "GLAccountBalanceFiscal": ("glAccountBalanceFiscal", {"transactionDate": "2024-12-31"}),
    "GetUpdatedAndDeletedTransactions": (
        "updatedAndDeletedTransactions",
        {"numberOfRecords": "1000", "startRecord": "0"} | EVER,
    ),
    "GetTransactionDetail": (
        "changeDigestTransactionDetail",
        {"transactionID": "00000001-0000-4000-8000-00000000080e"},
    ),
}
GENERAL = {
    "Administrations": "administrations",
    "Companies": "companies",
    "Domains": "domains",
    "GetCurrentDomain": "currentDomain",
}
# Fields of a line that the documentation tells of and the sample has not.
MORE = {"project", "projectCode", "contactCode", "contactHID"}
# What the samples have and no line of the books: registers of their contacts, tax codes, owners of projects.
NEVER_SHOWN = {
    "taxCodeDescription",
    "CoCNumber",
    "VATNumber",
    "contactCountry",
    "contactZipCode",
    "contact",
    "contactID",
}
FORMS = (
    ("moment", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?"),
    ("day", r"\d{4}-\d\d-\d\d"),
    ("decimal", r"-?\d+\.\d{2}"),
    ("rate", r"\d+\.\d{6}"),
    ("truth", "true|false"),
    ("number", r"-?\d+"),
)

Path = tuple[str, ...]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    books = invented_books()
    Bookkeeper(books).delete(next(iter(books.entries)))
    with yuki_server(books) as client:
        yield client


def documented(name: str) -> etree._Element:
    return etree.fromstring(reference(f"specs/yuki/fixtures/{name}Response.xml").read_bytes())


def paths(each: etree._Element, above: Path = ()) -> Iterator[tuple[Path, etree._Element]]:
    """Every element and attribute by where it is, namespaces included."""
    here = (*above, str(each.tag))
    yield here, each
    for name in each.attrib:
        yield (*here, f"@{name!s}"), each
    for child in each:
        yield from paths(child, here)


def form(text: str) -> str:
    return next((name for name, pattern in FORMS if re.fullmatch(pattern, text)), "text")


def assert_documented(reply: Reply, name: str) -> None:
    assert reply.status == 200, reply.text
    known, ours = list(paths(documented(name))), list(paths(reply.document))
    names = {path for path, _ in known}
    more = {path for path in {each for each, _ in ours} - names if path[-1].rpartition("}")[2] not in MORE}
    assert more == set()
    missing = {path[-1].rpartition("}")[2] for path in names - {path for path, _ in ours}}
    assert missing <= NEVER_SHOWN
    forms = {path: form(each.text or "") for path, each in known if not len(each)}
    for path, each in ours:
        if path in forms and each.text and path[-1][0] != "@":
            assert form(each.text) == forms[path] or "text" in (forms[path], form(each.text)), (
                path,
                each.text,
            )
    assert_order(known, ours)


def assert_order(known: list[tuple[Path, etree._Element]], ours: list[tuple[Path, etree._Element]]) -> None:
    """Elements come in the order in which any sample has them."""
    order: dict[Path, list[str]] = {}
    for path, each in known:
        for child in each:
            if str(child.tag) not in order.setdefault(path, []):
                order[path].append(str(child.tag))
    for path, each in ours:
        places = [
            order[path].index(str(child.tag)) for child in each if str(child.tag) in order.get(path, [])
        ]
        assert all(first <= second for first, second in pairwise(places)), path


@pytest.mark.parametrize("operation", ANSWERS)
def test_answers_about_an_administration(client: Client, operation: str) -> None:
    name, given = ANSWERS[operation]
    assert_documented(client.ask(operation, **given), name)


@pytest.mark.parametrize("operation", GENERAL)
def test_answers_of_every_service(client: Client, operation: str) -> None:
    for service in ("Accounting", "AccountingInfo", "ChangeDigest", "Domains", "Projects", "Sales"):
        assert_documented(client.call(operation, service, sessionID=client.session), GENERAL[operation])


def test_sessions(client: Client) -> None:
    key = client.emulator.access.key
    assert_documented(client.call("Authenticate", "Sales", accessKey=key), "authenticate")
    domain = client.call("GetCurrentDomain", sessionID=client.session).rows("Domain")[0]["ID"]
    entered = client.call("SetCurrentDomain", sessionID=client.session, domainID=domain)
    assert_documented(entered, "setCurrentDomain")


def test_faults(client: Client) -> None:
    sample = documented("soapFault")
    refused = client.call("Nothing", sessionID=client.session)
    assert [path for path, _ in paths(refused.document)] == [path for path, _ in paths(sample)]
    assert refused.fault[0] == sample.findtext(f".//{{{SOAP}}}Fault/faultcode")
    limit = (sample.findtext(".//faultstring"), sample.findtext(".//detail"))
    assert limit == (LIMIT, LIMIT_DETAIL.format(CALLS_A_DAY))
