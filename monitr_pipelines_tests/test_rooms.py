"""The house stays in order: no circles, no drawers, no long modules; and a planted circle is found."""

from collections.abc import Mapping
from pathlib import Path
from statistics import median

import pytest
from rooms import (
    FOR_TYPES,
    IN_A_FUNCTION,
    INIT,
    PACKAGE,
    ROOT,
    Import,
    arrows_between_modules,
    arrows_within,
    circles,
    imports_of,
    main,
    modules_of,
    rooms_of,
    side_by_side,
)

FOLDERS = [ROOT / name for name in ("monitr_pipelines", "monitr_pipelines_tests", "bench")]
MOST_SIDE_BY_SIDE = 16
LONGEST_MODULE = 400
LARGEST_MEDIAN = 120
# Files of a line or two (package docstrings) would flatter the median.
SMALLEST_COUNTED = 6


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    return imports_of(modules_of())


def test_no_circle_between_modules(imports: list[Import]) -> None:
    assert circles(arrows_between_modules(imports)) == []


@pytest.mark.parametrize("room", rooms_of(modules_of()))
def test_no_circle_between_what_stands_side_by_side_in_a_room(imports: list[Import], room: str) -> None:
    assert circles(arrows_within(room, imports)) == []


@pytest.mark.parametrize("room", rooms_of(modules_of()))
def test_what_lies_in_a_room_does_not_read_what_the_room_offers(imports: list[Import], room: str) -> None:
    readers = [part for part, read in arrows_within(room, imports).items() if INIT in read]
    assert readers == []


def test_no_folder_is_a_drawer() -> None:
    numbers = {path: number for folder in FOLDERS for path, number in side_by_side(folder).items()}
    assert {path: number for path, number in numbers.items() if number > MOST_SIDE_BY_SIDE} == {}


def test_no_module_is_long() -> None:
    modules = [module for folder in FOLDERS for module in modules_of(folder)]
    assert {module.name: module.lines for module in modules if module.lines > LONGEST_MODULE} == {}


def test_the_median_module_is_small() -> None:
    lengths = [module.lines for module in modules_of() if module.lines >= SMALLEST_COUNTED]
    assert median(lengths) <= LARGEST_MEDIAN


def test_the_list_has_every_room_and_tells_that_there_is_no_circle() -> None:
    lines: list[str] = []
    main(lines.append)
    listed = [line.split()[0] for line in lines if line.startswith(PACKAGE.name)]
    assert listed == list(rooms_of(modules_of()))
    assert "\ncircles between modules: none" in lines


def planted(folder: Path, files: Mapping[str, str]) -> list[Import]:
    for name, source in files.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(source)
    return imports_of(modules_of(folder / "house"))


@pytest.mark.parametrize(
    ("back", "when"),
    [
        ("from house.hall.door import handle", "at the head"),
        ("import house.hall.door", "at the head"),
        ("from ..hall import door", "at the head"),
        ("def open():\n    from house.hall.door import handle", IN_A_FUNCTION),
        ("class Door:\n    async def open(self):\n        from ..hall.door import handle", IN_A_FUNCTION),
        ("if TYPE_CHECKING:\n    from house.hall.door import handle", FOR_TYPES),
        ("if typing.TYPE_CHECKING:\n    from house.hall.door import handle", FOR_TYPES),
    ],
)
def test_a_planted_circle_is_found(tmp_path: Path, back: str, when: str) -> None:
    imports = planted(tmp_path, {"hall/door.py": "from house.attic import roof", "attic/roof.py": back})
    assert circles(arrows_between_modules(imports)) == [["house.attic.roof", "house.hall.door"]]
    assert [each.when for each in imports if each.source == "house.attic.roof"] == [when]


def test_a_circle_of_rooms_is_found_where_no_modules_make_one(tmp_path: Path) -> None:
    files = {
        "hall/door.py": "from house.attic import roof",
        "attic/roof.py": "",
        "attic/hatch.py": "from house.hall import lamp",
        "hall/lamp.py": "",
    }
    imports = planted(tmp_path, files)
    assert circles(arrows_between_modules(imports)) == []
    assert circles(arrows_within("house", imports)) == [["attic", "hall"]]
    assert circles(arrows_within("house.hall", imports)) == []


def test_circles_apart_are_told_apart_and_a_way_without_return_is_none() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d", "f"}}
    assert circles(arrows) == [["a", "b", "c"], ["d", "e"]]


def test_a_room_that_reads_what_it_offers_is_found(tmp_path: Path) -> None:
    imports = planted(tmp_path, {"hall/door.py": "from house.hall import lamp", "hall/lamp.py": ""})
    assert arrows_within("house.hall", imports) == {"door": {"lamp"}}
    imports = planted(tmp_path, {"hall/door.py": "from house.hall import light"})
    assert arrows_within("house.hall", imports) == {"door": {INIT}}
