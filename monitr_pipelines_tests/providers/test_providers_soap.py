"""SOAP: what is asked reads back as it was given, answers are never trusted, faults are told apart."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from http_kit import Order, Server, serve
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.lifecycle.errors import ImportProblem, ProviderDown, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers import soap
from monitr_pipelines.providers.http import Client
from monitr_pipelines.providers.transport import Reply

SPACE = "http://www.example.com/books/"
ANSWER = b"""<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<R xmlns="http://www.example.com/books/"><Lines xmlns="">
<Line id="a"><code>4000</code><amount>12.50</amount><text>caf\xc3\xa9 &amp; bar</text></Line>
<Line id="b" xmlns="http://other"><code>7000</code><amount/><!-- nothing --></Line>
</Lines></R></s:Body></s:Envelope>"""
FAULT = b"""<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>
<faultcode>soap:Server</faultcode><faultstring>Daily limit exceeded</faultstring>
<detail><why xmlns="http://x"><code> 354 </code></why></detail></soap:Fault></soap:Body></soap:Envelope>"""
TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as served:
        yield served


@given(values=st.dictionaries(st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True), TEXTS, max_size=4))
def test_what_is_asked_reads_back(values: dict[str, str]) -> None:
    asked = soap.first(soap.parsed(soap.envelope(SPACE, "GetLines", values)), "GetLines")
    assert asked is not None
    assert asked.tag == f"{{{SPACE}}}GetLines"
    assert soap.texts_of(asked) == values


def test_records_are_read_by_local_names() -> None:
    assert list(soap.records(ANSWER, "Line")) == [
        {"code": "4000", "amount": "12.50", "text": "café & bar"},
        {"code": "7000", "amount": ""},
    ]
    assert list(soap.records(ANSWER, "Other")) == []


ENTITY = b'<!DOCTYPE a [<!ENTITY x "boo">]><a><Line>&x;</Line></a>'


@pytest.mark.parametrize(
    ("body", "cause"),
    [(ANSWER[:-20], "not XML"), (b"<html><p>", "not XML"), (b"", "not XML"), (ENTITY, "document type")],
)
def test_what_is_no_plain_xml_is_refused(body: bytes, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        soap.parsed(body)
    with pytest.raises(ValueError, match=cause):
        list(soap.records(body, "Line"))


def test_a_fault_is_told_whatever_the_status() -> None:
    for status in (200, 500):
        assert soap.fault_of(Reply(status, {}, FAULT)) == soap.Fault(
            "Server", "Daily limit exceeded", {"detail": "", "why": "", "code": "354"}
        )
    for body in (ANSWER, b"Fault", b"<a>Fault</a>", b""):
        assert soap.fault_of(Reply(500, {}, body)) is None


def test_the_client_sends_an_envelope_and_reads_what_comes(server: Server) -> None:
    server.order(Order(body=ANSWER), Order(body=b"<a>"), Order(body=ANSWER), Order(500, FAULT))
    asked = soap.envelope(SPACE, "GetLines", {"code": "<&>"})

    def refusal(reply: Reply) -> ImportProblem | None:
        fault = soap.fault_of(reply)
        return ReconnectNeeded(Message("software_refuses", {"title": "Toy"})) if fault else None

    def ask(client: Client) -> object:
        carried = soap.headers(SPACE, "GetLines")
        return client.ask("POST", "/lines.asmx", headers=carried, xml=asked, decode=soap.parsed).document

    with closing(server.client(refusal=refusal)) as client:
        assert soap.first(ask(client), "amount").text == "12.50"  # type: ignore[arg-type, union-attr]
        # What is no XML is asked for again.
        assert soap.first(ask(client), "amount").text == "12.50"  # type: ignore[arg-type, union-attr]
        with pytest.raises(ReconnectNeeded):
            ask(client)
    assert server.sent == [asked] * 4
    sent = server.asked[0][2]
    assert sent["SOAPAction"] == '"http://www.example.com/books/GetLines"'
    assert sent["Content-Type"] == "text/xml; charset=utf-8"


def test_xml_that_never_comes_whole_is_a_software_that_is_down(server: Server) -> None:
    server.order(Order(body=ANSWER[:-30]))
    with closing(server.client()) as client, pytest.raises(ProviderDown) as down:
        client.ask("POST", "/lines.asmx", xml=b"<a/>", decode=soap.parsed)
    assert [message.kind for message in down.value.messages] == ["answer_unreadable"]
