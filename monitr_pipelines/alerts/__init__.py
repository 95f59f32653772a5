"""Failure alerts: who is told that an entity is not fresh, when, and that it has recovered.

`watch` writes alerts with their messages, `deliver` sends what is due, `start` does both every few
seconds. All may run in several processes at once, and be killed anywhere.
"""

from monitr_pipelines.alerts.delivery import deliver
from monitr_pipelines.alerts.rounds import start
from monitr_pipelines.alerts.watching import watch

__all__ = ["deliver", "start", "watch"]
