"""Who may ask: signatures, their age, keys that are new, second, revoked or someone else's."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from hook_kit import Sender, Web, code_of, imports_of, new_id
from process_kit import LONGEST_WAIT
from standardwebhooks import Webhook

from monitr_pipelines.cli.wording import problem_words
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.registry import hook_keys
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.hook import requests, signatures
from monitr_pipelines.web.shell.rejected import Rejected

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
KEY = "whsec_" + base64.b64encode(bytes(range(42))).decode()


def message(signed_at: datetime) -> signatures.Message:
    return signatures.message_of(list(signatures.sign(KEY, "msg_1", b"{}", signed_at).items()), b"{}")


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_a_message_is_fresh_for_five_minutes_each_way(seconds: int) -> None:
    signatures.require_fresh(message(NOW + timedelta(seconds=seconds)), NOW)


@pytest.mark.parametrize("seconds", [-100_000, -301, 301, 100_000])
def test_a_message_from_outside_the_window_is_rejected(seconds: int) -> None:
    with pytest.raises(Rejected) as rejected:
        signatures.require_fresh(message(NOW + timedelta(seconds=seconds)), NOW)
    assert (rejected.value.status, rejected.value.code) == (401, "timestamp_outside_window")


def test_the_window_ends_within_the_second() -> None:
    with pytest.raises(Rejected):
        signatures.require_fresh(message(NOW), NOW + timedelta(seconds=300, microseconds=1))


def test_a_signature_is_the_one_of_the_standard() -> None:
    headers = signatures.sign(KEY, "msg_1", b'{"entity": "\xc3\xa9"}', NOW)
    content = f'msg_1.{int(NOW.timestamp())}.{{"entity": "é"}}'.encode()
    expected = base64.b64encode(hmac.new(bytes(range(42)), content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-key"] == bytes(range(10)).hex()


def test_the_library_of_the_standard_verifies_what_we_sign() -> None:
    body = b'{"entity": "a"}'
    headers = signatures.sign(KEY, "msg_1", body, datetime.now(UTC))
    assert Webhook(KEY).verify(body, headers) == {"entity": "a"}


@pytest.mark.parametrize("change", ["id", "timestamp", "content", "key"])
def test_whatever_is_changed_the_signature_no_longer_fits(change: str) -> None:
    signed = message(NOW)
    changed = {"id": "msg_2", "timestamp": signed.timestamp + 1, "content": "{ }"}
    key = KEY
    if change == "key":
        key = "whsec_" + base64.b64encode(bytes(range(1, 43))).decode()
    else:
        signed = signatures.Message(**{**vars(signed), change: changed[change]})
    assert not signatures.is_signed_with(signed, key)


@pytest.mark.parametrize(
    "key", ["", "whsec_", "whsec_AAAA", "whsec_\xe9", KEY[6:], KEY + "A", "whsec_" + "*" * 56]
)
def test_what_is_not_a_key_signs_nothing(key: str) -> None:
    with pytest.raises(Refused):
        signatures.sign(key, "msg_1", b"{}", NOW)


def test_replay_window_of_the_running_hook(sender: Sender, web: Web) -> None:
    body = json.dumps({"entity": sender.entities[0]}).encode()
    headers = sender.headers(body)
    for minutes in (6, -6):
        web.clock.ahead = timedelta(minutes=minutes)
        answer = sender.post(body, headers)
        assert (answer.status_code, code_of(answer)) == (401, "timestamp_outside_window")
    web.clock.ahead = timedelta(minutes=4)
    assert sender.post(body, headers).status_code == 202


def test_one_of_several_signatures_is_enough(sender: Sender) -> None:
    body = json.dumps({"entity": sender.entities[0]}).encode()
    headers = sender.headers(body)
    headers["webhook-signature"] = f"v1a,other v1,AAAA {headers['webhook-signature']} v2,x"
    assert sender.post(body, headers).status_code == 202


@pytest.mark.parametrize(
    "signature",
    ["v1,", "v1", "v2,{0}", "v1,{0}=", "v1,%", "v1,AAAA", "{0}", ",", "v1,AAAA " * 9 + "v1,AAAA"],
)
def test_a_signature_that_does_not_fit_is_refused(sender: Sender, signature: str) -> None:
    body = json.dumps({"entity": sender.entities[0]}).encode()
    headers = sender.headers(body)
    right = headers["webhook-signature"].removeprefix("v1,")
    answer = sender.post(body, headers | {"webhook-signature": signature.format(right)})
    assert (answer.status_code, code_of(answer)) == (401, "signature_wrong")
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("name", sorted(signatures.SHAPES))
def test_a_missing_malformed_or_doubled_header_is_refused(sender: Sender, name: str) -> None:
    body = json.dumps({"entity": sender.entities[0]}).encode()
    headers = sender.headers(body)
    without = {key: value for key, value in headers.items() if key != name}
    assert code_of(sender.post(body, without)) == "header_missing"
    for value in ("", "é", "a\tb", "0", "-1", "x" * 2000, "1e3"):
        sent = [*without.items(), (name, value.encode("latin-1"))]
        answer = sender.client.post("/hooks/imports", content=body, headers=sent)
        assert answer.status_code == 401
        assert code_of(answer) in {
            "header_malformed",
            "header_missing",
            "signature_wrong",
            "timestamp_outside_window",
        }
    doubled = sender.client.post(
        "/hooks/imports", content=body, headers=[*headers.items(), (name, headers[name])]
    )
    assert (doubled.status_code, code_of(doubled)) == (401, "header_malformed")


def test_keys_rotate_new_beside_old_and_a_revoked_one_is_unknown(
    sender: Sender, connection: Connection
) -> None:
    old = sender
    made = hook_keys.create(connection, str(old.organisation_id))
    new = Sender(old.organisation_id, made.id, made.key, old.entities, old.clock, old.client)
    assert [old.ask().status_code, new.ask().status_code] == [202, 202]
    with pytest.raises(Refused, match="Revoke one") as refused:
        hook_keys.create(connection, str(old.organisation_id))
    assert refused.value.code == "too_many_hook_keys"
    assert "monitr hook-key revoke ID" in problem_words(refused.value)
    hook_keys.revoke(connection, old.key_id)
    answer = old.ask()
    assert (answer.status_code, code_of(answer)) == (401, "signature_wrong")
    assert new.ask().status_code == 202
    hook_keys.create(connection, str(old.organisation_id))
    with pytest.raises(Refused):
        hook_keys.revoke(connection, old.key_id)


def test_an_unknown_key_and_a_wrong_signature_cannot_be_told_apart(sender: Sender) -> None:
    body = json.dumps({"entity": sender.entities[0]}).encode()
    unknown = sender.post(body, sender.headers(body, webhook_key="00" * 10))
    wrong = sender.post(body, sender.headers(body, webhook_signature="v1,AAAA"))
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.content == wrong.content


def test_a_key_is_encrypted_in_the_database(sender: Sender, connection: Connection) -> None:
    row = connection.execute("select secret from app.hook_key where id = %s", [sender.key_id]).fetchone()
    assert row
    stored = bytes(row["secret"])
    assert sender.key.encode() not in stored
    assert base64.b64decode(sender.key[6:])[10:] not in stored


def test_another_tenants_key_opens_nothing(new_sender: Callable[..., Sender], connection: Connection) -> None:
    mine, theirs = new_sender(), new_sender()
    body = json.dumps({"entity": theirs.entities[0]}).encode()
    headers = mine.headers(body)
    headers["webhook-key"] = theirs.headers(body)["webhook-key"]
    assert sender_status(mine, body, headers) == 401
    assert imports_of(connection, theirs.entities[0]) == []


def sender_status(sender: Sender, body: bytes, headers: dict[str, str]) -> int:
    return sender.post(body, headers).status_code


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the bodies whose signature was looked at."""
    sizes: list[int] = []
    read = signatures.message_of

    def watched(headers: list[tuple[str, str]], body: bytes) -> signatures.Message:
        sizes.append(len(body))
        return read(headers, body)

    monkeypatch.setattr(signatures, "message_of", watched)
    return sizes


