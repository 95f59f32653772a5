"""Kubernetes: our manifests by its schema, the values by what Dagster makes of them.

Dagster's chart is not rendered here: `rendered_instance` says of its template what our values go through.
"""

import json
from typing import Any
from unittest.mock import patch

import kubernetes_validate
import pytest
import yaml
from dagster import DagsterRun
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config_schema
from dagster_k8s import K8sRunLauncher
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import construct_dagster_k8s_job
from dagster_postgres.utils import get_conn_string
from deploy_kit import ROOT, created_secrets, manifests, values
from kubernetes.client import ApiClient

VERSION = "1.37.0"
# What the chart calls its objects, with `fullnameOverride` and `nameOverride` of our values.
OF_THE_CHART = {"monitr-dagster-instance", "monitr-dagster-webserver"}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def rendered_launcher() -> dict[str, Any]:
    """The `config` of the run launcher in the dagster.yaml that the chart makes."""
    said = values()["runLauncher"]["config"]["k8sRunLauncher"]
    config = {
        "load_incluster_config": said["loadInclusterConfig"],
        "job_namespace": "monitr",
        "image_pull_policy": said["imagePullPolicy"],
        "service_account_name": values()["global"]["serviceAccountName"],
        "dagster_home": values()["global"]["dagsterHome"],
        "instance_config_map": "monitr-dagster-instance",
        "postgres_password_secret": values()["global"]["postgresqlSecretName"],
        "env_config_maps": [each["name"] for each in said["envConfigMaps"]],
        "env_secrets": [each["name"] for each in said["envSecrets"]],
        "volume_mounts": said["volumeMounts"],
        "volumes": said["volumes"],
        "resources": said["resources"],
        "security_context": said["securityContext"],
        "run_k8s_config": {
            "pod_spec_config": said["runK8sConfig"]["podSpecConfig"],
            "job_spec_config": said["runK8sConfig"]["jobSpecConfig"],
        },
    }
    # Every value that we set goes somewhere.
    known = {camel(name) for name in config} | {"envVars"}
    assert said.keys() <= known
    return config


def rendered_instance() -> dict[str, Any]:
    """The dagster.yaml that the chart makes of our values."""
    said = values()
    server = said["postgresql"]
    storage = {
        "postgres_db": {
            "username": server["postgresqlUsername"],
            "password": {"env": "DAGSTER_PG_PASSWORD"},
            "hostname": server["postgresqlHost"],
            "db_name": server["postgresqlDatabase"],
            "port": server["service"]["port"],
            "params": server["postgresqlParams"],
            "scheme": server["postgresqlScheme"],
        }
    }
    daemon, keep = said["dagsterDaemon"], said["retention"]
    watch = daemon["runMonitoring"]
    return {
        "scheduler": {"module": "dagster.core.scheduler", "class": "DagsterDaemonScheduler"},
        **{
            f"{name}_storage": {"module": f"dagster_postgres.{module}", "class": kind, "config": storage}
            for name, module, kind in [
                ("schedule", "schedule_storage", "PostgresScheduleStorage"),
                ("run", "run_storage", "PostgresRunStorage"),
                ("event_log", "event_log", "PostgresEventLogStorage"),
            ]
        },
        "run_launcher": {"module": "dagster_k8s", "class": "K8sRunLauncher", "config": rendered_launcher()},
        "run_coordinator": daemon["runCoordinator"]["config"]["customRunCoordinator"],
        "compute_logs": {
            "module": "dagster.core.storage.noop_compute_log_manager",
            "class": said["computeLogManager"]["type"],
        },
        "run_monitoring": {
            "enabled": watch["enabled"],
            "start_timeout_seconds": watch["startTimeoutSeconds"],
            "cancel_timeout_seconds": watch["cancelTimeoutSeconds"],
            "max_resume_run_attempts": watch["maxResumeRunAttempts"],
            "poll_interval_seconds": watch["pollIntervalSeconds"],
            "free_slots_after_run_end_seconds": watch["freeSlotsAfterRunEndSeconds"],
        },
        "telemetry": said["telemetry"],
        "retention": {
            name: {"purge_after_days": keep[name]["purgeAfterDays"]} for name in ("sensor", "schedule")
        },
        **said["additionalInstanceConfig"],
    }


def test_dagster_takes_the_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", "secret")
    checked = process_config(resolve_to_config_type(dagster_instance_config_schema()), rendered_instance())
    assert checked.success, checked.errors
    checked = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), rendered_launcher())
    assert checked.success, checked.errors


def test_dagster_refuses_what_it_does_not_know() -> None:
    planted = {**rendered_instance(), "concurency": {}}
    assert not process_config(resolve_to_config_type(dagster_instance_config_schema()), planted).success


def test_the_instance_is_that_of_the_project_but_for_the_engine() -> None:
    own = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    rendered = rendered_instance()
    for name in ("run_coordinator", "telemetry", "nux"):
        assert rendered[name] == own[name]
    assert own["run_retries"] == values()["dagsterDaemon"]["runRetries"]
    limits = own["concurrency"]["runs"]["tag_concurrency_limits"]
    assert rendered["concurrency"]["runs"]["tag_concurrency_limits"] == limits
    assert own["run_monitoring"].items() <= rendered["run_monitoring"].items()
    kept = {**rendered["retention"]["sensor"]["purge_after_days"]}
    assert kept.pop("started") == -1
    assert own["retention"]["sensor"]["purge_after_days"] == kept
    assert own["retention"]["schedule"] == rendered["retention"]["schedule"]


