"""SOAP 1.1 as Twinfield's two kinds of services speak it: what was asked, answers, and faults.

The older services (`.asmx`) name the token and the office in a `Header` of Twinfield's namespace, the newer
ones (`.svc`) in an `Authentication` whose parts are of the namespace that all newer services share.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.emulators.frame.messages import Answer, Request

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TWINFIELD = "http://www.twinfield.com/"
CONTRACTS = "http://schemas.datacontract.org/2004/07/Twinfield.WebServices"
SHARED = f"{CONTRACTS}.Shared"
XML = "text/xml"
# What the codes of faults are called in the newer services, and what people are told.
FAULTS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        101: ("HeaderIsMissing", "The header is missing."),
        102: ("AccessDenied", "Access denied."),
        103: ("LogonInvalid", "The logon is invalid."),
        104: ("LogonDeleted", "The logon has been deleted."),
        105: ("LogonDisabled", "The logon has been disabled."),
        106: ("OrganisationInactive", "The organisation is not active."),
        109: ("SelectCompanyFailed", "The company does not exist or is not accessible."),
        351: ("ScopeMissing", "The scope twf.user is missing."),
        352: ("ScopeMissing", "The scope twf.organisation is missing."),
        353: ("ScopeMissing", "The scope twf.organisationUser is missing."),
        354: ("TokenInvalid", "Access denied. Token invalid."),
    }
)


class Faulty(Exception):
    """A request is answered by a fault: of a code of `FAULTS`, or whatever `text` and `detail` say."""

    def __init__(
        self, code: int | None = None, text: str = "", detail: str = "", whose: str = "Client"
    ) -> None:
        super().__init__(text or str(code))
        self.code, self.text, self.detail, self.whose = code, text, detail, whose


@dataclass(frozen=True)
class Call:
    """A request that is well-formed: its operation, and what its header tells."""

    operation: etree._Element = field(repr=False)
    token: str = field(repr=False)
    office: str
    newer: bool

    @property
    def name(self) -> str:
        """The name of its operation."""
        return etree.QName(self.operation).localname


def call_of(request: Request) -> Call:
    """What a request asks.

    Raises:
        Faulty: It is not SOAP, has no header, or its action is not its operation.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != XML:
        raise Faulty(text="The content type is not text/xml.")
    root = parsed(request.body)
    newer = request.path.endswith(".svc")
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1:
        raise Faulty(text="The request is no SOAP envelope.")
    call = Call(body[0], *_identity(root, newer=newer), newer)
    service = request.path.rpartition("/")[2].partition(".")[0]
    action = f"{TWINFIELD}{service}/{call.name}" if newer else f"{TWINFIELD}{call.name}"
    told = request.headers.get("soapaction", "").strip('"')
    if told != action or body[0].tag != f"{{{TWINFIELD}}}{call.name}":
        raise Faulty(text=f"Server did not recognize the value of HTTP Header SOAPAction: {told}.")
    return call


def parsed(body: bytes | str) -> etree._Element:
    """The root of a document.

    Raises:
        Faulty: It is no XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Faulty(text="Server was unable to read request: it is not valid XML.") from error


def answer(call: Call, inner: str, encoding: str) -> Answer:
    """What is said to a call: `inner` is XML of Twinfield's namespace, without its root."""
    if call.newer:
        return _message(inner, 200, encoding)
    return _message(f'<{call.name}Response xmlns="{TWINFIELD}">{inner}</{call.name}Response>', 200, encoding)


def fault(faulty: Faulty, *, newer: bool, encoding: str, status: int = 500) -> Answer:
    """A fault, as a kind of service words it."""
    name, text = FAULTS.get(faulty.code or 0, ("", faulty.text))
    detail = faulty.detail
    if faulty.code and newer:
        detail = (
            f'<SecurityFault xmlns="{CONTRACTS}"><Code>{name}</Code><Message>{escape(text)}</Message>'
            "</SecurityFault>"
        )
    elif faulty.code:
        detail = f"<message>{escape(text)}</message><code>{faulty.code}</code><source>Twinfield</source>"
    return _message(
        f"<s:Fault><faultcode>s:{faulty.whose}</faultcode><faultstring>{escape(text)}</faultstring>"
        f"<detail>{detail}</detail></s:Fault>",
        status,
        encoding,
    )


def _message(body: str, status: int, encoding: str) -> Answer:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'
    )
    return Answer(status, text.encode(encoding), {"Content-Type": f"{XML}; charset={encoding}"})


def _identity(root: etree._Element, *, newer: bool) -> tuple[str, str]:
    """The token and the office, empty where there is none."""
    name, parts = ("Authentication", SHARED) if newer else ("Header", TWINFIELD)
    header = root.find(f"{{{SOAP}}}Header/{{{TWINFIELD}}}{name}")
    if header is None:
        raise Faulty(101)
    token, office = (header.findtext(f"{{{parts}}}{each}", "") for each in ("AccessToken", "CompanyCode"))
    return token.strip(), office.strip()
