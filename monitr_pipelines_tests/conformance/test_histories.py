"""Whatever people do to books, increments end in the tables of a fresh full import.

`make conform` tells thousands of stories; here are a few, the same ones each time.
"""

import pytest
from conformance_kit import Case, Software, cases
from edits_kit import Edit
from histories_kit import Break, Story, hold, tell, told_to
from imports_kit import connected_to

from monitr_pipelines.warehouse.server.database import Connection

EXAMPLES = 4
EMULATED = [case for case in cases() if case.emulated]


@pytest.mark.parametrize("case", EMULATED, ids=str)
def test_increments_end_where_a_full_import_does(case: Case, connection: Connection) -> None:
    hold(lambda story: told_to(connection, case, story), case, EXAMPLES)


def test_each_kind_of_edit_by_itself(case: Case, software: Software, connection: Connection) -> None:
    """With an import behind each, and the reports made in the end."""
    kinds = sorted(case.conformance.edits)
    edits = [Edit(kind, 6 * nth, 7 * nth) for nth, kind in enumerate(kinds)]
    breaks = [Break(after, after) for after in range(1, len(edits) + 1)]
    with connected_to(connection, case, software) as connected:
        tell(connected, Story(edits, breaks), reports=True)
