"""Where Tryton is not installed, its tests say so: skipped, or failed where all must run."""

from pathlib import Path

import pytest
from tryton_kit import REQUIRED, running


@pytest.mark.parametrize(("required", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr("tryton_kit.PACKAGES", ("trytond-absent",))
    monkeypatch.setenv(REQUIRED, required)
    with pytest.raises(outcome, match="trytond-absent is not installed"), running(tmp_path):
        pass
