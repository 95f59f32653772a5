"""What Intuit's own schemas allow in an answer: the names of elements and attributes, type by type."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from common_kit import SHARED
from lxml import etree

FOLDER = SHARED / "specs/quickbooks_online/xsd_intuit_java_sdk"
XS = "{http://www.w3.org/2001/XMLSchema}"
FILES = (
    "Finance.xsd",
    "IntuitBaseTypes.xsd",
    "IntuitNamesTypes.xsd",
    "Report.xsd",
    "IntuitRestServiceDef.xsd",
)
# What JSON has beside elements and attributes of the schema: references as objects.
REFERENCE = frozenset({"value", "name", "type"})
# In JSON these stand beside what the schema has them in.
OUTER = frozenset({"time", "QueryResponse", "CDCResponse", "Header", "Rows", "Columns"})


@cache
def allowed() -> Mapping[str, frozenset[str]]:
    """The names that each type has, those of what it extends too; empty where the schemas are not here."""
    if not FOLDER.is_dir():
        return {}
    types: dict[str, tuple[frozenset[str], str | None]] = {}
    for file in FILES:
        for found in etree.parse(FOLDER / file).iter(f"{XS}complexType"):
            if name := found.get("name"):
                bases = [each.get("base") for each in found.iter(f"{XS}extension")]
                types[name] = (frozenset(_names(found)), bases[0] if bases else None)
    return {name: _with_bases(types, name) for name in types}


def _names(found: Any) -> Iterable[str]:  # noqa: ANN401 - an element of lxml
    for each in found.iter(f"{XS}element", f"{XS}attribute"):
        yield each.get("name") or str(each.get("ref"))


def _with_bases(types: Mapping[str, tuple[frozenset[str], str | None]], name: str) -> frozenset[str]:
    names, base = types.get(name, (frozenset[str](), None))
    return names | (_with_bases(types, base) if base else frozenset())


def matches_schema(document: Mapping[str, Any]) -> None:
    """A report, an entity, or entities within the answer to a query or of changes: only known names."""
    if not allowed():
        return
    if "Columns" in document:
        _report(document)
    for response in _responses(document):
        for name, rows in response.items():
            for row in rows if isinstance(rows, list) else []:
                _entity(name, row)
    for name, row in document.items():
        if name not in OUTER:
            _entity(name, row)


def _responses(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if "QueryResponse" in document:
        yield document["QueryResponse"]
    for part in document.get("CDCResponse", []):
        yield from part.get("QueryResponse", [])


def _entity(name: str, row: Mapping[str, Any]) -> None:
    assert row.keys() <= allowed()[name], f"{name}: {row.keys() - allowed()[name]}"
    for field, held in row.items():
        if field.endswith("Ref"):
            assert held.keys() <= REFERENCE, field
    for line in row.get("Line", []):
        assert line.keys() <= allowed()["Line"], line
        detail = line[line["DetailType"].replace("DescriptionOnly", "DescriptionLineDetail")]
        kind = {"DescriptionOnly": "DescriptionLineDetail"}.get(line["DetailType"], line["DetailType"])
        assert detail.keys() <= allowed()[kind], f"{kind}: {detail.keys() - allowed()[kind]}"


def _report(document: Mapping[str, Any]) -> None:
    assert set(document) == {"Header", "Columns", "Rows"}
    assert document["Header"].keys() <= allowed()["ReportHeader"]
    for column in document["Columns"]["Column"]:
        assert column.keys() <= allowed()["Column"]
    _rows(document["Rows"], len(document["Columns"]["Column"]))


def _rows(rows: Mapping[str, Any], width: int) -> None:
    assert rows.keys() <= allowed()["Rows"]
    for row in rows.get("Row", []):
        assert row.keys() <= allowed()["Row"]
        for cells in (row, row.get("Header", {}), row.get("Summary", {})):
            for cell in cells.get("ColData", []):
                assert cell.keys() <= allowed()["ColData"]
            assert len(cells.get("ColData", range(width))) == width
        _rows(row.get("Rows", {}), width)
