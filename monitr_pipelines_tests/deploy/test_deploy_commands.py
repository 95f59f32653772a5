"""Commands of the engines: each is there and takes its options; ports, places and patience agree."""

import re
from datetime import timedelta
from importlib.util import find_spec
from itertools import pairwise

import click
import pytest
import yaml
from dagster._cli import create_dagster_cli
from dagster._daemon.cli import create_dagster_daemon_cli
from dagster_webserver.cli import create_dagster_webserver_cli
from deploy_kit import (
    COMPOSE,
    DEPLOY,
    SYSTEMD,
    Process,
    compose,
    manifests,
    processes,
    units,
    values,
)

from monitr_pipelines import cli
from monitr_pipelines.dagster_names import LOCATION
from monitr_pipelines.warehouse.queue.lease import LEASE

PROGRAMS = {
    "dagster": create_dagster_cli,
    "dagster-webserver": create_dagster_webserver_cli,
    "dagster_webserver": create_dagster_webserver_cli,
    "dagster-daemon": create_dagster_daemon_cli,
    "dagster._daemon": create_dagster_daemon_cli,
}
OURS = {"monitr_pipelines.reconciler", "monitr_pipelines.web.server", "monitr_pipelines.dagster_process"}


def parse(program: click.Command, words: list[str]) -> None:
    """Raise what the program would say of a wrong command; nothing is run."""
    context = program.make_context(program.name or "program", list(words))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert command is not None, name
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("process", processes(), ids=str)
def test_every_command_is_there_and_takes_its_options(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, *words = process.command
    if program == "monitr":
        assert words[0] in cli.COMMANDS
        return
    if program == "python":
        option, module, *words = words
        assert (option, module in OURS) == ("-m", True)
        assert find_spec(module) is not None
        if module != "monitr_pipelines.dagster_process":
            assert words == []
            return
        program, *words = words
    # Files that are elsewhere: of the image, of /etc.
    there = [str(DEPLOY / "compose" / "workspace.yaml") if word.endswith(".yaml") else word for word in words]
    parse(PROGRAMS[program](), there)


def test_an_option_that_there_is_not_is_found() -> None:
    with pytest.raises(click.UsageError):
        parse(create_dagster_cli(), ["api", "grpc", "--module", "monitr_pipelines.definitions", "--prt", "1"])


def option(words: list[str], *names: str) -> str:
    (found,) = [value for name, value in pairwise(words) if name in names]
    return found


def port_of(engine: str, told: str) -> int:
    (words,) = [
        each.command for each in processes() if each.engine == engine and told in " ".join(each.command)
    ]
    return int(option(words, "--port", "-p"))


def workspace_of(engine: str) -> list[dict[str, object]]:
    text = (DEPLOY / engine / "workspace.yaml").read_text(encoding="utf-8")
    return [each["grpc_server"] for each in yaml.safe_load(text)["load_from"]]


@pytest.mark.parametrize(("engine", "host"), [("compose", "code"), ("systemd", "127.0.0.1")])
def test_dagster_finds_the_code_where_it_is_served(engine: str, host: str) -> None:
    port = port_of(engine, "monitr_pipelines.definitions")
    assert workspace_of(engine) == [{"host": host, "port": port, "location_name": LOCATION}]


def test_the_chart_finds_the_code_where_it_is_served() -> None:
    (code,) = values()["dagster-user-deployments"]["deployments"]
    workspace = values()["dagsterWebserver"]["workspace"]
    expected = {"host": code["name"], "port": code["port"], "name": LOCATION}
    assert workspace == {"enabled": True, "servers": [expected]}


@pytest.mark.parametrize(
    ("engine", "host"),
    [("compose", "webserver"), ("systemd", "127.0.0.1"), ("kubernetes", "monitr-dagster-webserver")],
)
def test_the_reconciler_and_the_guard_know_the_webserver_by_one_address(engine: str, host: str) -> None:
    served = port_of(engine, "webserver")
    for each in processes():
        if each.engine == engine and ("webserver" in " ".join(each.command) or "reconciler" in each.name):
            assert each.variables["MONITR_DAGSTER_URL"] == f"http://{host}:{served}"


def test_units_listen_on_loopback_alone() -> None:
    for unit in units():
        if "--host" in unit.command:
            assert option(unit.command, "--host") == "127.0.0.1"
        assert not {"MONITR_HOOK_BIND", "MONITR_DAGSTER_BIND"} & unit.variables.keys()


def test_containers_are_reached_from_this_machine_alone() -> None:
    services = compose()["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"webserver": ["127.0.0.1:3000:3000"], "web": ["127.0.0.1:8000:8000"]}
    assert compose()["networks"]["books"] == {"internal": True}
    assert {"postgres", "migrate", "daemon"} == {
        name for name, service in services.items() if service["networks"] == ["books"]
    }


def seconds(written: str) -> timedelta:
    return timedelta(seconds=int(written.removesuffix("s")))


def test_whoever_ends_has_longer_than_a_lease() -> None:
    graces = [seconds(service["stop_grace_period"]) for service in compose()["services"].values()]
    for unit in SYSTEMD.glob("*.service"):
        graces += map(
            seconds, re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
        )
    specs = [each["spec"]["template"]["spec"] for each in manifests() if each["kind"] == "Deployment"]
    run = values()["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]["podSpecConfig"]
    graces += [timedelta(seconds=spec["terminationGracePeriodSeconds"]) for spec in [*specs, run]]
    assert len(graces) >= 8 + 6 + 3
    assert min(graces) > 2 * LEASE


def test_the_grace_of_a_code_server_is_within_that_of_its_container() -> None:
    """Dagster's own wait for runs, after which the process is ended whatever it does."""
    grace = int(compose()["x-dagster"]["DAGSTER_GRPC_SHUTDOWN_GRACE_PERIOD"])
    assert timedelta(seconds=grace) <= seconds(compose()["x-program"]["stop_grace_period"])


def test_imports_of_a_container_fit_into_its_memory() -> None:
    limits = yaml.safe_load((DEPLOY.parent / "dagster.yaml").read_text(encoding="utf-8"))["concurrency"][
        "runs"
    ]
    code = compose()["services"]["code"]
    most = limits["max_concurrent_runs"] * int(code["environment"]["MONITR_IMPORT_MEMORY_MB"])
    assert int(code["mem_limit"].removesuffix("g")) * 1024 > most
    (variables,) = [each["data"] for each in manifests() if each["kind"] == "ConfigMap"]
    run = values()["runLauncher"]["config"]["k8sRunLauncher"]
    memory = int(run["resources"]["limits"]["memory"].removesuffix("Mi"))
    assert memory >= int(variables["MONITR_IMPORT_MEMORY_MB"]) + 400
    (home,) = [volume for volume in run["volumes"] if volume["name"] == "home"]
    spool = int(variables["MONITR_SPOOL_LIMIT_MB"])
    assert int(home["emptyDir"]["sizeLimit"].removesuffix("Gi")) * 1024 > spool
    (serving,) = [unit for unit in units() if unit.name == "monitr-code.service"]
    (limit,) = re.findall(
        r"^MemoryMax=(\d+)G$", (SYSTEMD / serving.name).read_text(encoding="utf-8"), re.MULTILINE
    )
    within = limits["max_concurrent_runs"] * int(serving.variables["MONITR_IMPORT_MEMORY_MB"])
    assert int(limit) * 1024 > within


def test_compose_names_the_files_that_there_are() -> None:
    folder = COMPOSE.parent
    build = compose()["x-program"]["build"]
    assert (folder / build["context"] / build["dockerfile"]).is_file()
    assert (folder / compose()["configs"]["workspace"]["file"]).is_file()
    mounted = [volume for volume in compose()["services"]["postgres"]["volumes"] if volume.startswith("./")]
    assert [(folder / volume.split(":")[0]).is_file() for volume in mounted] == [True]
