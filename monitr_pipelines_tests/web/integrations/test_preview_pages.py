"""A connector in preview says so, and can be connected only where operations allow that."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from provider_kit import NAME, PROVIDER, Toy, installed

from monitr_pipelines.importing import connecting, signing_in
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import form_token, make_company, sign_in

FORM = f"/integrations/connect/{NAME}"
GIVEN = {"user": "an", "password": "right"}
TOLD = "Preview: not yet checked against the package."


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    software = Toy("right")
    with installed(software, tmp_path, monkeypatch, replace(PROVIDER, preview=True)):
        yield software


@pytest.fixture
def visitor(connection: Connection, client: httpx2.Client) -> httpx2.Client:
    sign_in(client, make_company(connection, provider="file").token)
    return client


def test_it_is_off_until_it_is_enabled(
    visitor: httpx2.Client, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, form = visitor.get("/integrations/connect").text, visitor.get(FORM).text
    assert TOLD in chosen
    assert TOLD in form
    assert f'href="{FORM}"' not in chosen
    assert "<form" not in form.partition("<main")[2]
    monkeypatch.setenv("MONITR_PREVIEW_CONNECTORS", f"other, {NAME}")
    chosen, form = visitor.get("/integrations/connect").text, visitor.get(FORM).text
    assert TOLD in chosen
    assert TOLD in form
    assert f'href="{FORM}"' in chosen
    assert "<form" in form.partition("<main")[2]


def test_a_form_that_is_sent_all_the_same_is_refused(
    visitor: httpx2.Client, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as allowed:
        allowed.setenv("MONITR_PREVIEW_CONNECTORS", NAME)
        token = form_token(visitor, FORM)
    sent = {"csrf": token, **{f"field.{name}": value for name, value in GIVEN.items()}}
    answer = visitor.post(f"{FORM}/test", data=sent)
    assert answer.status_code == 422
    assert "The connector to Toy is a preview" in answer.text
    assert toy.asked == []


def test_nothing_else_connects_it_either(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    for connect in (connecting.try_out, lambda name, values: signing_in.begin(name, None, values)):
        with pytest.raises(Refused, match="MONITR_PREVIEW_CONNECTORS names toy") as refused:
            connect(NAME, GIVEN)
        assert refused.value.code == "preview_only"
    assert toy.asked == []
    monkeypatch.setenv("MONITR_PREVIEW_CONNECTORS", NAME)
    assert connecting.try_out(NAME, GIVEN).credentials == GIVEN