def test_the_driver_of_dagster_is_named() -> None:
    storage = rendered_instance()["run_storage"]["config"]["postgres_db"]
    address = get_conn_string(**{**storage, "password": "secret"})
    assert address.startswith("postgresql+psycopg2://monitr_dagster:secret@")


def run_job() -> dict[str, Any]:
    """The job of a run, as Dagster's launcher makes it; there is no cluster whose address it could load."""
    checked = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), rendered_launcher())
    with patch("dagster_k8s.launcher.load_kubernetes_config"):
        launcher = K8sRunLauncher(**checked.value)
    run = DagsterRun(job_name="import_entity")
    context = K8sContainerContext.create_for_run(run, launcher, include_run_tags=False)
    job = construct_dagster_k8s_job(
        context.get_k8s_job_config("registry.example.com/monitr-pipelines:0.1.0", launcher),
        ["dagster", "api", "execute_run", json.dumps({})],
        "dagster-run",
        user_defined_k8s_config=context.run_k8s_config,
    )
    return dict(ApiClient().sanitize_for_serialization(job))


def of_the_chart() -> list[dict[str, Any]]:
    """What the values say of pods, as deployments: the chart passes these parts on as they are."""
    (code,) = values()["dagster-user-deployments"]["deployments"]
    return [
        deployment(name, section)
        for name, section in [
            ("monitr-code", code),
            ("webserver", values()["dagsterWebserver"]),
            ("daemon", values()["dagsterDaemon"]),
        ]
    ]


def deployment(name: str, section: dict[str, Any]) -> dict[str, Any]:
    probes = {
        probe: {key: value for key, value in section[probe].items() if key != "enabled" and value is not None}
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
        if probe in section
    }
    image = section["image"]
    container = {
        "name": name,
        "image": f"{image['repository']}:{image['tag']}",
        "imagePullPolicy": image["pullPolicy"],
        "env": section.get("env", []),
        "envFrom": [
            *({"configMapRef": each} for each in section["envConfigMaps"]),
            *({"secretRef": each} for each in section.get("envSecrets", [])),
        ],
        "securityContext": section["securityContext"],
        "resources": section["resources"],
        "volumeMounts": section["volumeMounts"],
        **probes,
    }
    pod = {
        "containers": [container],
        "securityContext": section["podSecurityContext"],
        "volumes": section["volumes"],
    }
    labels = {"component": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def all_pods() -> list[dict[str, Any]]:
    return [
        each for each in [*manifests(), *of_the_chart(), run_job()] if each["kind"] in {"Deployment", "Job"}
    ]


@pytest.mark.parametrize(
    "manifest",
    [*manifests(), *of_the_chart(), run_job()],
    ids=lambda each: f"{each['kind']} {each['metadata']['name']}",
)
def test_kubernetes_knows_every_field(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_a_field_that_there_is_not_is_found() -> None:
    planted = json.loads(json.dumps(manifests()[2]))
    planted["spec"]["template"]["spec"]["containers"][0]["volumeMount"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(planted, VERSION, strict=True)


@pytest.mark.parametrize("manifest", all_pods(), ids=lambda each: each["metadata"]["name"])
def test_a_pod_may_do_little(manifest: dict[str, Any]) -> None:
    """As the standard `restricted` of Kubernetes asks, and a file system that cannot be written."""
    pod = manifest["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert (mounts["home"], mounts["tmp"]) == ("/var/lib/monitr", "/tmp")  # noqa: S108 - in a container
    assert {*mounts} <= {each["name"] for each in pod["volumes"]}


def test_nobody_but_dagster_may_ask_kubernetes() -> None:
    for manifest in [*manifests(), run_job()]:
        if manifest["kind"] in {"Deployment", "Job"}:
            assert manifest["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def names_in(found: object) -> set[str]:
    """The secrets and config maps that something refers to."""
    if isinstance(found, list):
        return {name for each in found for name in names_in(each)}
    if not isinstance(found, dict):
        return set()
    own = {
        found[key]["name"]
        for key in ("secretRef", "configMapRef", "secretKeyRef", "configMap")
        if isinstance(found.get(key), dict)
    }
    return own | {name for each in found.values() for name in names_in(each)}


def test_what_is_referred_to_is_made_somewhere() -> None:
    maps = {each["metadata"]["name"] for each in manifests() if each["kind"] == "ConfigMap"}
    there = maps | created_secrets().keys() | OF_THE_CHART
    assert names_in([*manifests(), *of_the_chart(), run_job()]) <= there
    assert created_secrets()["monitr-dagster-database"] == {"postgresql-password"}


def test_network_policies_choose_pods_that_there_are() -> None:
    ours = [
        each["spec"]["template"]["metadata"]["labels"] for each in manifests() if each["kind"] == "Deployment"
    ]
    charted = [{"component": name} for name in ("dagster-webserver", "dagster-daemon", "user-deployments")]
    for policy in [each for each in manifests() if each["kind"] == "NetworkPolicy"]:
        chosen = [policy["spec"]["podSelector"]]
        for rule in policy["spec"].get("ingress", []):
            chosen += [each["podSelector"] for each in rule["from"] if "podSelector" in each]
        for selector in chosen:
            assert selector == {} or selector["matchLabels"] in [*ours, *charted]
