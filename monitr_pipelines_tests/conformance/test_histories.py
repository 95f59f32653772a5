"""Whatever people do to books, increments end in the tables of a fresh full import."""

import pytest
from conformance_kit import Case, cases
from emulated_kit import emulated
from histories_kit import Story, hold, tell
from imports_kit import connected_to

from monitr_pipelines.warehouse.server.database import Connection

EXAMPLES = 12
EMULATED = [case for case in cases() if case.emulated]


@pytest.mark.parametrize("case", EMULATED, ids=str)
def test_increments_end_where_a_full_import_does(case: Case, connection: Connection) -> None:
    def told(story: Story) -> None:
        with emulated(case) as software, connected_to(connection, case, software) as connected:
            tell(connected, story)

    hold(told, case, EXAMPLES)
