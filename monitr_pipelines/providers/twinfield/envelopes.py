"""Questions to Twinfield as its three kinds of services take them; who asks stands in the header of each.

From the envelopes on developers.twinfield.com ("Finder", "Periods", "Deleted transactions").
"""

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.soap import SOAP, headers, local, parsed

ENVELOPE: Final = "Envelope"
NAMESPACE: Final = "http://www.twinfield.com/"
CONTRACTS: Final = "http://schemas.datacontract.org/2004/07/Twinfield.WebServices"
INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"


def process(token: str, office: str | None, document: str) -> Call:
    """A document of Twinfield's own, such as `<list>` or `<columns>`; None asks of no office."""
    body = f"<t:ProcessXmlDocument><t:xmlRequest>{document}</t:xmlRequest></t:ProcessXmlDocument>"
    return _call("processxml.asmx", NAMESPACE, "ProcessXmlDocument", _header(token, office), body)


def search(token: str, office: str, dimension_type: str, first: int, rows: int) -> Call:
    """The finder: dimensions of a type by code and name, hidden ones too, from a row on."""
    options = {"office": office, "dimtype": dimension_type, "includehidden": "1"}
    told = "".join(
        f"<ArrayOfString><string>{name}</string><string>{escape(value)}</string></ArrayOfString>"
        for name, value in options.items()
    )
    body = (
        f'<Search xmlns="{NAMESPACE}"><type>DIM</type><pattern>*</pattern><field>0</field>'
        f"<firstRow>{first}</firstRow><maxRows>{rows}</maxRows><options>{told}</options></Search>"
    )
    return _call("finder.asmx", NAMESPACE, "Search", _header(token, office), body)


def query(token: str, office: str, service: str, name: str, values: Mapping[str, str]) -> Call:
    """A query of a service that speaks in data contracts."""
    said = "".join(f"<q:{each}>{escape(value)}</q:{each}>" for each, value in values.items())
    header = (
        f'<t:Authentication xmlns:h="{CONTRACTS}.Shared"><h:AccessToken>{escape(token)}</h:AccessToken>'
        f"<h:CompanyCode>{escape(office)}</h:CompanyCode></t:Authentication>"
    )
    body = f'<t:Query xmlns:i="{INSTANCE}" xmlns:q="{CONTRACTS}.{service}" i:type="q:{name}">{said}</t:Query>'
    return _call(f"{service}.svc", f"{NAMESPACE}{service}", "Query", header, body)


def element(name: str, children: Mapping[str, str]) -> str:
    """An element with a text in each of its children."""
    said = "".join(f"<{each}>{escape(text)}</{each}>" for each, text in children.items())
    return f"<{name}>{said}</{name}>"


def opened(body: bytes) -> etree._Element:
    """What an answer holds.

    Raises:
        ValueError: It is no XML, or none of a service: proxies answer with pages for people.
    """
    root = parsed(body)
    if local(root) != ENVELOPE:
        raise ValueError("the answer is no envelope")
    return root


def _header(token: str, office: str | None) -> str:
    company = "" if office is None else f"<t:CompanyCode>{escape(office)}</t:CompanyCode>"
    return f"<t:Header><t:AccessToken>{escape(token)}</t:AccessToken>{company}</t:Header>"


def _call(page: str, namespace: str, operation: str, header: str, body: str) -> Call:
    sent = (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}" xmlns:t="{NAMESPACE}">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return Call("POST", f"/webservices/{page}", headers(namespace, operation), xml=sent.encode())
