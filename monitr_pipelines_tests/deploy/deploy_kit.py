"""What `deploy/` holds, read once: each process of an engine with its command, variables and secrets."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
SYSTEMD = DEPLOY / "systemd"
KUBERNETES = DEPLOY / "kubernetes"
PRODUCTION = ROOT / "docs" / "production.md"
BIN = "/opt/monitr/bin/"
INTERPOLATED = re.compile(r"\$\{\w+:-(.*?)\}")
CREATED = re.compile(r"create secret generic (\S+)((?:\s*\\?\s*--from-file=\S+)+)")
NAMED = re.compile(r"--from-file=([\w-]+)=")
OURS = ("MONITR_", "DAGSTER_")


@dataclass(frozen=True)
class Process:
    """A process of an engine; `secrets` are the names of variables whose values stand elsewhere."""

    engine: str
    name: str
    command: list[str]
    variables: Mapping[str, str]
    secrets: frozenset[str]

    def __str__(self) -> str:
        return f"{self.engine}: {self.name}"

    @property
    def named(self) -> set[str]:
        """Every variable of ours or of Dagster that the process gets."""
        return {name for name in {*self.variables, *self.secrets} if name.startswith(OURS)}


def processes() -> list[Process]:
    """All processes of all engines."""
    return [*composed(), *units(), *pods()]


@cache
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")))


def composed() -> Iterator[Process]:
    """The services of compose.yaml that are ours, each variable as it is where nobody sets another."""
    for name, service in compose()["services"].items():
        if name != "postgres":
            variables = {
                variable: INTERPOLATED.sub(r"\1", str(value))
                for variable, value in service.get("environment", {}).items()
            }
            yield Process("compose", name, service["command"], variables, frozenset(service["secrets"]))


def units() -> Iterator[Process]:
    """The services of systemd, with what stands in their files of variables."""
    for path in sorted(SYSTEMD.glob("*.service")):
        text = path.read_text(encoding="utf-8")
        (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
        pairs = re.findall(r"(\w+)=(\S*)", " ".join(re.findall(r"^Environment=(.+)$", text, re.MULTILINE)))
        for file in re.findall(r"^EnvironmentFile=/etc/monitr/(.+)$", text, re.MULTILINE):
            lines = (SYSTEMD / "env" / file).read_text(encoding="utf-8")
            pairs += re.findall(r"^(\w+)=(.*)$", lines, re.MULTILINE)
        words = [word.removeprefix(BIN) for word in shlex.split(command)]
        yield Process("systemd", path.name, words, dict(pairs), frozenset())


@cache
def manifests() -> list[dict[str, Any]]:
    """The objects of Kubernetes that are ours."""
    texts = [(KUBERNETES / name).read_text(encoding="utf-8") for name in ("monitr.yaml", "migrate.yaml")]
    return [manifest for text in texts for manifest in yaml.safe_load_all(text)]


@cache
def values() -> dict[str, Any]:
    """The values for Dagster's chart."""
    return dict(yaml.safe_load((KUBERNETES / "values.yaml").read_text(encoding="utf-8")))


def created_secrets() -> dict[str, frozenset[str]]:
    """The secrets of Kubernetes that the guide creates, with their keys."""
    text = PRODUCTION.read_text(encoding="utf-8")
    return {name: frozenset(NAMED.findall(files)) for name, files in CREATED.findall(text)}


def pods() -> Iterator[Process]:
    """The containers of our manifests, those that Dagster's chart makes of the values, and the runs' own."""
    for manifest in manifests():
        if manifest["kind"] in {"Deployment", "Job"}:
            (container,) = manifest["spec"]["template"]["spec"]["containers"]
            yield _pod(
                manifest["metadata"]["name"],
                container["args"],
                container.get("env", []),
                [source[kind]["name"] for source in container["envFrom"] for kind in source],
            )
    (code,) = values()["dagster-user-deployments"]["deployments"]
    serve = ["dagster", "api", "grpc", "-h", "0.0.0.0", "-p", str(code["port"])]  # noqa: S104 - the chart's
    yield _charted("monitr-code", [*serve, *code["dagsterApiGrpcArgs"]], code)
    web = values()["dagsterWebserver"]
    at = ["-h", "0.0.0.0", "-p", str(web["service"]["port"]), "-w", "/dagster-workspace/workspace.yaml"]  # noqa: S104
    yield _charted("webserver", ["dagster-webserver", *at], web)
    daemon = values()["dagsterDaemon"]
    yield _charted("daemon", ["dagster-daemon", "run", "-w", "/dagster-workspace/workspace.yaml"], daemon)
    launcher = values()["runLauncher"]["config"]["k8sRunLauncher"]
    yield _charted("run", ["dagster", "api", "execute_run", "{}"], launcher)


def _charted(name: str, command: list[str], section: Mapping[str, Any]) -> Process:
    sources = [*section["envConfigMaps"], *section.get("envSecrets", [])]
    return _pod(name, command, section.get("env", []), [source["name"] for source in sources])


def _pod(name: str, command: list[str], env: list[dict[str, Any]], sources: list[str]) -> Process:
    maps = {each["metadata"]["name"]: each["data"] for each in manifests() if each["kind"] == "ConfigMap"}
    secrets = created_secrets()
    variables = {each["name"]: each["value"] for each in env if "value" in each}
    hidden = {each["name"] for each in env if "valueFrom" in each}
    for source in sources:
        if source in maps:
            variables = {**maps[source], **variables}
        else:
            hidden |= secrets[source]
    return Process("kubernetes", name, command, variables, frozenset(hidden))
