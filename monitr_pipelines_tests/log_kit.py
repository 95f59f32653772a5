"""What every line of every log looks like."""

import re
from pathlib import Path

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d "
    r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) (?P<logger>[\w.-]+) (?P<import>-|\d+) (?P<message>.*)"
)


def lines_of(log: Path) -> list[re.Match[str]]:
    """The lines of a log; each begins with time, level, logger and import."""
    lines = log.read_text().splitlines()
    matches = [LINE.fullmatch(line) for line in lines]
    assert None not in matches, [line for line, match in zip(lines, matches, strict=True) if match is None]
    return [match for match in matches if match]
