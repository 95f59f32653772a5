"""Imports the files of a variant the whole way, and compares what its statements say."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from variants_kit import File, Variant

Monitr = Callable[..., Any]


@pytest.fixture
def proved(
    without_dagster: pytest.MonkeyPatch,  # noqa: ARG001 - imports run in this process
    monitr: Monitr,
    make_entity: Callable[..., str],
    tmp_path: Path,
) -> Callable[[Variant], str]:
    """An entity of its own for a variant: its files, its questions with their answers, its statements."""

    def bring_in(entity: str, file: File) -> None:
        path = tmp_path / file.name
        path.write_bytes(file.content())
        arguments = ["import", entity, "--file", path, *file.options]
        if file.asks is not None:
            asked = monitr(*arguments)
            words = " ".join(f"{asked.out} {asked.err}".split())
            assert asked.code != 0, f"{file.name} was imported without a question"
            assert file.asks in words, words
        if file.answer[:1] == ("entity",):
            assert monitr("entity", "set", entity, *file.answer[1:]).code == 0
            done = monitr(*arguments, "--json")
        else:
            done = monitr(*arguments, *file.answer, "--json")
        assert done.code == 0, " ".join(f"{done.out} {done.err}".split())
        if file.finds is not None:
            assert file.finds in done.out, done.out

    def rows(report: str, entity: str, month: str) -> list[dict[str, Any]]:
        said = monitr("report", report, entity, "--from", month, "--to", month, "--format", "json")
        assert said.code == 0, said
        found = json.loads(said.out)
        return found["rows"] if isinstance(found, dict) else found

    def total(closing: Mapping[str, Decimal], codes: str) -> Decimal:
        return sum((closing.get(code, Decimal(0)) for code in codes.split(" + ")), Decimal(0))

    def prove(variant: Variant) -> str:
        entity = make_entity(country=variant.country, fiscal_year_start=variant.fiscal_year_start)
        for file in variant.files:
            bring_in(entity, file)
        for month in sorted({*variant.closing, *variant.names}):
            found = rows("trial-balance", entity, month)
            closing = {row["account"]: Decimal(row["closing"]) for row in found}
            right = {code: Decimal(amount) for code, amount in variant.closing.get(month, {}).items()}
            if month in variant.names:
                assert variant.names[month] in {row["name"] for row in found}, found
            assert {codes: total(closing, codes) for codes in right} == right, (month, closing)
        for month, amount in variant.net.items():
            lines = rows("profit-and-loss", entity, month)
            net = sum((Decimal(row["year_to_date"]) for row in lines if row["level"] == 0), Decimal(0))
            assert net == Decimal(amount), (month, lines)
        for month, amount in variant.assets.items():
            lines = rows("balance-sheet", entity, month)
            # The books of variants have one debit balance, so that it is the largest of any structure's lines.
            assets = max(Decimal(row["amount"]) for row in lines)
            assert assets == Decimal(amount), (month, lines)
        return entity

    return prove


@pytest.fixture
def refused(
    without_dagster: pytest.MonkeyPatch,  # noqa: ARG001 - imports run in this process
    monitr: Monitr,
    make_entity: Callable[..., str],
    tmp_path: Path,
) -> Callable[[str, File], str]:
    """What is said of a file that is refused, without line ends."""

    def refuse(country: str, file: File) -> str:
        path = tmp_path / file.name
        path.write_bytes(file.content())
        said = monitr("import", make_entity(country=country), "--file", path)
        assert said.code != 0, said
        return " ".join(f"{said.out} {said.err}".split())

    return refuse
