"""Streaming an XML file without trusting it: no document types, no entities, flat memory."""

import re
from collections.abc import Collection, Iterator
from typing import BinaryIO

from lxml import etree

from monitr_pipelines.files.reading.problems import refuse_file

PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]*)", re.IGNORECASE)
ROOT = re.compile(r"<([^\s<>/!?]+)")


def root_name(start: str) -> tuple[str, bool]:
    """The name of the root element (or of the document type), and whether there is a document type."""
    prolog = PROLOG.match(start)
    rest = start[prolog.end() if prolog else 0 :]
    doctype = DOCTYPE.match(rest)
    if doctype:
        return doctype.group(1).rpartition(":")[2], True
    root = ROOT.match(rest)
    return (root.group(1).rpartition(":")[2] if root else ""), False


def refuse_doctype() -> None:
    """Refuse an XML file with a document type: an audit file has none, and it can hold entities."""
    refuse_file(
        "xml_forbidden",
        "the XML has a document type (DOCTYPE) or entities, which an audit file never has and which can "
        "harm the reader",
        line=1,
    )


def xml_events(stream: BinaryIO, tags: Collection[str] | None = None) -> Iterator[tuple[str, etree._Element]]:
    """The starts and ends of all elements, or with `tags` the ends of those; faulty XML is refused."""
    stream.seek(0)
    events = etree.iterparse(
        stream,
        events=("start", "end") if tags is None else ("end",),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
    )
    first = True
    try:
        for event, element in events:
            if first:
                first = False
                if element.getroottree().docinfo.doctype:
                    refuse_doctype()
            yield event, element
    except etree.XMLSyntaxError as error:
        # The exception tells the last of the faults, the log all of them from the first on.
        logged = next(iter(events.error_log), None)
        line, column = (logged.line, logged.column) if logged is not None else error.position
        told = (logged.message if logged is not None else error.msg).strip()
        refuse_file(
            "xml_not_well_formed",
            f"the XML is faulty or cut off at position {column} of the line: {told}",
            line=max(line, 1),
        )


def free(element: etree._Element) -> None:
    """Let go of an element that has been read, and of all before it beside it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def texts(element: etree._Element) -> dict[str, str]:
    """The texts of the children of an element, by their names without a namespace."""
    return {
        child.tag.rpartition("}")[2]: (child.text or "").strip()
        for child in element
        if isinstance(child.tag, str)
    }


def line_of(element: etree._Element) -> int | None:
    """The line that an element stands in."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None
