from collections.abc import Iterator

import pytest
from odoo_emulator_kit import Odoo, running


@pytest.fixture
def odoo() -> Iterator[Odoo]:
    """Odoo 18, read by someone who may only read."""
    with running() as started:
        yield started


@pytest.fixture
def accountant(odoo: Odoo) -> Odoo:
    """The same, with the rights of an accountant."""
    odoo.emulator.state.user.rights = "accountant"
    return odoo
