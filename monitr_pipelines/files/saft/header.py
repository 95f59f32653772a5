"""The header of a SAF-T audit file, and whether it is of the one country and version that is read."""

from contextlib import closing

from monitr_pipelines.files.audit.characters import XmlCharacters
from monitr_pipelines.files.audit.elements import Element, Elements, refuse_faulty
from monitr_pipelines.files.audit.header import FileHeader, Names, stated_header
from monitr_pipelines.files.reading.problems import refuse_file, refuse_format, shown
from monitr_pipelines.files.reading.xml import NAMESPACE_END, read_xml
from monitr_pipelines.ledger.sentences import sentence

NAMESPACE = "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"
NAMES = Names("StartDate", "EndDate", "CurrencyCode", ("ProductID", "ProductVersion"))


def read_header(characters: XmlCharacters) -> FileHeader:
    """The header of a file of Portugal's version 1.04_01; any other is refused by its name."""
    elements = Elements(
        {"Header": _header}, _check_namespace, namespace=NAMESPACE, encoding=characters.encoding
    )
    with closing(read_xml(characters.open(), elements, refuse_faulty)) as headers:
        header = next(headers, None)
    if header is None:
        refuse_file("header_missing", sentence("header_missing"), line=1)
    return header


def _header(element: Element) -> FileHeader:
    return stated_header(element, NAMES)


def _check_namespace(root: str) -> None:
    namespace = root.rpartition(NAMESPACE_END)[0]
    if namespace != NAMESPACE:
        refuse_format(sentence("seems_saft", namespace=shown(namespace)))
