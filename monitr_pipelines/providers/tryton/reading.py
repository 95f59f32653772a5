"""Reading datasets to their end."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from monitr_pipelines.providers.http import Answer
from monitr_pipelines.providers.tryton import datasets
from monitr_pipelines.providers.tryton.datasets import Dataset, Domain
from monitr_pipelines.providers.tryton.faults import contradiction, unknown_answer
from monitr_pipelines.providers.tryton.rpc import Rpc

Row = Mapping[str, Any]
# Accounts whose validity has ended are left out otherwise, though old lines are on them.
EVERY_ROW = {"active_test": False}


def rows(rpc: Rpc, dataset: Dataset, domain: Domain, context: Row | None = None) -> Iterator[Row]:
    """Every row of a dataset, in the order of ids."""
    for page in pages(rpc, dataset, domain, context=context):
        yield from page


def pages(
    rpc: Rpc, dataset: Dataset, domain: Domain, *, after: int = 0, context: Row | None = None
) -> Iterator[list[Row]]:
    """The pages of a dataset behind an id; one that is not full is the last."""
    while True:
        behind = [*domain, ["id", ">", after]]
        answer = _ask(rpc, dataset, behind, order=[["id", "ASC"]], limit=datasets.PAGE, context=context)
        page: list[Row] = answer.document
        ids = [after, *(row["id"] for row in page)]
        if any(first >= second for first, second in pairwise(ids)):
            raise contradiction("rows in another order than that of their ids")
        if page:
            yield page
        if len(page) < datasets.PAGE:
            return
        after = ids[-1]


def newest(rpc: Rpc, dataset: Dataset, domain: Domain) -> tuple[datetime | None, datetime | None]:
    """The latest stamp of a dataset's rows, and when the server answered; None where it has no rows.

    A row carries `write_date` from its first change on. Rows that never changed are older than those
    that a posted ledger has, or are found by the overlap of the next window.
    """
    order = [["write_date", "DESC NULLS LAST"], ["create_date", "DESC"]]
    answer = _ask(rpc, dataset, domain, order=order, limit=1)
    stamps = [row["write_date"] or row["create_date"] for row in answer.document]
    return max(stamps, default=None), answer.sent_at


def _ask(
    rpc: Rpc, dataset: Dataset, domain: Domain, *, order: Domain, limit: int, context: Row | None = None
) -> Answer:
    method = f"model.{dataset.model}.search_read"
    answer = rpc.call(method, domain, 0, limit, order, list(dataset.fields), EVERY_ROW | dict(context or {}))
    if not isinstance(answer.document, list) or len(answer.document) > limit:
        raise unknown_answer("other rows than were asked for")
    return answer
