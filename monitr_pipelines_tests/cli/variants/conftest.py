"""Imports the files of a variant the whole way, and compares what its statements say."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from variants_kit import File, Variant

Monitr = Callable[..., Any]


@dataclass
class Proof:
    """Imports files and reads reports with the command line."""

    monitr: Monitr
    make_entity: Callable[..., str]
    folder: Path

    def __call__(self, variant: Variant) -> None:
        """Bring in the files of a variant, its questions answered, and compare its statements."""
        entity = self.make_entity(country=variant.country)
        for file in variant.files:
            self.bring_in(entity, file)
        for month, right in variant.closing.items():
            found = self._rows("trial-balance", entity, month)
            closing = {row["account"]: Decimal(row["closing"]) for row in found}
            sums = {
                codes: sum((closing.get(code, Decimal(0)) for code in codes.split(" + ")), Decimal(0))
                for codes in right
            }
            assert sums == {codes: Decimal(amount) for codes, amount in right.items()}, (month, closing)
        for month, name in variant.names.items():
            assert name in {row["name"] for row in self._rows("trial-balance", entity, month)}
        for month, amount in variant.net.items():
            lines = self._rows("profit-and-loss", entity, month)
            net = sum((Decimal(row["year_to_date"]) for row in lines if row["level"] == 0), Decimal(0))
            assert net == Decimal(amount), (month, lines)
        for month, amount in variant.assets.items():
            # The books of variants have one debit balance: it is the largest line of any structure.
            lines = self._rows("balance-sheet", entity, month)
            assert max(Decimal(row["amount"]) for row in lines) == Decimal(amount), (month, lines)

    def bring_in(self, entity: str, file: File) -> None:
        """Import a file; where it asks something, only the answer lets it in."""
        arguments = ["import", entity, "--file", self._written(file)]
        if file.asks is not None:
            words = _refusal(self.monitr(*arguments))
            assert file.asks in words, words
        if file.setting:
            assert self.monitr("entity", "set", entity, *file.setting).code == 0
        done = self.monitr(*arguments, *file.answer, "--json")
        assert done.code == 0, " ".join(f"{done.out} {done.err}".split())
        assert file.finds is None or file.finds in done.out, done.out

    def refusal(self, country: str, file: File) -> str:
        """What is said of a file that is refused, without line ends."""
        return _refusal(
            self.monitr("import", self.make_entity(country=country), "--file", self._written(file))
        )

    def _written(self, file: File) -> Path:
        path = self.folder / file.name
        path.write_bytes(file.content())
        return path

    def _rows(self, report: str, entity: str, month: str) -> list[dict[str, Any]]:
        said = self.monitr("report", report, entity, "--from", month, "--to", month, "--format", "json")
        assert said.code == 0, said
        return said.json["rows"] if isinstance(said.json, dict) else said.json


def _refusal(said: Any) -> str:  # noqa: ANN401 - Said of the root conftest
    assert said.code != 0, f"imported without a question: {said}"
    return " ".join(f"{said.out} {said.err}".split())


@pytest.fixture
def proved(
    without_dagster: pytest.MonkeyPatch,
    monitr: Monitr,
    make_entity: Callable[..., str],
    tmp_path: Path,
) -> Proof:
    """An entity of its own for each variant, in the home of the run; imports run in this process."""
    assert without_dagster
    return Proof(monitr, make_entity, tmp_path)


@pytest.fixture
def refused(proved: Proof) -> Callable[[str, File], str]:
    """What is said of a file that is refused."""
    return proved.refusal
