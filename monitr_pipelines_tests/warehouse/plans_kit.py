"""What statements cost in rows: the server's own EXPLAIN ANALYZE of each, as it was executed.

PostgreSQL's auto_explain writes the plan of every statement of a role into the server's log, whoever
sends it: the loader's, a page's or the reconciler's.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from monitr_pipelines import shipped
from monitr_pipelines.warehouse.server import database, embedded

EXPLAINED = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_buffers": "off",
    "auto_explain.log_format": "json",
}
PLAN = re.compile(r"LOG:  duration: [\d.]+ ms  plan:\n((?:\t.*\n)+)")
REMOVED = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")
TIMES_THE_ROWS = 20
# Indexes that tell pages rather than rows: the server tells ten rows for each page. What is read of these
# pages is told by whoever reads them.
OF_PAGES = {"gl_transaction_days"}
# A table of a few hundred rows is read as a whole rather than by its index.
FEW_ROWS = 2_000

Plan = dict[str, Any]
Belongs = Callable[[str], int]


@dataclass(frozen=True)
class Explained:
    """A statement and its plan."""

    text: str
    plan: Plan

    @property
    def name(self) -> str:
        """Its file below sql/, or how it begins."""
        return _files().get(" ".join(self.text.split())[:60], " ".join(self.text.split())[:160])

    @property
    def handled(self) -> float:
        """Rows that its nodes handed on or threw away, over all loops."""
        return sum(
            (node["Actual Rows"] + sum(node.get(removed, 0) for removed in REMOVED)) * node["Actual Loops"]
            for node in nodes(self.plan)
            if node.get("Index Name") not in OF_PAGES
        )

    def rows_in(self, belongs: Belongs) -> float:
        """Rows of the relations that it reads, each once: those of the entity in question."""
        seen: dict[str, float] = {}
        for node in nodes(self.plan):
            if "Relation Name" in node and "Scan" in node["Node Type"]:
                table = f"{node.get('Schema', 'pg_temp')}.{node['Relation Name']}"
                once = node["Actual Rows"] + sum(node.get(removed, 0) for removed in REMOVED)
                private = "stage" in table
                seen[table] = max(seen.get(table, 0), once if private else belongs(node["Relation Name"]))
        return sum(seen.values())

    @property
    def rows_out(self) -> float:
        """Rows that it returns or writes."""
        written = [
            child["Actual Rows"] * child["Actual Loops"]
            for node in nodes(self.plan)
            if node["Node Type"] == "ModifyTable"
            for child in node.get("Plans", ())
        ]
        return sum(written) + self.plan["Actual Rows"]

    @property
    def scanned_whole(self) -> set[str]:
        """Relations that were read from the first row to the last, whoever's they are."""
        return {node["Relation Name"] for node in nodes(self.plan) if node["Node Type"] == "Seq Scan"}

    def excess(self, belongs: Belongs) -> str | None:
        """What to say of a statement that handles more than its rows justify."""
        limit = max(FEW_ROWS, TIMES_THE_ROWS * (self.rows_in(belongs) + self.rows_out))
        if self.handled <= limit:
            return None
        return (
            f"{self.name} handled {self.handled:,.0f} rows for {self.rows_in(belongs):,.0f} in "
            f"and {self.rows_out:,.0f} out\n{_worst(self.plan)}"
        )


def nodes(plan: Plan) -> Iterator[Plan]:
    """A plan and everything below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@contextmanager
def explained(home: Path, *roles: str) -> Iterator[list[Explained]]:
    """The statements that sessions of these roles begin and execute within the block, filled at its end."""
    found: list[Explained] = []
    log = embedded.cluster_of(home).log
    start = log.stat().st_size
    with psycopg.connect(database.owner_url(), autocommit=True) as owner:
        for role in roles:
            for name, value in EXPLAINED.items():
                owner.execute(_alter(role, sql.SQL("set {} = {}"), name, value))
        try:
            yield found
        finally:
            for role in roles:
                for name in EXPLAINED:
                    owner.execute(_alter(role, sql.SQL("reset {}"), name))
    with log.open("rb") as written:
        written.seek(start)
        text = written.read().decode()
    for plan in PLAN.finditer(text):
        told = json.loads(plan[1])
        found.append(Explained(told["Query Text"], told["Plan"]))


def _alter(role: str, change: sql.SQL, name: str, *values: str) -> sql.Composed:
    setting = sql.SQL(".").join(map(sql.Identifier, name.split(".")))
    return sql.SQL("alter role {} ").format(sql.Identifier(role)) + change.format(
        setting, *map(sql.Literal, values)
    )


@cache
def _files() -> dict[str, str]:
    """Files of sql/ by how their statement, its parameters numbered by the driver, begins."""
    return {
        " ".join(file.read_text().split())[:60]: str(file.relative_to(shipped.SQL))
        for file in shipped.SQL.rglob("*.sql")
    }


def _worst(plan: Plan) -> str:
    listed = sorted(nodes(plan), key=lambda node: -node["Actual Rows"] * node["Actual Loops"])[:4]
    return "\n".join(
        f"    {node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Name', '')}"
        f" {node['Actual Rows']:g} rows x {node['Actual Loops']:g}"
        for node in listed
    )
