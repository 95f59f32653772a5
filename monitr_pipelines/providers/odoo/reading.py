"""Reading datasets to their end, and sums that Odoo makes itself."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import ge, itemgetter
from typing import Any

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.http import Answer
from monitr_pipelines.providers.odoo import datasets
from monitr_pipelines.providers.odoo.datasets import LINE, Dataset, Domain
from monitr_pipelines.providers.odoo.faults import TITLE, contradiction
from monitr_pipelines.providers.odoo.months import Total
from monitr_pipelines.providers.odoo.rpc import FIRST_WITH_JSON_2, Rpc
from monitr_pipelines.providers.odoo.values import amount, day, one, sum_of_many

Row = Mapping[str, Any]
# Archived rows are left out otherwise, though old lines use them.
EVERY_ROW: Row = {"active_test": False}
MONTH = "date:month"
ID = itemgetter("id")
ROW = b'{"id":'
ID_OF_ROW = re.compile(ROW + rb"\s*(\d{1,19})").match


def rows(rpc: Rpc, dataset: Dataset, domain: Domain, context: Row = EVERY_ROW) -> Iterator[Row]:
    """Every row of a dataset, in the order of ids."""
    for page in pages(rpc, dataset, domain, context):
        yield from page


def pages(rpc: Rpc, dataset: Dataset, domain: Domain, context: Row, *, after: int = 0) -> Iterator[list[Any]]:
    """The pages of a dataset behind an id; one that is not full is the last.

    Ids and not offsets: rows that come or go in between shift no page.
    """
    while True:
        behind = [["id", ">", after], *domain]
        page = first_rows(rpc, dataset, behind, context, datasets.PAGE, following=domain)
        ids = [after, *(map(ID, page) if dataset.row is None else [row.id for row in page])]
        if any(map(ge, ids, ids[1:])):
            raise contradiction("rows in another order than that of their ids")
        if page:
            yield page
        if len(page) < datasets.PAGE:
            return
        after = ids[-1]


def first_rows(
    rpc: Rpc, dataset: Dataset, domain: Domain, context: Row, limit: int, *, following: Domain | None = None
) -> list[Any]:
    """The rows with the lowest ids, of the dataset's own type.

    `following`: the same domain without what comes before; the rows behind these are then under way.
    """
    arguments: dict[str, Any] = {
        "domain": domain,
        "fields": ["id", *dataset.fields],
        "limit": limit,
        "order": "id",
        "context": context,
    }

    def then(body: bytes) -> Row | None:
        last = last_id(body, limit) if following is not None else None
        return None if last is None else arguments | {"domain": [["id", ">", last], *(following or ())]}

    answer = rpc.call(dataset.model, "search_read", rows=dataset.row, then=then, **arguments).document
    if not isinstance(answer, list) or len(answer) > limit:
        raise _unknown_form()
    if dataset.row is not None:
        return answer
    wanted = {"id", *dataset.fields}
    if not all(isinstance(row, Mapping) and row.keys() >= wanted for row in answer):
        raise _unknown_form()
    return answer


def last_id(body: bytes, limit: int) -> int | None:
    """The id of the last row of a page, seen in its text; None where it has fewer rows than it could.

    Odoo begins rows with their id, and no text reads like this: quotes within texts are escaped.

    >>> last_id(b'[{"id": 7, "ref": "a"}, {"id": 8, "ref": "b"}]', 2)
    8
    """
    if body.count(ROW) < limit:
        return None
    found = ID_OF_ROW(body, body.rfind(ROW))
    return int(found[1]) if found else None


def totals(rpc: Rpc, domain: Domain, context: Row) -> tuple[dict[date, Total], datetime | None]:
    """What Odoo says of the lines of each month, and when it said so by the clock of the web server."""
    answer = _grouped(rpc, domain, MONTH, ("debit:sum", "write_date:max"), context)
    found: dict[date, Total] = {}
    for group in answer.document:
        debit, newest = sum_of_many(_aggregate(group, "debit:sum")), _aggregate(group, "write_date:max")
        found[_first_day(group)] = Total(int(group["__count"]), debit, str(newest or ""))
    return found, answer.sent_at


def sums_by_account(rpc: Rpc, domain: Domain, context: Row) -> dict[int, Decimal]:
    """The balance of lines by the id of their account."""
    answer = _grouped(rpc, domain, "account_id", ("balance:sum",), context)
    return {
        one(group["account_id"])[0]: amount(_aggregate(group, "balance:sum"), None)
        for group in answer.document
    }


def _grouped(rpc: Rpc, domain: Domain, by: str, aggregates: tuple[str, ...], context: Row) -> Answer:
    if rpc.version >= FIRST_WITH_JSON_2:
        answer = rpc.call(
            LINE,
            "formatted_read_group",
            domain=domain,
            groupby=[by],
            aggregates=["__count", *aggregates],
            context=context,
        )
    else:
        answer = rpc.call(
            LINE,
            "read_group",
            domain=domain,
            fields=list(aggregates),
            groupby=[by],
            lazy=False,
            context=context,
        )
    if not isinstance(answer.document, list) or not all(
        isinstance(group, Mapping) and by in group and "__count" in group for group in answer.document
    ):
        raise _unknown_form()
    return answer


def _aggregate(group: Row, aggregate: str) -> Any:  # noqa: ANN401 - of the field's type
    """From 19 on it has the name of the aggregate, before that of its field."""
    name = aggregate if aggregate in group else aggregate.partition(":")[0]
    if name not in group:
        raise _unknown_form()
    return group[name]


def _first_day(group: Row) -> date:
    """Of a month: its text is in the user's language, so the range tells, or from 19 on the value."""
    ranges = group.get("__range")
    if isinstance(ranges, Mapping) and isinstance(ranges.get(MONTH), Mapping):
        return day(ranges[MONTH].get("from"))
    value = group[MONTH]
    return day(value[0] if isinstance(value, list) and value else None)


def _unknown_form() -> OurFault:
    return OurFault(Message("our_fault"), detail=f"{TITLE} answers in a form that is not known")
