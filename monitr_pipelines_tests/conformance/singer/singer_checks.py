"""singer-sdk's standard tests of a tap that wraps a connector.

`test_singer.py` runs them in an environment of its own, and says in the variable `TAP` what to connect to.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from monitr_pipelines import providers
from monitr_pipelines.ledger.changes import Replace, Upsert
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.contract import Application, Credentials, End, Ports, Source

os.environ["MONITR_PROVIDER_NETWORKS"] = "127.0.0.0/8"
ASKED = json.loads(os.environ["TAP"])
Row = dict[str, Any]


class Kept:
    """Credentials of all taps of this process: what one renewed is good for all. It limits no calls."""

    credentials: ClassVar = Credentials(ASKED["settings"])

    def read(self) -> Credentials:
        return Kept.credentials

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        if dict(stale) == dict(Kept.credentials):
            Kept.credentials = Credentials(exchange(stale))
        return Kept.credentials

    def acquire(self, limits: object) -> None:
        """At once."""

    def foresee(self, limits: object) -> None:
        """Nothing is counted."""


def source() -> Source:
    application = Application(*ASKED["application"]) if ASKED["application"] else None
    ports = Ports(Kept(), Kept(), application)
    return providers.find(ASKED["provider"]).connect(ASKED["administration"], ports)


class Books(Tap):
    """An administration as a tap."""

    name = "tap-books"
    config_jsonschema = th.PropertiesList(th.Property("provider", th.StringType, required=True)).to_dict()

    def discover_streams(self) -> list[Stream]:
        return [Accounts(self), Axes(self), Lines(self)]


class Accounts(Stream):
    """The chart of accounts."""

    name = "accounts"
    primary_keys: ClassVar = ["code"]
    schema = th.PropertiesList(
        th.Property("code", th.StringType, required=True, nullable=False),
        th.Property("name", th.StringType),
        th.Property("type", th.StringType),
    ).to_dict()

    def get_records(self, context: object) -> Iterable[Row]:
        with closing(source()) as opened:
            yield from (
                {"code": each.code, "name": each.name, "type": each.type} for each in opened.accounts()
            )


class Axes(Stream):
    """The values of all axes."""

    name = "axes"
    primary_keys: ClassVar = ["axis", "code"]
    schema = th.PropertiesList(
        th.Property("axis", th.StringType, required=True, nullable=False),
        th.Property("code", th.StringType, required=True, nullable=False),
        th.Property("name", th.StringType),
    ).to_dict()

    def get_records(self, context: object) -> Iterable[Row]:
        with closing(source()) as opened:
            yield from ({"axis": each.axis, "code": each.code, "name": each.name} for each in opened.axes())


class Lines(Stream):
    """Lines of the ledger; the state is a cursor. Singer has no word for a line that is gone."""

    name = "gl_transactions"
    primary_keys: ClassVar = ["external_id"]
    schema = th.PropertiesList(
        th.Property("external_id", th.StringType, required=True, nullable=False),
        th.Property("booking_date", th.DateType, required=True, nullable=False),
        th.Property("account_code", th.StringType, required=True, nullable=False),
        th.Property("amount", th.NumberType, required=True, nullable=False),
        th.Property("booking", th.StringType, required=True, nullable=False),
        *(
            th.Property(name, th.StringType)
            for name in ("line_number", "period", "journal", "document_number", "relation", "description")
        ),
        th.Property("foreign_amount", th.NumberType),
        th.Property("foreign_currency", th.StringType),
        th.Property("axes", th.ArrayType(th.ArrayType(th.StringType))),
        th.Property("opening", th.BooleanType, required=True, nullable=False),
        th.Property("version", th.IntegerType, required=True, nullable=False),
    ).to_dict()

    def get_records(self, context: object) -> Iterable[Row]:
        state = self.get_context_state(None)
        with closing(source()) as opened:
            for item in opened.transactions(state.get("cursor")):
                if isinstance(item, Replace | Upsert):
                    yield from map(record, item.lines)
                elif isinstance(item, End):
                    state["cursor"] = dict(item.cursor)


def record(line: LedgerLine) -> Row:
    return line._asdict() | {
        "booking_date": line.booking_date.isoformat(),
        "axes": [list(pair) for pair in line.axes],
    }


CONFIG = {"provider": ASKED["provider"]}
TestStandard = get_tap_test_class(
    Books, config=CONFIG, suite_config=SuiteConfig(max_records_limit=None), parse_env_config=False
)


def test_the_state_is_the_cursor_behind_all_lines(capsys: Any) -> None:  # noqa: ANN401 - pytest's own
    """A second run with the state of the first writes what is still to be settled, and not one line more."""
    Books(config=CONFIG).sync_all()
    first = written(capsys)
    assert len(first["RECORD"]) == ASKED["lines"]
    assert first["STATE"][-1]["bookmarks"]["gl_transactions"]["cursor"]
    Books(config=CONFIG, state=first["STATE"][-1]).sync_all()
    again = written(capsys)
    assert len(again["RECORD"]) == ASKED["again"]


def written(capsys: Any) -> dict[str, list[Row]]:  # noqa: ANN401
    """States, and records of the ledger."""
    messages = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {
        "STATE": [message["value"] for message in messages if message["type"] == "STATE"],
        "RECORD": [
            message["record"]
            for message in messages
            if message.get("stream") == Lines.name and message["type"] == "RECORD"
        ],
    }
