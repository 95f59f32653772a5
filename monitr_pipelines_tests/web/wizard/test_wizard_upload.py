"""How a file comes in: in chunks, within its limit, all of it or nothing; and how it is read back."""

import io
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from process_kit import LONGEST_WAIT

from monitr_pipelines.warehouse.queue.upload_content import CHUNK_BYTES, StoredFile
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.wizard import drafts, intake
from monitr_pipelines.web.wizard.multipart import FormUnreadable, UploadForm
from monitr_pipelines_tests.web.hook_kit import Web
from monitr_pipelines_tests.web.page_kit import form_token
from monitr_pipelines_tests.web.wizard_kit import HEADER, Person, booking, uploads_of, words

BOUNDARY = "----a-boundary"
MEGABYTE = 1024 * 1024


@pytest.fixture
def _one_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_UPLOAD_LIMIT_MB", "1")


def form_start(csrf: str, name: str = "books.csv") -> bytes:
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    ).encode()


FORM_END = f"\r\n--{BOUNDARY}--\r\n".encode()


@contextmanager
def raw_post(person: Person, web: Web, *headers: str) -> Iterator[socket.socket]:
    """A connection on which the head of an upload was sent."""
    address = urlsplit(web.url)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.client.cookies.jar)
    with socket.create_connection((address.hostname, address.port), timeout=LONGEST_WAIT) as connected:
        lines = [
            f"POST {person.address} HTTP/1.1",
            f"Host: {address.netloc}",
            f"Cookie: {cookies}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            *headers,
        ]
        connected.sendall("\r\n".join([*lines, "", ""]).encode())
        yield connected


def chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def answer_of(connected: socket.socket) -> str:
    """The answer up to the end of its page."""
    received = b""
    while b"</html>" not in received and (data := connected.recv(65536)):
        received += data
    return received.decode()