def test_a_body_that_is_too_large_is_never_hashed(sender: Sender, hashed: list[int]) -> None:
    largest = b'{"entity": "none"}'.ljust(requests.LARGEST_BODY)
    assert sender.post(largest, sender.headers(largest)).status_code == 404
    assert hashed == [requests.LARGEST_BODY]
    for body in (largest + b" ", b"x" * 2_000_000):
        headers = sender.headers(body)
        chunks = (body[at : at + 1000] for at in range(0, len(body), 1000))
        for content in (body, chunks):
            answer = sender.client.post("/hooks/imports", content=content, headers=headers)
            assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert len(hashed) == 1


def test_a_body_in_chunks_is_taken(sender: Sender) -> None:
    body = json.dumps({"entity": sender.entities[0]}).encode()
    pieces = (body[at : at + 5] for at in range(0, len(body), 5))
    answer = sender.client.post("/hooks/imports", content=pieces, headers=sender.headers(body))
    assert answer.status_code == 202


def test_a_body_that_does_not_come_is_not_waited_for(
    web: Web, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.2)
    port = httpx2.URL(web.url).port
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT) as slow:
        slow.sendall(
            b"POST /hooks/imports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"content-length: 10\r\n\r\n{"
        )
        assert slow.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_a_sender_that_leaves_within_its_body_is_no_error_of_ours(
    web: Web, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    port = httpx2.URL(web.url).port
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT) as leaving:
            leaving.sendall(
                b"POST /hooks/imports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                b"content-length: 10\r\n\r\n{"
            )
    assert sender.ask().status_code == 202
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_no_secret_is_in_what_is_answered_or_shown(sender: Sender) -> None:
    answer = sender.ask(message_id=new_id())
    secret = sender.key.removeprefix("whsec_")
    assert secret not in answer.text
    assert secret not in sender.client.get("/metrics").text
    assert secret not in sender.client.get("/openapi.json").text
