"""`docs/providers.md` is what the connectors say of themselves.

After a change of theirs: MONITR_UPDATE_SNAPSHOTS=1 pytest monitr_pipelines_tests/test_providers_page.py
"""

import ast
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from monitr_pipelines import providers
from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.lifecycle.texts import TEXTS
from monitr_pipelines.providers.contract import Provider

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "providers.md"
FOLDER = Path(providers.__file__).parent
HEADINGS = (
    "Connecting",
    "Reading",
    "Increments and deletions",
    "Limits",
    "Tie-out",
    "Not read",
    "Known limits",
)
LEAD = """# Accounting software

What can be imported without a file, and how. This page is written from the connectors themselves
(`MONITR_UPDATE_SNAPSHOTS=1 pytest monitr_pipelines_tests/test_providers_page.py`). Every connector keeps
the same promises: amounts are exact; nothing is deleted on a doubt; lines, cursor and counts are stored in
one transaction or not at all; after each import every account is compared with the software's own trial
balance, where it has one. [CONTRIBUTING.md](../CONTRIBUTING.md) tells how another one is added.
"""
PREVIEW = (
    "**Preview: not yet checked against the package.** A part of it rests on no official "
    "specification, so it can be connected only where `MONITR_PREVIEW_CONNECTORS` names it.\n"
)
ENDINGS = """## What ends an import

Whichever software it is, an import ends with one of a few codes; what to do is on the card of the entity too.
"""
# Of the classes of the contract; those of one software say more in its own section.
CODES = ("reconnect_needed", "entity_gone", "provider_down", "inconsistent_data", "our_fault")


class Left(dict[str, str]):
    """A value that only an import knows."""

    def __missing__(self, name: str) -> str:
        return "…"


def table(*rows: Sequence[str]) -> str:
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def page() -> str:
    found = [providers.find(name) for name in providers.connectors()]
    summary = [
        ("provider", "software", "people connect", "axes", "deletions", "own trial balance"),
        *(
            (
                f"[`{each.name}`](#{each.name})",
                f"{each.title} (preview)" if each.preview else each.title,
                "on its own page" if each.sign_in else "with what they enter",
                "yes" if each.axes else "none",
                "told" if each.tells_deletions else "found by reading again",
                "compared" if each.has_trial_balance else "it has none",
            )
            for each in found
        ),
    ]
    endings = [("code", "what it means", "what to do")]
    endings += [(f"`{code}`", REMEDIES[code].title, REMEDIES[code].finance) for code in CODES]
    parts = [LEAD, table(*summary), *map(section, found), ENDINGS, table(*endings)]
    return "\n".join(parts)


def section(provider: Provider) -> str:
    lead, *prose = (
        (import_module(f"{providers.__name__}.{provider.name}").__doc__ or "").strip().split("\n# ")
    )
    parts = [f"## {provider.name}\n", f"{lead.strip()}\n"] + [PREVIEW] * provider.preview
    for each in prose:
        heading, _, text = each.partition("\n")
        parts.append(f"### {heading.strip()}\n\n{text.strip()}\n")
        parts += [f"{more}" for more in declared(provider, heading.strip())]
    parts.append("### What it can say\n")
    parts.append(table(("", "message"), *((f"`{kind}`", words) for kind, words in messages(provider))))
    return "\n".join(parts)


def declared(provider: Provider, heading: str) -> Iterator[str]:
    if heading == "Connecting":
        yield table(("field", "what it is", ""), *fields(provider))
    if heading == "Reading" and provider.reads:
        rows = (
            (f"`{name}`", ", ".join(f"`{each}`" for each in read)) for name, read in provider.reads.items()
        )
        yield table(("asked for", "fields"), *rows)
    if heading == "Limits" and provider.limits:
        rows = ((each.name, f"{each.calls:,}", length(each.period)) for each in provider.limits)
        yield table(("limit", "calls", "within"), *rows)


def fields(provider: Provider) -> Iterator[tuple[str, str, str]]:
    for field in provider.fields:
        told = ["secret"] * field.secret + ["may be left out"] * field.optional
        told += [f"one of {', '.join(field.choices)}"] * bool(field.choices)
        yield f"`{field.name}`", field.title, ", ".join(told)


def length(period: timedelta) -> str:
    units = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    named = next((name for name, unit in units.items() if period == unit), None)
    return f"a {named}" if named else f"{period // timedelta(seconds=1)} s"


def messages(provider: Provider) -> list[tuple[str, str]]:
    """What the code of a connector can tell, with its title in place."""
    kinds: defaultdict[str, str] = defaultdict(str)
    for file in sorted((FOLDER / provider.name).glob("*.py")):
        for kind in message_kinds(ast.parse(file.read_text(encoding="utf-8"))):
            kinds[kind] = TEXTS[kind].format_map(Left(title=provider.title))
    return sorted(kinds.items())


def message_kinds(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_the_page_is_what_the_connectors_say() -> None:
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS") == "1":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", providers.connectors())
def test_each_connector_tells_all_that_people_ask(name: str) -> None:
    about = import_module(f"{providers.__name__}.{name}").__doc__ or ""
    assert tuple(re.findall(r"^# (.+)$", about, re.MULTILINE)) == HEADINGS
    for text in re.split(r"^# .+$", about, flags=re.MULTILINE):
        assert text.strip().endswith("."), text
    provider = providers.find(name)
    assert provider.reads
    assert all(provider.reads.values())


def test_readme_names_no_connector_that_would_have_to_be_added() -> None:
    """Another one changes its own folders, and no list elsewhere."""
    sources = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Which sources work")[2]
    assert "docs/providers.md" in sources.partition("\n## ")[0]
    assert rows_of(sources.partition("\n## ")[0]) == []


def rows_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| `")]
