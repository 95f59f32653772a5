"""Yuki as a whole: which service is asked for what, by which session, and what of it is answered."""

from collections.abc import Mapping, Sequence

from monitr_pipelines.emulators.frame.contract import Shown
from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.yuki.access import Access
from monitr_pipelines.emulators.yuki.answers import Answers
from monitr_pipelines.emulators.yuki.digest import Digest
from monitr_pipelines.emulators.yuki.envelopes import (
    FAULT_STATUS,
    PATH,
    Call,
    SoapFault,
    answer_of,
    answer_of_fault,
    call_of,
    unknown_action,
)
from monitr_pipelines.emulators.yuki.forms import element, guid, read_text
from monitr_pipelines.emulators.yuki.ledger import Ledger
from monitr_pipelines.emulators.yuki.operations import (
    EVERY,
    SERVICES,
    Operation,
    general,
    of_administrations,
)
from monitr_pipelines.emulators.yuki.reports import Reports

AUTHENTICATE = "Authenticate"
ACCEPTED = "text/xml"
# What tells one page of an answer from another: places, and windows of dates.
OF_A_PAGE = ("sessionID", "StartDate", "EndDate", "startRecord")
REASONS = {
    401: "401 - Unauthorized: Access is denied due to invalid credentials.",
    403: "403 - Forbidden: Access is denied.",
    404: "404 - File or directory not found.",
    405: "405 - HTTP verb used to access this page is not allowed.",
    415: "415 - Unsupported media type.",
    429: "429 - Too many requests.",
    502: "502 - Web server received an invalid response while acting as a gateway or proxy server.",
    503: "Service Unavailable",
    504: "504 - Gateway time-out.",
}


class Yuki:
    """The emulator of one country's services; `access` is what tests turn while it serves."""

    def __init__(self, access: Access, ledger: Ledger, digest: Digest) -> None:
        self.access = access
        self.ledger = ledger
        self._operations = general(access) | of_administrations(
            access, Answers(ledger, digest, Reports(ledger))
        )
        self._sign_in = Operation(EVERY, {"accessKey": read_text}, lambda *_: None)

    def settings(self, address: str) -> Mapping[str, str]:
        """A country, the server that stands for its services, and the access key."""
        return {"country": "be", "url": address, "api_key": self.access.key}

    def administrations(self) -> Sequence[Shown]:
        """The administrations that the key opens."""
        return [Shown(guid("administration", each.id), each.name) for each in self.access.reachable()]

    def subject(self, request: Request) -> str:
        """The operation with what it was given, but for the place in it: dates make the pages of lines."""
        try:
            call = call_of(request)
        except SoapFault:
            return request.path
        given = {name: text for name, text in call.values.items() if name not in OF_A_PAGE}
        return f"{call.service} {call.operation} {sorted(given.items())}"

    def refusal(self, status: int) -> Answer:
        """A fault where the service itself refuses, a page of the server before it for every other status."""
        if status == FAULT_STATUS:
            return answer_of_fault(SoapFault("Server was unable to process request.", code="Server"))
        reason = REASONS.get(status, f"{status}")
        return Answer.text(f"<!DOCTYPE html><html><body><h2>{reason}</h2></body></html>", HTML, status)

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whatever was asked."""
        path = PATH.fullmatch(request.path)
        if path is None or path["service"] not in SERVICES:
            return self.refusal(404)
        if request.method != "POST":
            return self.refusal(405)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != ACCEPTED:
            return self.refusal(415)
        try:
            call = call_of(request)
            with self.ledger.books.lock:
                return answer_of(call.operation, self._result(call))
        except SoapFault as fault:
            return answer_of_fault(fault)

    def _result(self, call: Call) -> str | None:
        if call.operation == AUTHENTICATE:
            session = self.access.open(self._sign_in.read(call.values)["accessKey"])
            return None if session is None else element("AuthenticateResult", session.id)
        operation = self._operations.get(call.operation)
        if operation is None or operation.service not in (EVERY, call.service):
            raise unknown_action(call.operation)
        values = operation.read(call.values)
        session = self.access.session(values["sessionID"])
        if sentence := self.access.refused.get(call.service):
            raise SoapFault(sentence)
        result = operation.answer(session, values)
        return None if result is None else f"<{call.operation}Result>{result}</{call.operation}Result>"
