"""What stands in `deploy/celery/`: for workers what the project's own settings are without them."""

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from monitr_pipelines import shipped
from monitr_pipelines.cli import services
from monitr_pipelines.settings import BadSetting
from monitr_pipelines.warehouse.queue import lease
from monitr_pipelines.workers import broker, deploys, launcher
from monitr_pipelines.workers.priorities import level_of


def test_dagster_is_set_as_without_workers_but_for_who_runs_imports() -> None:
    ours, usual = (
        yaml.safe_load(file.read_text()) for file in (shipped.CLUSTER / "dagster.yaml", shipped.DAGSTER_YAML)
    )
    assert ours.pop("run_launcher") == {
        "module": launcher.__name__,
        "class": launcher.ImportLauncher.__name__,
        "config": {},
    }
    assert ours["concurrency"]["runs"].pop("max_concurrent_runs") == 64
    usual["concurrency"]["runs"].pop("max_concurrent_runs")
    usual.pop("run_launcher", None)
    assert ours == usual


def test_commands_beside_workers_know_nothing_of_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for broker_url, folder, instance in (
        (None, "dagster", shipped.DAGSTER_YAML),
        ("redis://:password@127.0.0.1:1/0", "dagster-workers", shipped.CLUSTER / "dagster.yaml"),
    ):
        with monkeypatch.context() as patched:
            if broker_url:
                patched.setenv("MONITR_BROKER_URL", broker_url)
            patched.setenv("DAGSTER_HOME", "")
            services.write_environment()
            assert (home / folder / "dagster.yaml").resolve() == instance


def test_workers_need_to_be_told_where_redis_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONITR_BROKER_URL", raising=False)
    with pytest.raises(BadSetting, match="MONITR_BROKER_URL"):
        broker.address()


def test_people_go_before_the_night_and_a_launch_by_hand_between() -> None:
    people, by_hand, first, night = (level_of(each) for each in ("10", None, "-5", "-10"))
    assert people < by_hand < first < night
    levels = [level_of(str(each)) for each in range(20, -21, -1)]
    assert all(one <= other for one, other in pairwise(levels))
    assert {*levels} == set(range(10))
    assert level_of("no number") == by_hand


def test_a_silent_worker_is_known_within_half_a_minute() -> None:
    """The monitoring of Dagster looks every five seconds, the reconciler every second."""
    poll = yaml.safe_load((shipped.CLUSTER / "dagster.yaml").read_text())["run_monitoring"]
    assert lease.LEASE.total_seconds() + launcher.SILENT_SECONDS + 2 * poll["poll_interval_seconds"] <= 30


def test_code_that_is_written_anew_is_another(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("one = 1\n")
    before = deploys.fingerprint([file])
    assert deploys.fingerprint([file]) == before
    file.write_text("one = 10\n")
    assert deploys.fingerprint([file]) != before
    assert {"deploys.py", "is_leased.sql"} <= {each.name for each in shipped.code()}
