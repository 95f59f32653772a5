"""The rooms of the package, which is its folders: how large they are, and who reads whom.

Run with `make rooms`. An arrow goes from who imports to what is imported; a circle is where arrows lead
back. Every import counts: those at the head of a module, those in a function, those for types alone.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "monitr_pipelines"
INIT = "__init__"
AT_THE_HEAD, IN_A_FUNCTION, FOR_TYPES = "at the head", "in a function", "for types"

Arrows = Mapping[str, set[str]]


@dataclass(frozen=True)
class Module:
    """A file of the package by its dotted name, that of the folder for an `__init__`."""

    name: str
    path: Path

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.path.read_text(encoding="utf-8").splitlines())

    @property
    def folder(self) -> str:
        """The dotted name of the folder in which it lies."""
        return self.name if self.path.stem == INIT else self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Import:
    """A module that reads another: in which line, and when."""

    source: str
    target: str
    line: int
    when: str


def modules_of(package: Path = PACKAGE) -> list[Module]:
    """The modules of a package, in the order of their names."""
    return sorted(
        (Module(_name(path, package), path) for path in package.rglob("*.py")), key=lambda m: m.name
    )


def _name(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == INIT else parts)


def imports_of(modules: Iterable[Module]) -> list[Import]:
    """What the modules import of one another."""
    names = {module.name for module in modules}
    return [
        Import(module.name, target, statement.lineno, when)
        for module in modules
        for statement, when in _statements(ast.parse(module.path.read_text(encoding="utf-8")), AT_THE_HEAD)
        for target in sorted(_targets(statement, module, names) - {module.name})
    ]


def _statements(node: ast.AST, when: str) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, when
        else:
            yield from _statements(child, _when(child, when))


def _when(node: ast.AST, outside: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return IN_A_FUNCTION
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return FOR_TYPES
    return outside


def _targets(statement: ast.Import | ast.ImportFrom, module: Module, names: set[str]) -> set[str]:
    """The modules of ours that a statement names; what else it takes out of them is theirs."""
    if isinstance(statement, ast.Import):
        asked = [alias.name for alias in statement.names]
    else:
        base = _base(statement, module)
        asked = [f"{base}.{alias.name}" for alias in statement.names]
    return {found for name in asked if (found := _known(name, names))}


def _base(statement: ast.ImportFrom, module: Module) -> str:
    if not statement.level:
        return statement.module or ""
    folders = module.folder.split(".")
    above = folders[: len(folders) - statement.level + 1]
    return ".".join([*above, *([statement.module] if statement.module else [])])


def _known(name: str, names: set[str]) -> str:
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def rooms_of(modules: Iterable[Module]) -> dict[str, list[Module]]:
    """The folders, each with what lies in it and in the folders below."""
    return {
        room: [module for module in modules if _is_within(room, module.name)]
        for room in sorted({module.folder for module in modules})
    }


def _is_within(room: str, name: str) -> bool:
    return f"{name}.".startswith(f"{room}.")


def arrows_between_modules(imports: Iterable[Import]) -> Arrows:
    """Who imports whom."""
    return _arrows((each.source, each.target) for each in imports)


def arrows_within(room: str, imports: Iterable[Import]) -> Arrows:
    """Which of the rooms and modules that stand side by side in a room reads which other."""
    pairs = [
        (part_of(room, each.source), part_of(room, each.target))
        for each in imports
        if _is_within(room, each.source) and _is_within(room, each.target)
    ]
    return _arrows((source, target) for source, target in pairs if source != target)


def part_of(room: str, name: str) -> str:
    """The part of a room in which a module lies: a room within, or the module itself."""
    return name.removeprefix(room).lstrip(".").partition(".")[0] or INIT


def _arrows(pairs: Iterable[tuple[str, str]]) -> Arrows:
    arrows: dict[str, set[str]] = defaultdict(set)
    for source, target in pairs:
        arrows[source].add(target)
    return dict(arrows)


def circles(arrows: Arrows) -> list[list[str]]:
    """The groups in which everyone reads everyone else, directly or by others of the group."""
    reached = {name: _reached(name, arrows) for name in arrows}
    groups = {
        frozenset(other for other in reached[name] if name in reached.get(other, ())) for name in arrows
    }
    return sorted(sorted(group) for group in groups if group)


def _reached(name: str, arrows: Arrows) -> set[str]:
    reached: set[str] = set()
    ahead = [name]
    while ahead:
        new = arrows.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return reached


def side_by_side(folder: Path) -> dict[Path, int]:
    """How many modules lie in a folder and in each one below it; its `__init__` is none."""
    return Counter(path.parent for path in folder.rglob("*.py") if path.stem != INIT)


def main(say: Callable[[str], object] = print) -> None:
    """List rooms, arrows and circles."""
    modules = modules_of()
    imports = imports_of(modules)
    rooms = rooms_of(modules)
    here = side_by_side(PACKAGE)
    say(f"{'room':40}{'here':>8}{'modules':>8}{'lines':>8}{'largest':>8}{'median':>8}")
    for room, inside in rooms.items():
        lengths = [module.lines for module in inside]
        numbers = (here[inside[0].path.parent], len(inside), sum(lengths), max(lengths), median(lengths))
        say(f"{room:40}" + "".join(f"{number:8g}" for number in numbers))
    for room in rooms:
        _list_arrows(room, imports, say)
    say(f"\ncircles between modules: {_listed(circles(arrows_between_modules(imports)))}")
    for when in (IN_A_FUNCTION, FOR_TYPES):
        listed = [f"\n  {each.source}:{each.line} -> {each.target}" for each in imports if each.when == when]
        say(f"\nimports {when}: {''.join(listed) or 'none'}")


def _list_arrows(room: str, imports: Iterable[Import], say: Callable[[str], object]) -> None:
    arrows = arrows_within(room, imports)
    if arrows:
        number = sum(map(len, arrows.values()))
        say(f"\nin {room}: {number} arrows, circles: {_listed(circles(arrows))}")
        for source, targets in sorted(arrows.items()):
            say(f"  {source} -> {', '.join(sorted(targets))}")


def _listed(found: list[list[str]]) -> str:
    return "; ".join(" <-> ".join(circle) for circle in found) or "none"


if __name__ == "__main__":
    main()
