"""Rules that the lines of a structure keep or break together: the tree, and what stands once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.structures.cells import prefixes, whole_number
from monitr_pipelines.ledger.structures.lines import EVERY_CODE, REQUIRED, SIDES, Role, Statement
from monitr_pipelines.ledger.structures.problems import Problem, Row

# They lead from the cash at the start of a month to that at its end.
OF_CASH_FLOW = (Role.OPENING_CASH, Role.NET_CASH_FLOW, Role.CLOSING_CASH)
# A line whose amount is worked out has no parts.
WITHOUT_PARTS = frozenset({Role.RESULT_OF_YEAR, Role.OPENING_CASH, Role.CLOSING_CASH})


def broken_together(rows: Sequence[Row]) -> Iterator[Problem]:
    """Everything that is wrong between lines; of two with one code the first counts."""
    first: dict[str, Row] = {}
    for row in rows:
        if row.line in first:
            yield row.problem("structure_code_twice", other=first[row.line].number)
        elif row.line:
            first[row.line] = row
    yield from _positions(rows)
    for row in rows:
        yield from _parent(row, first)
    yield from _circles(first)
    yield from _accounts(rows)
    yield from _cash_flow(rows, first)
    yield from _roles(rows, first)


def _positions(rows: Sequence[Row]) -> Iterator[Problem]:
    taken: dict[tuple[str, int], Row] = {}
    for row in rows:
        position = whole_number(row["position"])
        if position and (before := taken.setdefault((row["statement"], position), row)) is not row:
            yield row.problem("structure_position_twice", other=before.number, position=position)


def _parent(row: Row, first: Mapping[str, Row]) -> Iterator[Problem]:
    parent = row["parent"]
    if not parent:
        return
    if parent == row.line:
        yield row.problem("structure_own_parent")
    elif parent not in first:
        yield row.problem("structure_no_parent", parent=repr(parent))
    elif first[parent]["statement"] != row["statement"]:
        yield row.problem("structure_parent_elsewhere", parent=repr(parent))


def _circles(first: Mapping[str, Row]) -> Iterator[Problem]:
    done: set[str] = set()
    for start in first:
        way: list[str] = []
        line = start
        while line in first and line not in done and line not in way:
            way.append(line)
            line = first[line]["parent"]
        if line in way and len(circle := way[way.index(line) :]) > 1:
            yield first[line].problem("structure_circle", circle=" - ".join([*circle, line]))
        done.update(way)


def _accounts(rows: Sequence[Row]) -> Iterator[Problem]:
    parents = {row["parent"] for row in rows}
    taken: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        for column in SIDES:
            if row[column] and row.line in parents:
                yield row.problem("structure_accounts_above", column=column)
            for prefix in prefixes(row, column):
                before = taken.setdefault((row["statement"], column, prefix), row)
                if before is not row or prefixes(row, column).count(prefix) > 1:
                    yield row.problem(
                        "structure_beginning_twice",
                        column=column,
                        beginning=prefix or EVERY_CODE,
                        other=before.number,
                    )


def _cash_flow(rows: Sequence[Row], first: Mapping[str, Row]) -> Iterator[Problem]:
    parents = {row["parent"] for row in rows}
    for row in rows:
        link = row["cash_flow"]
        if not link:
            continue
        if row.line in parents:
            yield row.problem("structure_flow_above")
        if row["statement"] == Statement.CASH_FLOW or row["role"] == Role.RESULT_OF_YEAR:
            yield row.problem("structure_flow_computed")
        if _is_cash(row, first):
            yield row.problem("structure_flow_cash")
        if link not in first or first[link]["statement"] != Statement.CASH_FLOW:
            yield row.problem("structure_flow_nowhere", line=repr(link))
        elif link in parents or first[link]["role"]:
            yield row.problem("structure_flow_total", line=repr(link))


def _is_cash(row: Row, first: Mapping[str, Row]) -> bool:
    seen: set[str] = set()
    above: Row | None = row
    while above is not None and above.line not in seen:
        if above["role"] == Role.CASH:
            return True
        seen.add(above.line)
        above = first.get(above["parent"])
    return False


def _roles(rows: Sequence[Row], first: Mapping[str, Row]) -> Iterator[Problem]:
    parents = {row["parent"] for row in rows}
    by_role: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_role[row["role"]].append(row)
        if row["role"] in WITHOUT_PARTS and row.line in parents:
            yield row.problem("structure_role_with_parts", role=row["role"])
    for role in set(Role) - {Role.CASH}:
        for row in by_role[role][1:]:
            yield row.problem("structure_role_twice", other=by_role[role][0].number, role=role)
    for role in REQUIRED:
        if not by_role[role]:
            yield Problem(None, "", sentence("structure_role_missing", role=role))
    for row in by_role[Role.NET_RESULT]:
        if row.line and row.line not in parents:
            yield row.problem("structure_empty_result")
    yield from _of_cash(by_role, first)
    flows = [row for row in rows if row["statement"] == Statement.CASH_FLOW]
    yield from _of_cash_flow(flows, by_role)


def _of_cash(by_role: Mapping[str, Sequence[Row]], first: Mapping[str, Row]) -> Iterator[Problem]:
    for row in by_role.get(Role.RESULT_OF_YEAR, ()):
        if _is_cash(row, first):
            yield row.problem("structure_result_in_cash")
    for row in by_role.get(Role.CASH, ()):
        if row["parent"] in first and _is_cash(first[row["parent"]], first):
            yield row.problem("structure_cash_twice")


def _of_cash_flow(flows: Sequence[Row], by_role: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    """What leads from the opening cash to the closing one is one sum: nothing stands beside it."""
    for role in OF_CASH_FLOW if flows else ():
        if not by_role.get(role):
            yield Problem(None, "", sentence("structure_role_missing_flow", role=role))
    for row in flows:
        if row["role"] in OF_CASH_FLOW and row["parent"]:
            yield row.problem("structure_role_below", role=row["role"])
        if not row["role"] and not row["parent"]:
            yield row.problem("structure_flow_beside")
