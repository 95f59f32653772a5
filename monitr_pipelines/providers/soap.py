"""SOAP 1.1 over the one client of connectors: envelopes written by hand, answers read by local names.

Servers of this kind change namespaces within an answer, so elements are known by their names alone. XML of an
answer is never trusted: no document types, no entities, nothing from elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from monitr_pipelines.providers.transport import Reply

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
# An answer may hold another document as one text, of any length; how much is read of it the transport bounds.
SAFELY: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": True,
}
Record = dict[str, str]


@dataclass(frozen=True)
class Fault:
    """Why a server did not do what it was asked.

    Args:
        code: Whose mistake it is, as the server says, without its prefix: `Client`, `Server`.
        reason: Its sentence; it may quote what was sent, so it tells faults apart and is not shown.
        detail: The texts of what else it says, by local names.
    """

    code: str
    reason: str
    detail: Mapping[str, str]


def headers(namespace: str, operation: str) -> Mapping[str, str]:
    """What a request carries beside its envelope."""
    return {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{namespace.rstrip("/")}/{operation}"',
    }


def envelope(namespace: str, operation: str, values: Mapping[str, str], header: str = "") -> bytes:
    """A question with its values as elements, in their order; they are escaped, `header` is XML already."""
    said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    before = f"<s:Header>{header}</s:Header>" if header else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}">{before}'
        f"<s:Body><{operation} xmlns={quoteattr(namespace)}>{said}</{operation}></s:Body></s:Envelope>"
    ).encode()


def parsed(body: bytes) -> etree._Element:
    """The root of a document.

    Raises:
        ValueError: It is no XML, or has a document type.
    """
    try:
        root = etree.fromstring(body, etree.XMLParser(**SAFELY))
    except etree.XMLSyntaxError as error:
        raise ValueError("the answer is not XML") from error
    _refuse_document_type(root)
    return root


def records(body: bytes, name: str) -> Iterator[Record]:
    """The elements of a name, one by one: the texts of what they contain, by local names.

    An element that is empty is an empty text. What was read is let go of.

    Raises:
        ValueError: It is no XML, or has a document type.
    """
    return map(texts_of, elements(body, name))


def elements(body: bytes, *names: str) -> Iterator[etree._Element]:
    """The elements of some names, one by one as they end; one is let go of when the next is asked for.

    Raises:
        ValueError: It is no XML, or has a document type.
    """
    tags = [f"{{*}}{name}" for name in names]
    try:
        for _, element in etree.iterparse(BytesIO(body), tag=tags, **SAFELY):
            _refuse_document_type(element)
            yield element
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise ValueError("the answer is not XML") from error


def texts_of(element: etree._Element) -> Record:
    """The texts of the elements right below one, by local names."""
    return {_local(child.tag): child.text or "" for child in element}


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return _local(element.tag)


@lru_cache(1000)
def _local(tag: str) -> str:
    """The rows of an answer have the same few names."""
    return str(tag).rpartition("}")[2]


def first(root: etree._Element, name: str) -> etree._Element | None:
    """The first element of a name, at any depth."""
    return next(root.iter(f"{{*}}{name}"), None)


def fault_of(reply: Reply) -> Fault | None:
    """The fault of an answer, whatever its status; None where it has none, or is no XML."""
    if b"Fault" not in reply.body:
        return None
    try:
        told = first(parsed(reply.body), "Fault")
    except ValueError:
        return None
    if told is None:
        return None
    said = texts_of(told)
    detail = first(told, "detail")
    return Fault(
        said.get("faultcode", "").rpartition(":")[2],
        said.get("faultstring", ""),
        {local(each): (each.text or "").strip() for each in detail.iter()} if detail is not None else {},
    )


def _refuse_document_type(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ValueError("the answer has a document type")


def _forget(element: etree._Element) -> None:
    """Let go of an element that was read, and of those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
