"""Which of the fields that a provider declares have a value in the answers that it gets."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import import_module
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

from conformance_kit import Case, Software
from edits_kit import Edit
from stream_kit import connected, end_of, played, read

from monitr_pipelines.providers import soap
from monitr_pipelines.providers.contract import Item
from monitr_pipelines.providers.http import Client

LAST_DAY = date(2025, 12, 31)
# Edits after which everything is read anew.
DISTURBING = ("move", "recode account")
EMPTY = (None, False, "", [], {})


def declared(case: Case) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What each dataset of a provider reads: a part of the question that names it, and its fields."""
    module = import_module(f"monitr_pipelines.providers.{case.name}.datasets")
    found = {name: each for name, each in vars(module).items() if any(each is read for read in module.READ)}
    # The first attribute of a dataset is its path or its model.
    return {name: (next(iter(vars(each).values())), each.fields) for name, each in found.items()}


def seen(case: Case, software: Software) -> set[str]:
    """Fields such as `LINES.Currency` that had a value at least once, over all that a source can be asked."""
    found: set[str] = set()
    ask = Client.ask
    datasets = declared(case)

    def watched(client: Client, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401
        question = f"{unquote(path)} {json.dumps(options.get('document'))} {options.get('xml')!r}"
        of_it = {name: fields for name, (part, fields) in datasets.items() if part in question}
        decode = options.pop("decode", None) or client._plain

        def noted(body: bytes) -> Any:  # noqa: ANN401
            for row in _elements(body) if body.startswith(b"<") else _rows(json.loads(body)):
                for name, fields in of_it.items():
                    found.update(
                        f"{name}.{each}"
                        for each in fields
                        if case.conformance.value_of(row, each) not in EMPTY
                    )
            return decode(body)

        return ask(client, method, path, decode=noted, **options)

    with patch.object(Client, "ask", watched):
        end = end_of(_all_that_there_is(case, software))
        disturbing = {*DISTURBING, *case.conformance.read_anew}
        software.apply([Edit(kind, 3, 5) for kind in case.conformance.edits if kind not in disturbing])
        read(case, software, end.cursor)
        software.apply([Edit(kind, 12, 13) for kind in case.conformance.edits])
        _all_that_there_is(case, software)
    return found


def _all_that_there_is(case: Case, software: Software) -> list[Item]:
    with connected(case, software) as source:
        source.check()
        source.administrations()
        items = played(source.transactions(None))
        list(source.accounts())
        list(source.axes())
        if case.provider.has_trial_balance:
            source.trial_balance(LAST_DAY)
    return items


def _rows(document: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - whatever was answered
    """All objects of an answer, however deep."""
    if isinstance(document, Mapping):
        yield document
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from _rows(each)


def _elements(body: bytes) -> Iterator[Mapping[str, Any]]:
    """All elements of an answer in XML: attributes, the texts of what each contains, and its own as `""`."""
    for element in soap.parsed(body).iter():
        yield {"": element.text, **element.attrib, **soap.texts_of(element)}
