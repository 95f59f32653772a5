"""What the documents name is there: files and folders in backticks, and what links lead to."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A path is read from the root, or from the package.
STARTS = (ROOT, ROOT / "monitr_pipelines")
DOCUMENTS = [
    *(ROOT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "findings/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)*(/|\.(py|sql|md|toml|yaml|svg|png|html|js|css))")
IN_FENCES = re.compile(r"(?<![\w./<>-])[\w*-]+(?:/[\w.*-]+)+\.(?:py|sql)\b")
PLACEHOLDER = re.compile(r"[A-Z]{4}\b")
NAMED_IN_CAPITALS = re.compile(r"(README|ARCHITECTURE|CONTRIBUTING|DECISIONS)\.md")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def paths_in(text: str) -> Iterator[str]:
    """The paths that a document names; those with a placeholder such as `<name>` or `NAME` are none."""
    sentences = FENCED.sub("", text)
    for word in IN_BACKTICKS.findall(sentences):
        if PATH.fullmatch(word):
            yield word
    for block in FENCED.findall(text):
        yield from IN_FENCES.findall(block)


def is_there(path: str) -> bool:
    if PLACEHOLDER.search(NAMED_IN_CAPITALS.sub("", path)):
        return True
    return any(next(start.glob(path.rstrip("/")), None) for start in STARTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_that_a_document_names_exist(document: Path) -> None:
    named = set(paths_in(document.read_text(encoding="utf-8")))
    assert sorted(path for path in named if not is_there(path)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_walk_finds_paths_and_leaves_other_words_alone() -> None:
    text = """
`ledger/money.py` and `sql/queue/`, `proof.sql`; `dagster/partition`, `a / b`, `warehouse.queue`,
`providers/<name>/`, `/health/ready`, `https://example.com/x.md`
```
files/choose.py      the rest of a drawing
```
"""
    assert list(paths_in(text)) == ["ledger/money.py", "sql/queue/", "proof.sql", "files/choose.py"]


def test_a_path_that_is_not_there_is_missed() -> None:
    assert is_there("ledger/money.py")
    assert is_there("sql/migrations/0005_*.sql")
    assert is_there("findings/NAME.sh")
    assert not is_there("ledger/gold.py")
    assert not is_there("sql/queue/gold/")
