"""Files and answers that no wizard expects: a page tells the problem."""

import pytest

from monitr_pipelines.importing import look
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.wizard_kit import HEADER, Person, booking, imports_of, words, xlsx

HOSTILE = {
    "NUL bytes": HEADER.encode() + b"2026-01-31,611000,a\0b,c,1.00,\n",
    "a field of 10 MB": HEADER.encode() + b'2026-01-31,611000,"' + b"x" * 10_000_000 + b'",c,1.00,\n',
    "one line of 10 MB": b"x" * 10_000_000,
    "UTF-16 without mark": (HEADER + booking("2026-01-31")).encode("utf-16-le"),
    "half a character": HEADER.encode() + "2026-01-31,611000,caf\u00e9".encode()[:-1],
    "mixed encodings": HEADER.encode() + "é".encode() + b"\xe9\n",
    "only blanks": b"   \n\n  ",
    "only newlines": b"\n" * 100_000,
    "a header alone": HEADER.encode(),
    "a zip": b"PK\x03\x04" + b"\0" * 100,
    "a gzip": b"\x1f\x8b\x08" + b"\0" * 100,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "a PDF": b"%PDF-1.7\n",
    "a web page": b"<!doctype html><html><body>Sign in</body></html>",
    "broken XML": b"<auditfile><header>",
    "XML bomb": b'<!DOCTYPE a [<!ENTITY b "c">]><auditfile>&b;</auditfile>',
    "JSON": b'{"date": "2026-01-31"}',
    "an open quote": HEADER.encode() + b'2026-01-31,"611000,x,y,1.00,\n',
    "random": bytes(range(256)) * 400,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_give_a_page_with_the_problem(
    connection: Connection, person: Person, content: bytes
) -> None:
    page = person.draft(content)
    shown = person.client.get(page)
    assert shown.status_code == 200
    assert 'role="alert"' in shown.text
    assert person.send(page, "import").status_code in {403, 422}
    assert imports_of(connection, person.company.key) == []


def test_answers_in_another_character_set_are_refused(person: Person) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    body = "--limit\r\ncontent-disposition: form-data; name=csrf\r\n\r\n\x7f-9\r\n--limit--\r\n"
    kind = "multipart/form-data; boundary=limit; charset=punycode"
    answer = person.client.post(page, content=body, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "Something in the form" in answer.text


@pytest.mark.parametrize(
    "answers",
    [
        {"delimiter": "xx"},
        {"encoding": "zlib"},
        {"encoding": "no\0such"},
        {"date_format": "%%"},
        {"date_format": "D" * 5000},
        {"decimal": "point", "thousands": "point"},
        {"column.date": "no such column", "mode": "everything"},
        {"axis.1.name": "\0", "axis.1.header": "description"},
        {"column.amount": "\ud7ff\u0001"},
    ],
    ids=str,
)
def test_answers_that_make_no_sense_are_told(person: Person, answers: dict[str, str]) -> None:
    page = person.draft(HEADER + booking("2026-01-31"))
    assert person.send(page, "show", **answers).status_code == 303
    assert person.client.get(page).status_code == 200


def test_whoever_waits_too_long_for_others_to_look_at_their_files_is_told(
    connection: Connection, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "PATIENCE_SECONDS", 0.05)
    page = person.draft(xlsx())
    with look.TURNS, look.TURNS:
        shown = person.client.get(page)
        assert shown.status_code == 200
        assert "choose Show again in a minute" in words(shown.text)
        assert person.send(page, "import").status_code == 422
    assert imports_of(connection, person.company.key) == []
    assert "All 2 lines were looked at" in words(person.client.get(page).text)
