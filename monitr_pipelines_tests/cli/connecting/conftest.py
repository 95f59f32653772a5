"""A toy software, an organisation, and whoever types commands."""

import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from connecting_kit import BAKERY, GARAGE, PASSWORD, WRONG, adding
from provider_kit import Toy, installed

_numbers = itertools.count(1)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    software = Toy(PASSWORD, companies=[BAKERY, GARAGE])
    with installed(software, tmp_path, monkeypatch):
        yield software


@pytest.fixture
def make_organisation(monitr: Callable[..., Any]) -> Callable[[], str]:
    def make() -> str:
        name = f"Organisation {next(_numbers)} that connects"
        assert monitr("org", "add", name).code == 0
        return name

    return make


@pytest.fixture
def organisation(make_organisation: Callable[[], str]) -> str:
    return make_organisation()


@pytest.fixture
def type_in(monitr: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A command with lines on its standard input; nothing that it prints is a secret."""

    def run(typed: str, *arguments: object) -> Any:  # noqa: ANN401 - what the root conftest answers
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        answer = monitr(*arguments)
        assert not {PASSWORD, WRONG} & set((answer.out + answer.err).replace("'", " ").split())
        return answer

    return run


@pytest.fixture
def connected(type_in: Callable[..., Any], organisation: str, toy: Toy) -> int:
    answer = type_in(f"{PASSWORD}\n", *adding(organisation))
    assert (answer.code, answer.err) == (0, "")
    return int(answer.out)
