"""What people without a command line read in the place of commands and options."""

import pytest

from monitr_pipelines.files.tables.layout import EXAMPLE
from monitr_pipelines.lifecycle.without_commands import options_in, without_commands

YEARS = (
    "Nothing was changed. If the fiscal year starts in another month, say so: "
    "`monitr entity set 1017 --fiscal-year-start 1`. If just this year is broken or long: "
    "`--set fiscal_years=2026-01..2026-01`. If those lines were removed, import again with --allow-shrink."
)


def test_what_only_the_command_line_can_set_is_asked_of_who_has_it() -> None:
    assert without_commands(YEARS, takes_files=True) == (
        "Nothing was changed. If the fiscal year starts in another month, ask whoever manages Monitr for you "
        "to set that. If just this year is broken or long, ask whoever manages Monitr for you to set that. "
        "If those lines were removed, import again with “accept that months lose their lines”."
    )


@pytest.mark.parametrize("option", ["--allow-shrink", "--allow-unbalanced"])
def test_where_no_file_is_uploaded_nobody_is_told_to_accept_a_loss_on_a_page(option: str) -> None:
    told = without_commands(f"Correct the books, or import again with {option} if known.", takes_files=False)
    assert told == "Correct the books, or ask whoever manages Monitr for you to accept that if known."


def test_a_sentence_that_is_about_a_command_is_left_out() -> None:
    assert without_commands("There is no entity 'x'. `monitr entities` lists them.", takes_files=True) == (
        "There is no entity 'x'."
    )


def test_what_a_file_says_stays_as_it_is() -> None:
    found = "'--5,00' is not an amount; '--no-such-option' is none either, nor is `x`."
    assert without_commands(found, takes_files=True) == found


def test_examples_for_a_shell_are_left_out() -> None:
    asked = f"Say with --columns which is which, {EXAMPLE}; or another."
    assert without_commands(asked, takes_files=True) == "Say with “columns” which is which; or another."
    assert options_in(asked) == {"columns"}
