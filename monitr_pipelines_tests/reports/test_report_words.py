"""Words of reports: every statement and every column has some, in each language."""

from collections.abc import Mapping

import pytest

from monitr_pipelines.cli import reports
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.reports.words import BEYOND, CARRIED_FORWARD, COLUMNS, TITLES, TOTAL, Language, Words


def test_every_report_has_a_title() -> None:
    assert set(TITLES) == {*Kind, "trial_balance"}


def test_every_column_has_a_heading() -> None:
    assert set(COLUMNS) == {*reports.TRIAL_BALANCE, reports.AFTER_CLOSING, *reports.STATEMENT}


@pytest.mark.parametrize("words", [*TITLES.values(), *COLUMNS.values(), TOTAL, CARRIED_FORWARD, BEYOND])
def test_words_are_in_each_language(words: Words) -> None:
    assert set(words) == set(Language)
    assert all(words.values())


@pytest.mark.parametrize("named", [TITLES, COLUMNS])
def test_no_two_of_a_table_are_called_the_same(named: Mapping[str, Words]) -> None:
    for language in Language:
        assert len({words[language] for words in named.values()}) == len(named)
