"""Everything that is answered is in the maker's document; answers are checked by it in all other tests."""

import pytest
from common_kit import SHARED
from moneybird_server_kit import SPECIFICATION, operations, specification

from monitr_pipelines.emulators.moneybird import build
from monitr_pipelines.emulators.moneybird.masters import ACCOUNT_TYPES
from monitr_pipelines.emulators.shared.invented import Size, invented_books


@pytest.fixture(autouse=True)
def _at_hand() -> None:
    if not specification():
        pytest.skip(f"{SPECIFICATION.relative_to(SHARED)} is not on this machine")


def test_every_path_that_is_answered_is_in_the_document_with_its_scopes() -> None:
    emulator = build(invented_books(Size(entries_per_month=2)), {})
    for (method, path), route in emulator.routes.fixed.items():
        operation = operations()[f"/*/{path}"][method.lower()]
        needed = {scope for each in operation["security"] for scope in each["bearerAuth"]}
        assert needed == route.names, path


def test_types_of_accounts_are_those_of_the_document() -> None:
    schema = specification()["components"]["schemas"]["ledger_account_response"]
    assert set(schema["properties"]["account_type"]["enum"]) >= ACCOUNT_TYPES
