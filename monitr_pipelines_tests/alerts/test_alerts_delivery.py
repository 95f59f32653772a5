"""What arrives, how often, and what happens when it does not."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from alerts_kit import NOW, Company, Mailbox, Receiver, killed_child
from process_kit import LONGEST_WAIT

from monitr_pipelines import alerts
from monitr_pipelines.alerts import delivery, email, outbox, rounds
from monitr_pipelines.alerts.outbox import GATHERING, PAUSES
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

MakeCompany = Callable[..., Company]
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def look(connection: Connection, now: datetime) -> None:
    alerts.watch(connection, now)
    alerts.deliver(connection, now)


def states(connection: Connection) -> list[tuple[int, bool, bool]]:
    rows = connection.execute("select * from app.alert_message order by id").fetchall()
    return [(row["attempts"], row["sent_at"] is not None, row["given_up_at"] is not None) for row in rows]


def test_trouble_and_recovery_arrive_once_by_both_channels(
    connection: Connection,
    make_company: MakeCompany,
    mailbox: Mailbox,
    receiver: Receiver,
    listens: Callable[[Company], None],
) -> None:
    company = make_company()
    listens(company)
    company.ends("reconnect_needed")
    for seconds in range(0, 60, 10):
        look(connection, NOW + timedelta(seconds=seconds))
    company.ends(None, NOW + HOUR)
    look(connection, NOW + HOUR)
    look(connection, NOW + 2 * HOUR)
    assert [letter["Subject"] for letter in mailbox.letters] == [
        "The connection no longer works: Test company (reconnect_needed)",
        "Recovered: Test company (reconnect_needed)",
    ]
    assert [said["type"] for said in receiver.documents] == ["alert.opened", "alert.recovered"]


def test_three_hundred_entities_of_one_cause_are_one_message(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    first = make_company()
    for company in [first, *(make_company(beside=first) for _ in range(299))]:
        company.ends("provider_down", NOW - 5 * HOUR)
        company.ends("provider_down")
    look(connection, NOW)
    assert len(mailbox.letters) == 1
    assert "300 entities" in mailbox.letters[0]["Subject"]
    assert "and 250 more" in mailbox.letters[0].get_content()
    assert states(connection) == [(1, True, False)] * 300


def test_those_that_follow_gather_for_a_quarter_of_an_hour(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    first = make_company()
    others = [make_company(beside=first) for _ in range(5)]
    first.ends("reconnect_needed")
    look(connection, NOW)
    for nth, company in enumerate(others, start=1):
        company.ends("reconnect_needed", NOW + nth * MINUTE)
        look(connection, NOW + nth * MINUTE)
    assert len(mailbox.letters) == 1
    look(connection, NOW + GATHERING + MINUTE)
    assert len(mailbox.letters) == 2
    assert "5 entities" in mailbox.letters[1]["Subject"]


def test_they_gather_too_while_the_first_cannot_be_sent(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    mailbox.refuse = "451 come again"
    first = make_company()
    others = [make_company(beside=first) for _ in range(5)]
    first.ends("reconnect_needed")
    look(connection, NOW)
    for nth, company in enumerate(others, start=1):
        company.ends("reconnect_needed", NOW + nth * MINUTE)
        look(connection, NOW + nth * MINUTE)
    mailbox.refuse = None
    for minutes in (10, 20, 40):
        look(connection, NOW + minutes * MINUTE)
    assert [letter["Subject"].split(": ")[1] for letter in mailbox.letters] == [
        "Test company (reconnect_needed)",
        "5 entities (reconnect_needed)",
    ]


def test_batches_that_failed_at_different_times_stay_apart(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    """Both are due at once after a long stop: their ids must not change for it."""
    mailbox.refuse = "451 come again"
    first = make_company()
    other = make_company(beside=first)
    first.ends("reconnect_needed")
    look(connection, NOW)
    connection.execute("update app.alert_message set attempts = 4, next_attempt_at = %s", [NOW + HOUR])
    other.ends("reconnect_needed", NOW + MINUTE)
    look(connection, NOW + MINUTE)
    connection.execute("update app.alert_message set attempts = 4")
    mailbox.refuse = None
    look(connection, NOW + 5 * HOUR)
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == 2


def test_another_cause_does_not_wait_for_it(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    first = make_company()
    other = make_company(beside=first)
    first.ends("reconnect_needed")
    look(connection, NOW)
    other.ends("shrunken", NOW + MINUTE)
    look(connection, NOW + MINUTE)
    assert len(mailbox.letters) == 2


def test_organisations_never_share_a_message_and_operations_get_one(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_OPERATIONS_EMAIL", "operations@monitr.example")
    for address in ("one@customer.example", "two@customer.example"):
        make_company(email=address).ends("vault")
    look(connection, NOW)
    by_recipient = {letter["To"]: letter for letter in mailbox.letters}
    assert set(by_recipient) == {"one@customer.example", "two@customer.example", "operations@monitr.example"}
    assert len(mailbox.letters) == 3
    assert "2 entities" in by_recipient["operations@monitr.example"]["Subject"]
    assert "secret.key" in by_recipient["operations@monitr.example"].get_content()
    assert "secret.key" not in by_recipient["one@customer.example"].get_content()


def test_failures_are_tried_again_ever_later_then_given_up_and_said_so(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    company = make_company()
    company.ends("reconnect_needed")
    mailbox.refuse = "451 come again"
    now = NOW
    with caplog.at_level(logging.WARNING):
        for count, pause in enumerate(PAUSES, start=1):
            look(connection, now)
            look(connection, now + pause - timedelta(seconds=1))
            assert states(connection) == [(count, False, False)]
            assert "given up" not in caplog.text
            now += pause
        look(connection, now)
    assert states(connection) == [(len(PAUSES) + 1, False, True)]
    assert "given up" in caplog.text
    mailbox.refuse = None
    look(connection, now + 48 * HOUR)
    assert mailbox.letters == []


def test_what_failed_arrives_later_under_the_same_identity(
    connection: Connection,
    make_company: MakeCompany,
    receiver: Receiver,
    listens: Callable[[Company], None],
) -> None:
    first = make_company(email=None)
    second = make_company(email=None, beside=first)
    listens(first)
    first.ends("reconnect_needed")
    receiver.status = 503
    look(connection, NOW)
    second.ends("reconnect_needed", NOW)
    receiver.status = 200
    look(connection, NOW + MINUTE)
    look(connection, NOW + HOUR)
    (tried, body), (again, same_body), (other, _) = receiver.requests
    assert tried["webhook-id"] == again["webhook-id"] != other["webhook-id"]
    assert body == same_body, "a batch stays together from its first attempt on"
    assert states(connection) == [(2, True, False), (1, True, False)]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410, 500])
def test_only_a_success_counts_and_no_redirect_is_followed(
    connection: Connection,
    make_company: MakeCompany,
    receiver: Receiver,
    listens: Callable[[Company], None],
    status: int,
) -> None:
    company = make_company(email=None)
    listens(company)
    company.ends("reconnect_needed")
    receiver.status = status
    look(connection, NOW)
    assert len(receiver.requests) == 1
    assert states(connection) == [(1, False, False)]
    row = connection.execute("select last_error from app.alert_message").fetchone()
    assert row is not None
    assert str(status) in row["last_error"]


def test_a_dead_mail_server_holds_up_nothing_else(
    connection: Connection,
    make_company: MakeCompany,
    receiver: Receiver,
    listens: Callable[[Company], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(email, "SECONDS", 2)
    monkeypatch.setenv("MONITR_ALERT_FROM", "alerts@monitr.example")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MONITR_SMTP_URL", f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        for _ in range(outbox.BATCHES_AT_ONCE + 4):
            company = make_company()
            listens(company)
            company.ends("reconnect_needed")
        look(connection, NOW)
        look(connection, NOW)
    assert len(receiver.requests) == outbox.BATCHES_AT_ONCE + 4
    row = connection.execute(
        "select count(*) as failed from app.alert_message where channel = 'email' and last_error is not null"
    ).fetchone()
    assert row == {"failed": outbox.BATCHES_AT_ONCE + 4}


def test_mail_that_is_not_set_up_is_said_so(
    connection: Connection,
    make_company: MakeCompany,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("MONITR_SMTP_URL", raising=False)
    monkeypatch.setenv("MONITR_ALERT_FROM", "alerts@monitr.example")
    make_company().ends("reconnect_needed")
    look(connection, NOW)
    assert "MONITR_SMTP_URL" in caplog.text


def test_a_trouble_that_is_over_before_it_was_told_is_told_to_nobody(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    company = make_company()
    company.ends("reconnect_needed")
    alerts.watch(connection, NOW)
    company.ends(None, NOW + MINUTE)
    look(connection, NOW + MINUTE)
    assert mailbox.letters == []
    assert states(connection) == [(0, False, True)]


def test_an_address_that_was_changed_gets_nothing_more(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    company = make_company()
    company.ends("reconnect_needed")
    mailbox.refuse = "451 come again"
    look(connection, NOW)
    mailbox.refuse = None
    company.sets(alert_email="new@customer.example")
    look(connection, NOW + HOUR)
    assert mailbox.letters == []


def test_killed_between_the_commit_and_the_sending_it_is_sent_after_a_pause(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company()
    company.ends("reconnect_needed")
    alerts.watch(connection, NOW)

    def work() -> None:
        monkeypatch.setitem(delivery.SENDERS, "email", lambda _: os._exit(9))
        with database.connect(autocommit=True) as own:
            alerts.deliver(own, NOW)

    assert killed_child(work) == 9
    assert states(connection) == [(1, False, False)]
    alerts.deliver(connection, NOW)
    assert mailbox.letters == []
    alerts.deliver(connection, NOW + MINUTE)
    assert len(mailbox.letters) == 1
    assert states(connection) == [(2, True, False)]


@pytest.mark.parametrize("channel", ["email", "hook"])
def test_killed_between_the_sending_and_the_note_of_it_the_repetition_is_known_by_its_id(
    connection: Connection,
    make_company: MakeCompany,
    mailbox: Mailbox,
    *,
    receiver: Receiver,
    listens: Callable[[Company], None],
    monkeypatch: pytest.MonkeyPatch,
    channel: str,
) -> None:
    company = make_company(email="books@customer.example" if channel == "email" else None)
    if channel == "hook":
        listens(company)
    company.ends("reconnect_needed")
    alerts.watch(connection, NOW)

    def work() -> None:
        monkeypatch.setattr(outbox, "note_sent", lambda *_: os._exit(9))
        with database.connect(autocommit=True) as own:
            alerts.deliver(own, NOW)

    assert killed_child(work) == 9
    look(connection, NOW + MINUTE)
    look(connection, NOW + HOUR)
    ids = [letter["Message-ID"] for letter in mailbox.letters]
    ids += [headers["webhook-id"] for headers, _ in receiver.requests]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_two_who_deliver_at_once_send_it_once(
    connection: Connection, make_company: MakeCompany, mailbox: Mailbox
) -> None:
    for _ in range(4):
        make_company().ends("reconnect_needed")
    alerts.watch(connection, NOW)
    with database.connect(autocommit=True) as other:
        mine = outbox.claim(connection, "email", NOW)
        assert outbox.claim(other, "email", NOW) == []
    assert len(mine) == 4


def test_an_unforeseen_error_of_one_message_is_noted_with_it(
    connection: Connection,
    make_company: MakeCompany,
    mailbox: Mailbox,
    receiver: Receiver,
) -> None:
    company = make_company()
    company.sets(alert_url=receiver.url, alert_secret=b"no key opens this")
    company.ends("reconnect_needed")
    look(connection, NOW)
    assert len(mailbox.letters) == 1
    row = connection.execute("select last_error from app.alert_message where channel = 'hook'").fetchone()
    assert row is not None
    assert row["last_error"].startswith("OurFault: A stored secret cannot be read.")


def test_the_thread_goes_on_after_an_error_and_ends_when_told(
    make_company: MakeCompany,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_company().ends("reconnect_needed", datetime.now(UTC))
    delivered = threading.Event()
    rounds_made = []

    def stumbles_once(connection: Connection) -> None:
        rounds_made.append(1)
        if len(rounds_made) == 1:
            raise ValueError("stumbled")
        delivery.deliver(connection)
        delivered.set()

    monkeypatch.setattr(rounds, "ROUND_SECONDS", 0.01)
    monkeypatch.setattr(rounds, "deliver", stumbles_once)
    ended = threading.Event()
    thread = alerts.start(ended)
    assert delivered.wait(LONGEST_WAIT)
    ended.set()
    thread.join(LONGEST_WAIT)
    assert not thread.is_alive()
    assert len(mailbox.letters) == 1
    assert "stumbled" in caplog.text
