"""What the server refuses or breaks ends in the error of whoever must act, and names no row."""

import json
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from http_kit import HASTY
from odoo_books_kit import LINE
from odoo_reading_kit import full
from odoo_server_kit import KEY, Fault, Odoo

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers import http
from monitr_pipelines.providers.odoo import datasets, source
from monitr_pipelines.providers.odoo.faults import ReadingRefused, UnknownName

Refused = Callable[..., ImportProblem]


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = replace(HASTY, largest_answer=1_000_000, first_wait=timedelta(milliseconds=1))
    monkeypatch.setattr(http.Client.__init__, "__defaults__", _with(patience))


def _with(patience: object) -> tuple[object, ...]:
    defaults = http.Client.__init__.__defaults__
    assert defaults is not None
    return tuple(patience if isinstance(each, type(HASTY)) else each for each in defaults)


@pytest.fixture
def refused(odoo: Odoo) -> Refused:
    """The error of a check; neither the key nor anything of the server's own is in it."""

    def check(company: int | None = 3, **given: str) -> ImportProblem:
        connected = odoo.source(company, **given)
        with pytest.raises(ImportProblem) as raised:
            connected.check()
        connected.close()
        error = raised.value
        shown = "".join(traceback.format_exception(error)) + repr(error) + error.detail
        assert KEY not in shown
        assert "secret row" not in shown
        return error

    return check


@pytest.mark.parametrize("field", ["database", "username", "api_key"])
def test_credentials_that_are_wrong_are_refused(odoo: Odoo, refused: Refused, field: str) -> None:
    if odoo.version >= 19 and field == "username":
        return  # a key is of one user: nobody asks for the name
    error = refused(**{field: "wrong"})
    assert isinstance(error, ReconnectNeeded)
    assert error.messages[0].kind == "credentials_refused"


def test_a_right_that_is_missing_is_told(odoo: Odoo, refused: Refused) -> None:
    odoo.refused.add(LINE)
    error = refused()
    assert isinstance(error, ReadingRefused)
    assert (error.code, error.messages[0].kind) == ("reconnect_needed", "reading_refused")


def test_partners_that_may_not_be_read_keep_their_names(odoo: Odoo) -> None:
    _, end = full(odoo)
    odoo.refused.add("res.partner")
    odoo.books.rename("res.partner", 51, display_name="Renamed")
    connected = odoo.source()
    assert len(list(connected.transactions(end.cursor))) == 1
    connected.close()


def test_a_company_that_is_taken_from_the_user_is_gone(odoo: Odoo, refused: Refused) -> None:
    odoo.allowed = [4]
    error = refused()
    assert isinstance(error, EntityGone)
    assert error.messages[0].kind == "company_hidden"


def test_a_field_that_is_not_there_is_our_fault(odoo: Odoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source.datasets, "LINES", replace(datasets.LINES, fields=("nope",)))
    with pytest.raises(UnknownName) as raised:
        full(odoo)
    assert isinstance(raised.value, OurFault)
    assert raised.value.detail == "builtins.ValueError"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("odoo.exceptions.AccessDenied", ReconnectNeeded),
        ("odoo.http.SessionExpiredException", ReconnectNeeded),
        ("odoo.exceptions.AccessError", ReconnectNeeded),
        ("odoo.exceptions.UserError", None),
        ("builtins.TypeError", None),
        ("psycopg2.OperationalError", ProviderDown),
        ("psycopg2.errors.SerializationFailure", ProviderDown),
    ],
)
def test_exceptions_are_known_by_their_names(
    odoo: Odoo,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
    name: str,
    error: type[ImportProblem] | None,
) -> None:
    def raises(*_: object) -> None:
        raise Fault(name, "secret row")

    monkeypatch.setattr(odoo, "call", raises)
    # An exception without a known name comes as 500 in JSON-2, which may pass by itself.
    expected = error or (ProviderDown if odoo.version >= 19 else OurFault)
    assert isinstance(refused(), expected)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<!DOCTYPE html>", ProviderDown),
        (200, b'{"jsonrpc": "2.0", "id": 1, "resu', ProviderDown),
        (200, b"", ProviderDown),
        (502, b"<html>Bad gateway</html>", ProviderDown),
        (503, b"", ProviderDown),
        (429, b"", ProviderDown),
        (403, b"<html>no</html>", ReconnectNeeded),
        (401, b"", ReconnectNeeded),
        (301, b"", ReconnectNeeded),
        (400, b"", OurFault),
        (200, b"[]", OurFault),
        (200, b'{"jsonrpc": "2.0", "id": 1}', OurFault),
        (200, b'{"jsonrpc": "2.0", "id": 7, "result": {}}', OurFault),
        (200, b'{"jsonrpc": "2.0", "id": 1, "result": {"server_version_info": []}}', OurFault),
        (200, b'{"jsonrpc": "2.0", "id": 1, "error": "boom"}', OurFault),
        (200, b'{"jsonrpc": "2.0", "id": null, "error": {"code": 200}}', OurFault),
    ],
)
def test_answers_that_are_none_are_errors(
    odoo: Odoo, refused: Refused, status: int, body: bytes, error: type[ImportProblem]
) -> None:
    odoo.answers["/jsonrpc"] = (status, body)
    assert isinstance(refused(), error)


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ("null", OurFault),
        ("{}", OurFault),
        ('[{"id": 1}]', OurFault),
        ("[7]", OurFault),
        ("false", OurFault),
        ('{"records": []}', OurFault),
    ],
)
def test_an_answer_of_another_form_is_no_empty_page(
    odoo: Odoo, monkeypatch: pytest.MonkeyPatch, result: str, error: type[ImportProblem]
) -> None:
    found = odoo.call

    def call(model: str, *given: object) -> object:
        return json.loads(result) if model == LINE else found(model, *given)

    monkeypatch.setattr(odoo, "call", call)
    with pytest.raises(error):
        full(odoo)


@pytest.mark.parametrize(
    ("told", "kind"), [([15, 0], "version_too_old"), (["saas~14", 3], "version_too_old")]
)
def test_versions_before_16_are_refused(odoo: Odoo, refused: Refused, told: list[object], kind: str) -> None:
    envelope = {"jsonrpc": "2.0", "id": 1, "result": {"server_version_info": told}}
    odoo.answers["/jsonrpc"] = (200, json.dumps(envelope).encode())
    error = refused()
    assert isinstance(error, ReconnectNeeded)
    assert error.messages[0].kind == kind


def test_a_server_without_json_rpc_tells_its_version_otherwise(odoo: Odoo) -> None:
    odoo.answers["/jsonrpc"] = (404, b"<!DOCTYPE html>")
    connected = odoo.source()
    if odoo.version >= 19:
        connected.check()
    else:
        with pytest.raises(ReconnectNeeded):
            connected.check()
    connected.close()


def test_a_version_of_the_hosting_is_a_version(odoo: Odoo) -> None:
    odoo.answers["/jsonrpc"] = (
        200,
        b'{"jsonrpc": "2.0", "id": 1, "result": {"server_version_info": ["saas~18", 2, 0]}}',
    )
    connected = odoo.source()
    assert connected._rpc.version == 18
    connected.close()