def test_a_file_is_kept_byte_for_byte_in_chunks_of_a_megabyte(connection: Connection, person: Person) -> None:
    content = HEADER.encode() + os.urandom(5 * MEGABYTE // 2).replace(b"\r\n--", b"")
    number = person.draft(content, "C:\\My books\\<b>2026\x07 é.csv").rpartition("/")[2]
    (kept,) = connection.execute(
        """
        select
            file_name,
            size_bytes,
            encode(sha256(string_agg(content, '' order by ordinal)), 'hex') = content_hash as same,
            array_agg(length(content) order by ordinal) as sizes
        from app.upload as u inner join app.upload_chunk as c on c.upload_id = u.id
        where u.id = %s
        group by u.id
        """,
        [number],
    ).fetchall()
    assert kept["size_bytes"] == len(content)
    assert kept["same"]
    assert kept["sizes"][:-1] == [MEGABYTE, MEGABYTE]
    assert kept["file_name"].endswith(".csv")
    assert "My books" not in kept["file_name"]
    assert "<b>" not in person.client.get(f"{person.address}/{number}").text.partition("<main")[2]


@pytest.mark.usefixtures("_one_megabyte")
def test_a_length_beyond_the_limit_is_refused_before_anything_is_sent(
    connection: Connection, person: Person, web: Web
) -> None:
    with raw_post(person, web, f"Content-Length: {10 * MEGABYTE}", "Expect: 100-continue") as connected:
        answer = answer_of(connected)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "larger than 1 MB" in words(answer)
    assert uploads_of(connection, person.company.key) == []


@pytest.mark.usefixtures("_one_megabyte")
def test_without_a_length_it_is_refused_as_soon_as_the_limit_is_passed(
    connection: Connection, person: Person, web: Web
) -> None:
    csrf = form_token(person.client, person.address)
    with raw_post(person, web, "Transfer-Encoding: chunked") as connected:
        connected.sendall(chunked(form_start(csrf)))
        for _ in range(20):
            connected.sendall(chunked(b"x" * (MEGABYTE // 10)))
        answer = answer_of(connected)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "larger than 1 MB" in words(answer)
    assert uploads_of(connection, person.company.key) == []


@pytest.mark.usefixtures("_one_megabyte")
def test_the_limit_itself_is_allowed_and_one_byte_more_is_not(connection: Connection, person: Person) -> None:
    assert person.upload(b"x" * MEGABYTE).status_code == 303
    assert person.upload(b"x" * (MEGABYTE + 1)).status_code == 413
    assert len(uploads_of(connection, person.company.key)) == 1


def test_an_upload_that_breaks_off_leaves_nothing(
    connection: Connection, person: Person, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, dropped = threading.Event(), threading.Event()
    add_chunk, drop = drafts.add_chunk, drafts.drop

    def noted_add(*arguments: object) -> None:
        add_chunk(*arguments)  # type: ignore[arg-type]
        stored.set()

    def noted_drop(organisation_id: int, upload_id: int) -> None:
        drop(organisation_id, upload_id)
        dropped.set()

    monkeypatch.setattr(drafts, "add_chunk", noted_add)
    monkeypatch.setattr(drafts, "drop", noted_drop)
    csrf = form_token(person.client, person.address)
    with raw_post(person, web, f"Content-Length: {50 * MEGABYTE}") as connected:
        connected.sendall(form_start(csrf) + b"x" * (2 * MEGABYTE))
        assert stored.wait(LONGEST_WAIT)
        (half,) = uploads_of(connection, person.company.key)
        assert half["chunks"] != 0
        assert person.client.get(f"{person.address}/{half['id']}").status_code == 404
    assert dropped.wait(LONGEST_WAIT)
    assert uploads_of(connection, person.company.key) == []
    chunks = connection.execute("select from app.upload_chunk where upload_id = %s", [half["id"]])
    assert chunks.fetchall() == []


def test_a_browser_that_falls_silent_is_given_up(
    connection: Connection, person: Person, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "IDLE_SECONDS", 0.2)
    csrf = form_token(person.client, person.address)
    with raw_post(person, web, f"Content-Length: {5 * MEGABYTE}") as connected:
        connected.sendall(form_start(csrf) + b"x" * 1000)
        answer = answer_of(connected)
    assert answer.startswith("HTTP/1.1 408 ")
    assert uploads_of(connection, person.company.key) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no form at all", 400),
        (form_start("CSRF")[:-20], 400),
        (form_start("CSRF") + b"cut off", 400),
        (form_start("CSRF") + FORM_END, 422),
        (form_start("CSRF").partition(b"\r\n--")[0] + FORM_END, 422),
        (form_start("CSRF", "\0\x1b") + b"x" + FORM_END, 303),
        (form_start("x" * 5000) + b"x" + FORM_END, 400),
    ],
    ids=[
        "empty",
        "no form",
        "head cut",
        "file cut",
        "empty file",
        "no file",
        "odd name",
        "long",
    ],
)
def test_forms_that_are_none_are_refused_and_leave_nothing(
    connection: Connection, person: Person, body: bytes, status: int
) -> None:
    csrf = form_token(person.client, person.address).encode()
    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = person.client.post(person.address, content=body.replace(b"CSRF", csrf), headers=kind)
    assert answer.status_code == status
    assert len(uploads_of(connection, person.company.key)) == (status == 303)


@pytest.mark.parametrize("kind", ["", "text/csv", "multipart/form-data", "multipart/form-data; boundary="])
def test_other_bodies_are_refused(person: Person, kind: str) -> None:
    answer = person.client.post(person.address, content=b"x", headers={"content-type": kind})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_draft_that_was_thrown_away_meanwhile_is_told(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = drafts.add

    def thrown_away(organisation_id: int, entity_id: int, file_name: str) -> int:
        upload_id = add(organisation_id, entity_id, file_name)
        drafts.drop(organisation_id, upload_id)
        return upload_id

    monkeypatch.setattr(drafts, "add", thrown_away)
    refused = person.upload(HEADER + booking("2026-01-31"))
    assert refused.status_code == 409
    assert "thrown away" in words(refused.text)


def test_a_draft_that_is_thrown_away_while_it_is_looked_at_is_gone(
    connection: Connection, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    content = drafts.content

    def thrown_away(organisation_id: int, file: drafts.WizardFile) -> BinaryIO:
        drafts.drop(organisation_id, file.id)
        return content(organisation_id, file)

    monkeypatch.setattr(drafts, "content", thrown_away)
    assert person.client.get(page).status_code == 404


@given(content=st.binary(max_size=300), cuts=st.lists(st.integers(1, 40), max_size=40))
def test_a_form_is_the_same_however_the_network_cuts_it(content: bytes, cuts: list[int]) -> None:
    content = content.replace(b"\r\n--" + BOUNDARY.encode(), b"")
    body = form_start("token", "name.csv") + content + FORM_END
    form = UploadForm(f"multipart/form-data; boundary={BOUNDARY}")
    found, position = b"", 0
    for cut in [*cuts, len(body)]:
        found += b"".join(piece.content for piece in form.feed(body[position : position + cut]))
        position += cut
        if position >= len(body):
            break
    assert (found, form.fields, form.file_names) == (content, {"csrf": "token"}, ["name.csv"])
    assert form.ended


@given(body=st.binary(max_size=500))
def test_any_bytes_are_a_form_or_refused(body: bytes) -> None:
    form = UploadForm(f"multipart/form-data; boundary={BOUNDARY}")
    try:
        form.feed(form_start("token")[:60] + body)
    except FormUnreadable:
        assert not form.ended


@given(
    size=st.integers(0, 3 * CHUNK_BYTES),
    steps=st.lists(st.tuples(st.integers(0, 3 * CHUNK_BYTES), st.integers(0, CHUNK_BYTES + 5)), max_size=6),
)
def test_a_stored_file_reads_as_the_file_itself(size: int, steps: list[tuple[int, int]]) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    content = content[:size]
    plain = io.BytesIO(content)
    held = io.BufferedReader(
        StoredFile(size, lambda nth: content[nth * CHUNK_BYTES : (nth + 1) * CHUNK_BYTES]), CHUNK_BYTES
    )
    for position, length in steps:
        assert held.seek(position) == plain.seek(position)
        assert held.read(length) == plain.read(length)
        assert held.tell() == plain.tell() or position > size
    assert held.seek(0, io.SEEK_END) == size


def test_the_server_stays_small_while_a_large_file_comes_in(
    connection: Connection, person: Person, home: Path, tmp_path: Path
) -> None:
    size = 150 * MEGABYTE
    block = booking("2026-01-31").encode() * (MEGABYTE // len(booking("2026-01-31")))

    def body(csrf: str) -> Iterator[bytes]:
        yield form_start(csrf) + HEADER.encode()
        for _ in range(size // len(block)):
            yield block
        yield FORM_END

    with (
        served_apart(tmp_path) as (url, process),
        httpx2.Client(base_url=url, cookies=person.client.cookies, timeout=LONGEST_WAIT) as client,
    ):
        Person(client, person.company).draft(HEADER + booking("2026-01-31"))
        before = peak_memory(process.pid)
        content = body(form_token(client, person.address))
        kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        answer = client.post(person.address, content=content, headers=kind)
        assert answer.status_code == 303
        page = words(client.get(answer.headers["location"]).text)
        # As many as a look has time for; a slow machine sees fewer.
        assert re.search(r"Only the first [\d,]+ lines were looked at", page)
        grown = peak_memory(process.pid) - before
        assert grown < 40 * MEGABYTE, f"{grown:,} bytes"
    assert uploads_of(connection, person.company.key)[-1]["size_bytes"] > 0.9 * size


@contextmanager
def served_apart(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The application as a process of its own."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitr_pipelines.web.server"],
            env={**os.environ, "MONITR_HOOK_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
        try:
            transport = httpx2.HTTPTransport(retries=10)
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
                assert client.get("/sign-in").status_code == 200
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(LONGEST_WAIT)


def peak_memory(pid: int) -> int:
    """The most memory that a process has held so far, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
