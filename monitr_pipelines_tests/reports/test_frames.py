"""Reports as DataFrames: exact, tidy, and equal to the books that they are made of."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pandas as pd
import psycopg
import pytest
from pandas import DataFrame

from monitr_pipelines.reports import frames
from monitr_pipelines.reports.asking import (
    NoFigures,
    NoReport,
    OutsideBooks,
    UnknownAccount,
    UnknownAxis,
    UnknownEntity,
    WrongPeriod,
)
from monitr_pipelines.reports.reading import reading
from monitr_pipelines_tests.reports.conftest import Reported

SALES = "700000"


def dtypes(frame: DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def amounts(frame: DataFrame, *names: str) -> list[object]:
    return [value for name in names for value in frame[name]]


def of_sales(reported: Reported) -> list[tuple[date, Decimal]]:
    lines = [line for line in reported.books.lines if line.account_code == SALES]
    return sorted((line.booking_date, line.amount) for line in lines)


def test_a_profit_and_loss_adds_up_to_the_result_of_each_year(reported: Reported) -> None:
    frame = frames.profit_and_loss(reported.key, "2024-01", "2025-12", by="fiscal-year")
    assert dtypes(frame) == frames.STATEMENT_COLUMNS
    assert {type(amount) for amount in frame["amount"]} == {Decimal}
    result = frame[frame["role"] == "net_result"].set_index("first")["amount"]
    assert {str(month): amount for month, amount in result.items()} == {
        f"{year}-01": reported.books.profit(year) for year in (2024, 2025)
    }
    before = frame[frame["role"] == "net_result"]["year_before"].tolist()
    assert before == [None, reported.books.profit(2024)]
    months = frames.profit_and_loss(reported.key)
    assert months["first"].unique().tolist() == list(pd.period_range("2025-01", "2025-12", freq="M"))
    assert months[months["role"] == "net_result"]["amount"].sum() == reported.books.profit(2025)


def test_the_values_of_an_axis_add_up_to_their_line(reported: Reported) -> None:
    axis = min(each.axis for each in reported.books.axes)
    frame = frames.line_by_value(reported.key, "9904", axis, "2025-01", "2025-12", by="quarter")
    assert dtypes(frame) == frames.VALUE_COLUMNS
    assert len(set(frame["value"])) > 1
    assert frame["amount"].sum() == reported.books.profit(2025)
    assert frame["year_before"].sum() == reported.books.profit(2024)
    assert frames.line_by_value(reported.key, "none", axis).empty
    with pytest.raises(UnknownAxis, match=axis):
        frames.line_by_value(reported.key, "9904", "nowhere")


def test_a_balance_sheet_balances_in_every_month(reported: Reported) -> None:
    frame = frames.balance_sheet(reported.key, "2024-06", "2025-06")
    assert frame["last"].nunique() == 13
    tops = frame[frame["level"] == 0].groupby("last")["amount"].sum()
    assert set(tops) == {Decimal(0)}
    assert frame[frame["line"].isin(frame["parent"])]["amount"].any()


def test_cash_goes_from_what_there_was_to_what_there_is(reported: Reported) -> None:
    frame = frames.cash_flow(reported.key, "2024-01", by="quarter").set_index(["role", "last"])["amount"]
    opening, closing = frame["opening_cash"], frame["closing_cash"]
    assert opening.tolist()[1:] == closing.tolist()[:-1]
    assert closing.nunique() == len(closing) == 8


def test_names_are_in_the_language(reported: Reported) -> None:
    names = {
        language: set(frames.profit_and_loss(reported.key, language=language)["name"])
        for language in ("en", "nl", "fr")
    }
    assert "Omzet" in names["nl"] - names["en"]
    assert "Chiffre d'affaires" in names["fr"] - names["en"]
    carried = frames.trial_balance(reported.key, "2025-01", language="nl").set_index("account")
    assert carried.loc["(result)", "name"] == "Overgedragen resultaat"
    with pytest.raises(ValueError, match="'de' is not a valid Language"):
        frames.profit_and_loss(reported.key, language="de")


def test_the_trial_balance_is_what_the_lines_add_up_to(reported: Reported) -> None:
    frame = frames.trial_balance(reported.key, "2025-03", pd.Period("2025-04", "M"))
    assert dtypes(frame) == frames.BALANCE_COLUMNS
    assert {type(value) for value in amounts(frame, "opening", "debit", "credit", "closing")} == {Decimal}
    assert frame["debit"].sum() == frame["credit"].sum() > 0
    assert frame["opening"].sum() == frame["closing"].sum() == 0
    sales = frame.set_index("account").loc[SALES]
    within = [amount for day, amount in of_sales(reported) if date(2025, 3, 1) <= day < date(2025, 5, 1)]
    assert sales["debit"] - sales["credit"] == sum(within)


def test_the_lines_of_an_account_are_those_of_the_books(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LINES_AT_ONCE", 7)
    frame = frames.transactions(reported.key, SALES, "2024-01")
    assert dtypes(frame) == frames.LINE_COLUMNS
    assert len(frame) > 7
    found = list(zip(frame["booking_date"].dt.date, frame["amount"], strict=True))
    assert sorted(found) == of_sales(reported)
    assert frame["reported"].all()
    assert frame["booking_date"].is_monotonic_increasing
    assert isinstance(frame["axis_values"].iloc[0], dict)


def test_without_rows_columns_and_dtypes_are_the_same(reported: Reported) -> None:
    equity = reported.books.accounts[0].code
    frame = frames.transactions(reported.key, equity, "2025-02", "2025-02")
    assert (len(frame), dtypes(frame)) == (0, frames.LINE_COLUMNS)


def test_attributes_tell_whose_figures_they_are(reported: Reported) -> None:
    attributes = frames.balance_sheet(reported.key, date(2025, 3, 31), "2025-05").attrs
    told = {name: attributes[name] for name in ("entity", "name", "currency", "first", "last", "remark")}
    assert told == {
        "entity": reported.key,
        "name": "Vélo & Zoon",
        "currency": "EUR",
        "first": "2025-03",
        "last": "2025-05",
        "remark": None,
    }
    assert attributes["import"] == frames.trial_balance(reported.key).attrs["import"] is not None
    assert attributes["newer_lines"] is False


@pytest.mark.parametrize("ask", [frames.profit_and_loss, frames.balance_sheet, frames.trial_balance])
def test_months_that_the_books_do_not_have_are_left_out_and_told(
    reported: Reported, ask: Callable[..., DataFrame]
) -> None:
    with pytest.warns(frames.PeriodClipped, match="run from 2024-01 to 2025-12") as told:
        frame = ask(reported.key, "2020-01", "2024-02")
    assert told[0].filename == __file__
    assert (frame.attrs["first"], frame.attrs["last"]) == ("2024-01", "2024-02")
    assert frame.attrs["remark"] == str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", frames.PeriodClipped)
        assert ask(reported.key, to="2030-01").attrs["last"] == "2025-12"


@pytest.mark.parametrize(
    ("given", "problem", "told"),
    [
        (("2026-01", None), OutsideBooks, "have nothing of the period from 2026-01"),
        ((None, "2023-12"), OutsideBooks, "run from 2024-01 to 2025-12"),
        (("2025-03", "2025-01"), WrongPeriod, "ends .2025-01. before it starts"),
        (("2025-13", None), WrongPeriod, "write YYYY-MM"),
    ],
)
def test_a_period_that_cannot_be_reported_is_refused(
    reported: Reported, given: tuple[str | None, ...], problem: type[NoReport], told: str
) -> None:
    with pytest.raises(problem, match=told):
        frames.profit_and_loss(reported.key, *given)


def test_what_is_not_there_is_told(reported: Reported) -> None:
    with pytest.raises(UnknownEntity, match="no entity 'nope'"):
        frames.balance_sheet("nope")
    with pytest.raises(NoFigures, match="no figures yet"):
        frames.trial_balance(reported.empty)
    with pytest.raises(UnknownAccount, match="no account '1'"):
        frames.transactions(reported.key, "1")
    with pytest.raises(ValueError, match="is not a valid Kind"):
        frames.statement(reported.key, "weather")


def test_entities_tell_the_months_of_their_figures(reported: Reported) -> None:
    frame = frames.entities()
    assert dtypes(frame) == frames.ENTITY_COLUMNS
    by_key = frame.set_index("key")
    assert by_key.loc[reported.key].tolist() == [
        "Vélo & Zoon", "EUR", pd.Period("2024-01", "M"), pd.Period("2025-12", "M")
    ]  # fmt: skip
    assert by_key.loc[reported.empty, ["first", "last"]].isna().all()


def test_whoever_reads_can_write_nothing(reported: Reported) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading() as connection:
        connection.execute("delete from app.entity")
    with reading() as connection:
        row = connection.execute("show statement_timeout").fetchone()
    assert row == {"statement_timeout": "1min"}


def test_pandas_is_loaded_for_frames_alone() -> None:
    asked = "import sys, monitr_pipelines.reports.statement; print('pandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert told.stdout == "False\n"
