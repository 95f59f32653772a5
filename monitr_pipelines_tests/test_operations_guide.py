"""The catalogue of errors holds what the code can raise, and the guide holds the catalogue."""

import ast
import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitr_pipelines import cli
from monitr_pipelines.lifecycle.codes import LATE, REMEDIES, UNEXPECTED, Actor, Alert
from monitr_pipelines.lifecycle.errors import ImportProblem, Refused
from monitr_pipelines.settings import described

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "monitr_pipelines"
GUIDE = ROOT / "docs" / "operations.md"
ERRORS = ("<!-- monitr errors: begin -->\n", "<!-- monitr errors: end -->\n")
VARIABLES = ("<!-- variables: begin -->\n", "<!-- variables: end -->\n")
OF_TESTS = {"MONITR_REQUIRE_LIVE", "MONITR_UPDATE_SNAPSHOTS"}
WRITTEN_IN_SQL = re.compile(r"\berror_code\s*=\s*'(\w+)'")


def sources() -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in [*PACKAGE.rglob("*.py"), *(ROOT / "sql").rglob("*.sql")]
    }


def codes_in(texts: dict[str, str]) -> dict[str, str]:
    """Every code that an error can carry, with a place where it does."""
    trees = {place: ast.parse(text) for place, text in texts.items() if place.endswith(".py")}
    problems = problem_classes(trees)
    found = dict.fromkeys(problems.values(), "a class")
    for place, tree in trees.items():
        for node in ast.walk(tree):
            for code in codes_at(node, problems, place):
                found[code] = place
    for place, text in texts.items():
        if place.endswith(".sql"):
            found |= dict.fromkeys(WRITTEN_IN_SQL.findall(text), place)
    return found


def problem_classes(trees: dict[str, ast.Module]) -> dict[str, str]:
    """The subclasses of ImportProblem, with the code that each carries unless another is given."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {"ImportProblem": ""}
    for _ in classes:
        for one in classes:
            bases = [base.id for base in one.bases if isinstance(base, ast.Name) and base.id in found]
            if bases and one.name not in found:
                found[one.name] = own_code(one) or found[bases[0]]
    del found["ImportProblem"]  # raised by its subclasses alone
    return found


def own_code(one: ast.ClassDef) -> str | None:
    for line in one.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
            return str(ast.literal_eval(line.value))
    return None


def codes_at(node: ast.AST, problems: dict[str, str], place: str) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "error_code":
                yield from constants(value)
    if not isinstance(node, ast.Call):
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if "error_code" in given:
        yield from constants(given["error_code"])
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in problems:
        told = list(constants(given["code"])) if "code" in given else [problems[name]]
        passed_on = "code" in given and ast.unparse(given["code"]).endswith(".code")
        assert told or passed_on, f"{place}:{node.lineno}: write the code where the error is raised"
        yield from told


def constants(value: ast.expr) -> Iterator[str]:
    for part in [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def test_the_catalogue_has_every_code_and_no_other() -> None:
    raised = codes_in(sources())
    missing = {code: place for code, place in raised.items() if code not in REMEDIES}
    assert missing == {}, "codes without an entry in lifecycle/codes.py"
    assert REMEDIES.keys() - raised.keys() - {LATE, UNEXPECTED} == set(), "entries that no error carries"


def test_the_walk_finds_codes_wherever_they_are_written() -> None:
    texts = {
        "a.py": """
class OurFault(ImportProblem):
    code = "our_fault"
class Deeper(OurFault):
    pass
