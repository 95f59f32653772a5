"""The header of a Dutch audit file: its version, its year and its currency."""

import re
from contextlib import closing

from monitr_pipelines.files.audit.characters import XmlCharacters
from monitr_pipelines.files.audit.elements import Element, Elements, refuse_faulty
from monitr_pipelines.files.audit.header import FileHeader, Names, stated_header
from monitr_pipelines.files.reading.problems import refuse_file, refuse_format, shown
from monitr_pipelines.files.reading.xml import NAMESPACE_END, read_xml
from monitr_pipelines.ledger.sentences import sentence

NAMESPACE = "http://www.auditfiles.nl/XAF/3.2"
VERSION = re.compile(r"\d+(?:\.\d+)*")
NAMES = Names("startDate", "endDate", "curCode", ("softwareDesc", "softwareVersion"))


def read_header(characters: XmlCharacters) -> FileHeader:
    """The header of a file of version 3.2, which stands before the company; any other file is refused."""
    elements = Elements(
        {"header": _header}, _check_version, namespace=NAMESPACE, encoding=characters.encoding
    )
    with closing(read_xml(characters.open(), elements, refuse_faulty)) as headers:
        header = next(headers, None)
    if header is None:
        refuse_file("header_missing", sentence("header_missing"), line=1)
    return header


def _header(element: Element) -> FileHeader:
    return stated_header(element, NAMES)


def _check_version(root: str) -> None:
    namespace, _, name = root.rpartition(NAMESPACE_END)
    if name != "auditfile":
        refuse_format(sentence("seems_xml", root=shown(root)))
    if namespace == NAMESPACE:
        return
    version = VERSION.search(namespace.rpartition("/")[2])
    told = (
        sentence("xaf_version", version=version.group())
        if version
        else sentence("xaf_other", namespace=shown(namespace))
    )
    refuse_file("xaf_version", told, line=1)
