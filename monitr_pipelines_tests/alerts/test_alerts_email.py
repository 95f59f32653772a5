"""What an e-mail says, and what nobody can make it say."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from alerts_kit import NOW, Mailbox
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.alerts import email
from monitr_pipelines.alerts.addresses import Undeliverable
from monitr_pipelines.alerts.letters import document, letter
from monitr_pipelines.alerts.outbox import Batch, Told
from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.lifecycle.messages import Answer, Message, Option, plain

PAGE = "https://monitr.example/entities"


def batch(name: str = "Bakkerij Peeters", cause: str = "reconnect_needed", **changes: object) -> Batch:
    told = Told(
        "1042-bakkerij-peeters",
        name,
        "Peeters Group",
        (plain("Connect again."),),
        takes_files=False,
        opened_at=NOW - timedelta(hours=2),
        closed_at=None,
    )
    made = Batch(
        ids=(7, 9),
        channel="email",
        kind="opened",
        recipient="books@customer.example",
        cause=cause,
        attempts=1,
        for_operations=False,
        secret=None,
        entities=(told,),
    )
    return replace(made, **changes)


def test_a_letter_names_the_entity_the_cause_what_to_do_and_where() -> None:
    written = letter(batch(), PAGE)
    assert written.subject == "The connection no longer works: Bakkerij Peeters (reconnect_needed)"
    assert "1042-bakkerij-peeters" in written.text
    assert "since 23 Nov 2026 07:00" in written.text, "Brussels time"
    assert "What to do: Connect again under Organisations > Integrations." in written.text
    assert PAGE in written.text


@pytest.mark.parametrize("kind", ["opened", "recovered"])
@pytest.mark.parametrize("for_operations", [True, False])
def test_every_cause_can_be_told(kind: str, *, for_operations: bool) -> None:
    for cause in REMEDIES:
        told = batch(cause=cause, kind=kind, for_operations=for_operations)
        assert cause in letter(told, PAGE).subject
        assert document(told, PAGE)["type"] == f"alert.{kind}"


def test_commands_are_told_to_operations_alone() -> None:
    shrunken = Message("shrunken", answers=(Answer(Option.ALLOW_SHRINK),))
    one = replace(batch().entities[0], messages=(shrunken,))
    told = batch(cause="shrunken", entities=(one,))
    assert "ask whoever manages Monitr for you to accept that." in letter(told, PAGE).text
    assert "--" not in letter(told, PAGE).text
    assert "--" not in str(document(told, PAGE))
    assert "import again with --allow-shrink." in letter(replace(told, for_operations=True), PAGE).text


@given(st.text(min_size=1), st.text())
def test_no_name_or_message_reaches_the_headers(name: str, message: str) -> None:
    one = replace(batch().entities[0], name=name, messages=(plain(message),))
    subject = letter(batch(entities=(one,)), PAGE).subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) < 200


def test_a_hostile_name_arrives_as_a_subject_alone(mailbox: Mailbox) -> None:
    email.send(batch(name="Peeters\r\nBcc: all@customer.example\r\n\r\nBuy now \u2028 é"))
    (arrived,) = mailbox.letters
    assert arrived["Bcc"] is None
    assert mailbox.recipients == ["books@customer.example"]
    assert "Peeters Bcc: all@customer.example Buy now é" in arrived["Subject"]


@pytest.mark.parametrize(
    "recipient",
    [
        "books@customer.example\r\nBcc: all@customer.example",
        "books@customer.example, all@customer.example",
        "books@customer.example all@customer.example",
        "Books <books@customer.example>",
        "no address",
        "",
        "@",
    ],
)
def test_what_is_not_one_address_gets_nothing(mailbox: Mailbox, recipient: str) -> None:
    with pytest.raises(Undeliverable, match="not an e-mail address"):
        email.send(batch(recipient=recipient))
    assert mailbox.letters == []


def test_the_same_batch_has_the_same_id(mailbox: Mailbox) -> None:
    email.send(batch())
    email.send(batch())
    email.send(batch(ids=(7,)))
    first, again, other = (arrived["Message-ID"] for arrived in mailbox.letters)
    assert first == again != other


def test_the_line_is_encrypted_where_the_server_offers_it(strict_mailbox: Mailbox, trusted: object) -> None:
    email.send(batch())
    assert strict_mailbox.encrypted == [True]


def test_a_server_that_nobody_vouches_for_does_not_get_the_password(strict_mailbox: Mailbox) -> None:
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        email.send(batch())
    assert strict_mailbox.letters == []


def test_a_password_is_not_sent_in_the_clear(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "is_loopback", lambda _: False)
    monkeypatch.setenv("MONITR_SMTP_URL", os.environ["MONITR_SMTP_URL"].replace("//", "//me:hush@"))
    with pytest.raises(Undeliverable, match="no encryption") as refused:
        email.send(batch())
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "localhost:25", "http://localhost", "smtp://", "smtp:localhost"])
def test_a_server_that_is_not_set_is_said_so(
    url: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_SMTP_URL", url)
    with pytest.raises(Undeliverable, match="MONITR_SMTP_URL"):
        email.send(batch())


@pytest.mark.parametrize("password", ["hu/sh", "hu?sh", "hu#sh", "12/sh", "12?sh", "12#sh", "hu[sh", "hu℀sh"])
def test_a_password_that_is_not_encoded_is_not_quoted(
    password: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_SMTP_URL", f"smtp://me:{password}@localhost:25")
    with pytest.raises(Undeliverable, match="%2F for /") as refused:
        email.send(batch())
    assert not any(part in str(refused.value) for part in ("hu", "sh", "12", "localhost"))
