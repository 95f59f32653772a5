"""What a spool holds, as bytes and back: exact, typed, and safe to read (nothing in it is ever executed)."""

from datetime import date
from typing import Any, TypeAlias

import msgspec

from monitr_pipelines.ledger.blocks import Block
from monitr_pipelines.ledger.changes import Bookings, Dates, Scope, WholeLedger
from monitr_pipelines.lifecycle.errors import OurFault


class Upserted(msgspec.Struct, tag="upsert", array_like=True):
    """Lines that are new or changed."""

    block: Block


class Deleted(msgspec.Struct, tag="delete", array_like=True):
    """Keys of lines that are gone."""

    keys: list[str]


class Whole(msgspec.Struct, tag="whole", array_like=True):
    """Lines of the whole ledger."""

    block: Block


class Between(msgspec.Struct, tag="dates", array_like=True):
    """Lines of the booking dates from `start` up to, not including, `end`."""

    start: date
    end: date
    block: Block


class Booked(msgspec.Struct, tag="bookings", array_like=True):
    """Lines of whole bookings; a booking without lines here has none any more."""

    keys: list[str]
    block: Block


class Reached(msgspec.Struct, tag="checkpoint", array_like=True):
    """A fetch that was interrupted may go on behind this."""

    cursor: dict[str, Any]


class Ended(msgspec.Struct, tag="end", array_like=True):
    """The stream was read to its end."""

    cursor: dict[str, Any]


class Header(msgspec.Struct, tag="header", array_like=True):
    """Whose fetch this is: pages are resumed only by an import for which all of it is the same."""

    identity: dict[str, str]


Record: TypeAlias = Upserted | Deleted | Whole | Between | Booked | Reached | Ended | Header
LineRecord: TypeAlias = Upserted | Whole | Between | Booked

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Record] = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """A record as bytes."""
    return _encoder.encode(record)


def decode(content: bytes) -> Record:
    """A record as it was; msgspec.DecodeError where the bytes are none."""
    return _decoder.decode(content)


def lines_record(scope: Scope | None, block: Block) -> LineRecord:
    """Lines with the scope that they are part of, None where they are upserted; their text says it all."""
    block = block._replace(columns=None)
    match scope:
        case None:
            return Upserted(block)
        case WholeLedger():
            return Whole(block)
        case Dates(start, end):
            return Between(start, end, block)
        case Bookings(keys):
            return Booked(sorted(keys), block)
        case _:
            raise OurFault(detail=f"a scope that no spool can hold: {type(scope).__name__}")


def scope_of(record: LineRecord) -> Scope | None:
    """The scope that lines are part of; None where they are upserted."""
    match record:
        case Whole():
            return WholeLedger()
        case Between(start, end):
            return Dates(start, end)
        case Booked(keys):
            return Bookings(frozenset(keys))
        case _:
            return None
