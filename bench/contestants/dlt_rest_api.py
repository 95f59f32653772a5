"""dlt's rest_api source, merge/upsert on the primary key: `python dlt_rest_api.py FOLDER`.

Run with the peers' Python, without this project. On its standard input is JSON: `database`, an address, and
`client`, `endpoint`, `resource` as rest_api is configured; `behind` is where the body says behind which row
a page begins, by keys and places, for software that pages by the key of the last row, `page` rows at a time.
`windows` are the parameters of one question after another, for software that pages by dates; `report` says
how the rows of its reports are laid out: which column names a transaction, and which are amounts.
`parts` are the values of parameters, where the lines are asked for in several parts.
`soap` are, for software that speaks it, the `bodies` of all questions, the name of a `record` of their
answers, and its `fields`: elements, or what an attribute `field` of theirs says.
"""

import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import reduce
from importlib import import_module
from typing import Any
from xml.etree import ElementTree as ET

from memory import peak_mb, resident_mb  # type: ignore[import-not-found]  # beside this file when run


def main(folder: str) -> None:
    """Load the lines through a fresh pipeline, and print what that took."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    dlt = import_module("dlt")
    asked = json.load(sys.stdin)
    endpoint = dict(asked["endpoint"])
    if asked["behind"]:
        endpoint["paginator"] = _behind_the_last_row(
            asked["behind"], asked["resource"]["primary_key"], asked["page"]
        )
    if soap := asked.get("soap"):
        endpoint["paginator"] = _one_after_the_other(soap["bodies"])
        endpoint["response_actions"] = [_as_json(soap["record"], frozenset(soap["fields"]))]
    if "windows" in asked:
        endpoint["paginator"] = _window_by_window(asked["windows"])
    if "report" in asked:
        asked["resource"]["processing_steps"] = [{"yield_map": _laid_out(**asked["report"])}]
    resources = [asked["resource"] | {"endpoint": endpoint}]
    if parts := asked.get("parts"):
        resources.append(dlt.resource([parts], name="parts", selected=False))
    source = import_module("dlt.sources.rest_api").rest_api_source(
        {"client": asked["client"], "resources": resources}
    )
    pipeline = dlt.pipeline(
        "bench",
        destination=import_module("dlt.destinations").postgres(credentials=asked["database"]),
        dataset_name="books",
        pipelines_dir=folder,
    )
    idle = resident_mb()
    started, busy = time.perf_counter(), _busy()
    pipeline.run(source)
    seconds, cpu = time.perf_counter() - started, _busy() - busy
    answer = {"seconds": seconds, "cpu_seconds": cpu, "idle_mb": idle, "peak_mb": peak_mb()}
    sys.stdout.write(json.dumps(answer) + "\n")


def _behind_the_last_row(place: list[str | int], key: str, page: int) -> Any:  # noqa: ANN401 - a class of dlt
    """A paginator as dlt documents those of one's own: a page that is not full is the last."""

    class BehindTheLastRow(import_module("dlt.sources.helpers.rest_client.paginators").BasePaginator):  # type: ignore[misc]
        behind = 0

        def update_state(self, response: Any, data: list[Any] | None = None) -> None:  # noqa: ANN401, ARG002
            self._has_next_page = data is not None and len(data) == page
            if data:
                self.behind = data[-1][key]

        def update_request(self, request: Any) -> None:  # noqa: ANN401
            *path, last = place
            reduce(lambda found, step: found[step], path, request.json)[last] = self.behind

    return BehindTheLastRow()


def _window_by_window(windows: list[dict[str, str]]) -> Any:  # noqa: ANN401 - a class of dlt
    """A paginator of one's own: each window is a page."""

    class WindowByWindow(import_module("dlt.sources.helpers.rest_client.paginators").BasePaginator):  # type: ignore[misc]
        place = 0

        def init_request(self, request: Any) -> None:  # noqa: ANN401
            self.update_request(request)

        def update_state(self, response: Any, data: list[Any] | None = None) -> None:  # noqa: ANN401, ARG002
            self.place += 1
            self._has_next_page = self.place < len(windows)

        def update_request(self, request: Any) -> None:  # noqa: ANN401
            if self.place < len(windows):
                request.params = {**(request.params or {}), **windows[self.place]}

    return WindowByWindow()


def _laid_out(transaction: str, amounts: list[str]) -> Callable[[Any], Iterator[dict[str, Any]]]:
    """Rows of a report by the names of its columns, numbered within their transaction and account."""

    def rows(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        names = [column["MetaData"][0]["Value"] for column in document["Columns"]["Column"]]
        place, numbers = names.index(transaction), Counter[str]()
        for account, cells in _cells(document["Rows"], None):
            if not (of := cells[place].get("id")):
                continue
            row = {name: cell["value"] for name, cell in zip(names, cells, strict=True)}
            row |= {name: row[name].replace(",", "") or None for name in amounts}
            about = f"{of}:{account}"
            numbers[about] += 1
            yield {**row, "account": account, "key": f"{about}:{numbers[about]}"}

    return rows


def _cells(rows: Any, account: str | None) -> Iterator[tuple[str | None, Any]]:  # noqa: ANN401
    for row in rows.get("Row", ()):
        if "ColData" in row:
            yield account, row["ColData"]
        else:
            header = row.get("Header")
            yield from _cells(row.get("Rows", {}), header["ColData"][0].get("id") if header else account)


def _one_after_the_other(bodies: list[str]) -> Any:  # noqa: ANN401 - a class of dlt
    """A paginator of questions that are known beforehand."""

    class OneAfterTheOther(import_module("dlt.sources.helpers.rest_client.paginators").BasePaginator):  # type: ignore[misc]
        number = 0

        def init_request(self, request: Any) -> None:  # noqa: ANN401
            request.data = bodies[self.number].encode()

        def update_state(self, response: Any, data: list[Any] | None = None) -> None:  # noqa: ANN401, ARG002
            self.number += 1
            self._has_next_page = self.number < len(bodies)

        def update_request(self, request: Any) -> None:  # noqa: ANN401
            if self._has_next_page:
                request.data = bodies[self.number].encode()

    return OneAfterTheOther()


def _as_json(record: str, fields: frozenset[str]) -> Callable[..., Any]:
    """What dlt documents for answers of another form: an action that gives them the form that it reads."""

    def action(response: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        rows = []
        for element in ET.fromstring(response.content).iter():  # noqa: S314 - of our own emulator
            if element.tag.endswith(record):
                texts = (
                    (each.get("field") or each.tag.rpartition("}")[2], each.text) for each in element.iter()
                )
                rows.append({name: text for name, text in texts if name in fields})
        response._content = json.dumps(rows).encode()  # noqa: SLF001 - as dlt's own documents do
        return response

    return action


def _busy() -> float:
    """CPU seconds of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main(*sys.argv[1:])