raise OurFault("x")
raise Deeper("x")
raise errors.Deeper("x", code="deeper")
raise Deeper("x", code="one" if late else "two")
raise Deeper("x", code=problem.code)
settle(error_code="by_name")
settle({"error_code": "in_a_dict"})
raise ValueError("x", code="not_ours")
""",
        "b.sql": "update app.import set error_code = 'in_sql' where outcome = 'failed'",
    }
    found = {"our_fault", "deeper", "one", "two", "by_name", "in_a_dict", "in_sql"}
    assert codes_in(texts).keys() == found


def test_the_walk_does_not_let_a_code_pass_that_it_cannot_read() -> None:
    with pytest.raises(AssertionError, match="write the code where"):
        codes_in({"a.py": "class A(ImportProblem):\n    code = 'a'\nraise A('x', code=SOMEWHERE_ELSE)"})


@pytest.mark.parametrize("code", REMEDIES)
def test_every_remedy_says_what_to_do(code: str) -> None:
    remedy = REMEDIES[code]
    assert not remedy.title.endswith(".")
    for sentence in filter(None, (remedy.finance, remedy.files, remedy.operations, remedy.command)):
        assert sentence.endswith(".")
        assert "|" not in sentence
    # Who asked has the answer, and who chose so knows it.
    told = remedy.actor is Actor.ASKER or code in {"connection_removed", "not_importing"}
    assert told == (remedy.alert is Alert.NEVER)
    assert "`" not in f"{remedy.finance}{remedy.files}", "commands are for who has the command line"


def test_every_code_has_one_row() -> None:
    """A dictionary that names a key twice keeps the last and says nothing."""
    tree = ast.parse((PACKAGE / "lifecycle" / "codes.py").read_text(encoding="utf-8"))
    (table,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "REMEDIES"
    ]
    assert isinstance(table, ast.Dict)
    names = {"LATE": LATE, "UNEXPECTED": UNEXPECTED}
    keys = [
        key.value if isinstance(key, ast.Constant) else names[ast.unparse(key)] for key in table.keys if key
    ]
    assert sorted(keys) == sorted(REMEDIES)


def test_what_a_code_means_is_said_by_the_catalogue_alone() -> None:
    trees = {place: ast.parse(text) for place, text in sources().items() if place.endswith(".py")}
    problems = {*problem_classes(trees), "ImportProblem"}
    for place, tree in trees.items():
        for one in ast.walk(tree):
            if isinstance(one, ast.ClassDef) and one.name in problems:
                given = {ast.unparse(line.targets[0]) for line in one.body if isinstance(line, ast.Assign)}
                assert given <= {"code"}, f"{place}: {one.name}"
    assert ImportProblem("Odd.", code="vault").who_acts is Actor.OPERATIONS
    assert Refused("Odd.").who_acts is Actor.ASKER
    assert ImportProblem("Odd.", code="nobody foresaw it").who_acts is Actor.OPERATIONS


def test_the_guide_holds_the_catalogue(monitr: Callable[..., object]) -> None:
    compare_or_update(ERRORS, monitr("errors").out)


def compare_or_update(marks: tuple[str, str], table: str) -> None:
    """With MONITR_UPDATE_SNAPSHOTS=1 the guide is brought up to date instead."""
    begin, end = marks
    before, _, rest = GUIDE.read_text(encoding="utf-8").partition(begin)
    written, _, after = rest.partition(end)
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS") == "1":
        GUIDE.write_text(f"{before}{begin}{table}{end}{after}", encoding="utf-8")
    else:
        assert written == table


def commands_in(text: str) -> list[list[str]]:
    """The `monitr` commands of the guide's code blocks and sentences."""
    written = re.findall(r"^monitr .+$|`(monitr [^`]+)`", text, re.MULTILINE)
    lines = re.findall(r"^(monitr [^#\n]+)", text, re.MULTILINE)
    return [shlex.split(one)[1:] for one in [*filter(None, written), *lines]]


def test_the_guide_names_only_commands_that_there_are(monitr: Callable[..., object]) -> None:
    known = command_names()
    named = commands_in(GUIDE.read_text(encoding="utf-8"))
    assert len(named) > 10
    for words in named:
        assert words[0] in known, f"monitr {' '.join(words)}"
        if known[words[0]] and len(words) > 1:
            assert words[1] in known[words[0]], f"monitr {' '.join(words)}"


def command_names() -> dict[str, set[str]]:
    return {name: set(getattr(cli.load(name), "commands", {})) for name in cli.COMMANDS}


def test_the_guide_holds_every_variable() -> None:
    header = [("variable", "meaning", "what it must be", "default"), ("---",) * 4]
    rows = [(f"`{name}`", *words) for name, *words in described()]
    table = "".join(f"| {' | '.join(row)} |\n" for row in [*header, *rows])
    compare_or_update(VARIABLES, table)


def test_every_variable_that_is_named_anywhere_is_one_of_the_settings() -> None:
    known = {name for name, *_ in described()}
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    texts = sources() | {page.name: page.read_text(encoding="utf-8") for page in pages}
    named = {name for text in texts.values() for name in re.findall(r"\bMONITR_[A-Z_]*[A-Z]\b", text)}
    assert named - OF_TESTS == known


def test_only_the_settings_read_the_environment() -> None:
    reads = re.compile(r"os\.environ(\.get\(|\[)|os\.getenv|envvar=")
    places = {place for place, text in sources().items() if place.endswith(".py") and reads.search(text)}
    assert places == {"monitr_pipelines/settings.py"}
