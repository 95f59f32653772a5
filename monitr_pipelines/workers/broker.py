"""How Dagster's daemon and the workers speak through Redis."""

import json
from typing import Any

from celery import Celery

from monitr_pipelines import settings
from monitr_pipelines.workers.priorities import LEVELS

QUEUE = "dagster"
# A message that was taken and not confirmed is given to another worker after this. Workers confirm as they
# begin, so that no import comes twice while it runs, however long; none takes this long.
VISIBILITY_SECONDS = 24 * 60 * 60
RUNS_A_PROCESS = 200
SOCKET_SECONDS = 5
CONNECT_SECONDS = 2
# A Redis that is restarted is waited for; Dagster's daemon launches in threads, none holds up another.
PATIENCE = {"max_retries": 12, "interval_start": 0.2, "interval_step": 0.3, "interval_max": 3}


def address() -> str:
    """Where Redis is; BadSetting where nobody said."""
    found = settings.broker_url()
    if found is None:
        raise settings.BadSetting("MONITR_BROKER_URL is not set: it tells workers where Redis is.")
    return found


def configuration() -> dict[str, Any]:
    """Settings of Celery, the same for all who use it."""
    return {
        "task_default_queue": QUEUE,
        "task_ignore_result": True,  # how a run ended is in Dagster's records
        "task_acks_late": False,
        "task_publish_retry_policy": PATIENCE,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_SECONDS,
            "priority_steps": list(LEVELS),
            "queue_order_strategy": "priority",
            "socket_connect_timeout": SOCKET_SECONDS,
            "socket_timeout": 4 * SOCKET_SECONDS,
            "socket_keepalive": True,
            "health_check_interval": SOCKET_SECONDS,
        },
        # A worker takes what it has a process for: what it held back would be lost with it for a day.
        "worker_disable_prefetch": True,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": RUNS_A_PROCESS,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
    }


def is_waiting(app: Celery, task_id: str) -> bool:
    """Whether a message lies in Redis and no worker has taken it.

    Raises:
        OperationalError, RedisError: Redis is away.
    """
    with app.connection_for_read() as connection:
        connection.ensure_connection(max_retries=1, timeout=CONNECT_SECONDS)
        channel = connection.default_channel
        return any(
            json.loads(message)["headers"]["id"] == task_id
            for level in LEVELS
            for message in channel.client.lrange(channel._q_for_pri(QUEUE, level), 0, -1)  # noqa: SLF001 - kombu offers no other way
        )
