"""SOAP 1.1 as the services speak it: what is asked, what is answered, and faults, which have status 500."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.emulators.frame.messages import Answer, Request

NAMESPACE = "http://www.theyukicompany.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
KIND = "text/xml; charset=utf-8"
PATH = re.compile(r"/ws/(?P<service>[A-Za-z]+)\.asmx")
BEFORE = f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
AFTER = "</soap:Body></soap:Envelope>"
FAULT_STATUS = 500
CANNOT_READ = "Server was unable to read request. ---> "


class SoapFault(Exception):
    """Why a service does not answer: `code` is whose mistake it is, Client or Server."""

    def __init__(self, reason: str, detail: str = "", code: str = "Client") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.code = code


@dataclass(frozen=True)
class Call:
    """An operation of a service, with the texts of what was given, by name."""

    service: str
    operation: str
    values: Mapping[str, str]


def call_of(request: Request) -> Call:
    """What a request asks for.

    Raises:
        SoapFault: Header and body name no operation, or different ones, or the body is no envelope.
    """
    path = PATH.fullmatch(request.path)
    action = request.headers.get("soapaction", "").strip('"')
    operation = action.removeprefix(NAMESPACE)
    if path is None or operation == action or not operation:
        raise unknown_action(action)
    asked = _asked(request.body)
    if asked.tag != f"{{{NAMESPACE}}}{operation}":
        raise SoapFault(f"{CANNOT_READ}{_local(asked)} was not expected.")
    values: dict[str, str] = {}
    for each in asked:
        name = _local(each)
        if each.tag != f"{{{NAMESPACE}}}{name}" or name in values or len(each):
            raise SoapFault(f"{CANNOT_READ}{name} was not expected.")
        values[name] = each.text or ""
    return Call(path["service"], operation, values)


def unknown_action(action: str) -> SoapFault:
    """The fault of a header that names no operation of the service."""
    return SoapFault(f"Server did not recognize the value of HTTP Header SOAPAction: {action[:200]}.")


def answer_of(operation: str, result: str | None) -> Answer:
    """What an operation gives, as XML; None where it gives nothing."""
    if result is None:
        inner = f'<{operation}Response xmlns="{NAMESPACE}" />'
    else:
        inner = f'<{operation}Response xmlns="{NAMESPACE}">{result}</{operation}Response>'
    return Answer.text(f"{BEFORE}{inner}{AFTER}", KIND, cache_control="private, max-age=0")


def answer_of_fault(fault: SoapFault) -> Answer:
    """A fault as the services word it."""
    inner = (
        f"<soap:Fault><faultcode>soap:{fault.code}</faultcode>"
        f"<faultstring>{escape(fault.reason)}</faultstring>"
        f"<detail>{escape(fault.detail)}</detail></soap:Fault>"
    )
    return Answer.text(f"{BEFORE}{inner}{AFTER}", KIND, FAULT_STATUS, cache_control="private")


def _asked(body: bytes) -> etree._Element:
    """The one element in the body of an envelope."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as problem:
        raise SoapFault(f"{CANNOT_READ}There is an error in XML document.") from problem
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFault(f"{CANNOT_READ}For security reasons DTD is prohibited in this XML document.")
    bodies = [each for each in root if each.tag == f"{{{SOAP}}}Body"]
    if root.tag != f"{{{SOAP}}}Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        raise SoapFault("Possible SOAP version mismatch or no operation in the body of the envelope.")
    return bodies[0][0]


def _local(each: etree._Element) -> str:
    return str(each.tag).rpartition("}")[2]
