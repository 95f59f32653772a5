"""`/metrics`: the database's sums and this process's own numbers, for Prometheus."""

from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.warehouse.server.database import Connection

KEPT_SECONDS = 3
GAUGES = {
    "finished": (
        "monitr_imports_finished",
        "Imports that ended in the last 24 hours, by outcome and error code.",
        ["outcome", "cause"],
    ),
    "waiting": ("monitr_imports_waiting", "Imports that were requested and have not started.", []),
    "running": ("monitr_imports_running", "Imports that run.", []),
    "oldest_waiting": (
        "monitr_imports_oldest_waiting_seconds",
        "How long the import that waits longest has waited; 0 when none waits.",
        [],
    ),
    "entities": (
        "monitr_entities",
        "Entities that may import, by source; their figures are current, late or were never there.",
        ["source", "figures"],
    ),
    "oldest_figures": (
        "monitr_figures_oldest_seconds",
        "Age of the oldest figures of an entity that may import; of the entity where it has none.",
        ["source"],
    ),
    "reconciler_silence": (
        "monitr_reconciler_silence_seconds",
        "Time since the process that launches imports gave a sign of life.",
        [],
    ),
}
DURATION = ("monitr_import_duration_seconds", "How long the imports took that ended in the last 24 hours.")

Measure = tuple[str, dict[str, str | int | None], float]


class Measures(Collector):
    """The database's sums, read once for all scrapes of a few seconds."""

    def __init__(self, read: Callable[[], list[Measure]], clock: Callable[[], float] = monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = Lock()
        self._kept: list[Measure] = []
        self._kept_until = clock()

    def collect(self) -> Iterator[Metric]:
        """The sums as Prometheus has them."""
        measures = self._measures()
        for measure, (name, about, labels) in GAUGES.items():
            family = GaugeMetricFamily(name, about, labels=labels)
            for found, values, value in measures:
                if found == measure:
                    family.add_metric([str(values[label]) for label in labels], value)
            yield family
        yield _histogram(measures)

    def _measures(self) -> list[Measure]:
        with self._lock:
            if self._clock() >= self._kept_until:
                self._kept = self._read()
                self._kept_until = self._clock() + KEPT_SECONDS
            return self._kept


def registry() -> CollectorRegistry:
    """Everything that `/metrics` tells; reading it may raise OperationalError."""
    made = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=made)
    made.register(Measures(_read_measures))
    return made


def text(made: CollectorRegistry) -> str:
    """The registry in Prometheus' text format."""
    return generate_latest(made).decode()


def _read_measures() -> list[Measure]:
    with tenancy.as_nobody() as connection:
        return measured(connection)


def measured(connection: Connection) -> list[Measure]:
    """The sums over all tenants; without a tenant's rights."""
    rows = connection.execute("select measure, labels, value from app.measures()")
    return [(row["measure"], row["labels"], float(row["value"])) for row in rows]


def _histogram(measures: list[Measure]) -> Metric:
    bounds = [(labels["le"], count) for measure, labels, count in measures if measure == "duration"]
    finite = sorted((int(bound), count) for bound, count in bounds if bound is not None)
    every = next((count for bound, count in bounds if bound is None), 0)
    total = next((value for measure, _, value in measures if measure == "duration_sum"), 0)
    buckets = [*((str(bound), count) for bound, count in finite), ("+Inf", every)]
    return GaugeHistogramMetricFamily(*DURATION, buckets=buckets, gsum_value=total)
