"""The compose file is one by its published schema, and the roles of its database are those of the program."""

import re
import subprocess
import sys

from deploy_kit import COMPOSE, compose
from process_kit import LONGEST_WAIT

from monitr_pipelines.warehouse.server.roles import ROLES


def test_the_file_is_one_by_the_schema(tmp_path: object) -> None:
    checked = validated(COMPOSE)
    assert checked.returncode == 0, checked.stdout


def validated(path: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_WAIT)


def test_every_secret_that_a_service_names_is_a_file_of_its_own() -> None:
    named = {name for service in compose()["services"].values() for name in service["secrets"]}
    files = {name: secret["file"] for name, secret in compose()["secrets"].items()}
    assert files == {name: f"./secrets/{name}" for name in named}


def test_services_wait_for_what_they_need() -> None:
    needs = {name: service.get("depends_on", {}) for name, service in compose()["services"].items()}
    conditions = {
        (name, need): each["condition"] for name, all_ in needs.items() for need, each in all_.items()
    }
    assert conditions == {
        ("migrate", "postgres"): "service_healthy",
        ("code", "migrate"): "service_completed_successfully",
        ("web", "migrate"): "service_completed_successfully",
        ("webserver", "code"): "service_healthy",
        ("daemon", "code"): "service_healthy",
        ("reconciler", "webserver"): "service_healthy",
    }
    for _, need in conditions:
        assert need == "migrate" or "healthcheck" in compose()["services"][need]


def test_the_roles_of_the_database_are_those_of_the_program() -> None:
    script = (COMPOSE.parent / "roles.sh").read_text(encoding="utf-8")
    made = dict(re.findall(r"create role (\w+) (.+) password", script))
    assert made.items() <= {**ROLES, "monitr_dagster": "login"}.items()
    assert made.keys() == {"monitr_importer", "monitr_web", "monitr_dagster"}
