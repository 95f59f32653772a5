"""What support asks for, as a text to copy: keys, ids, codes and times, nothing confidential."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from monitr_pipelines import settings
from monitr_pipelines.web.entities.cards import Card


def diagnostics(card: Card, now: datetime) -> str:
    """One fact a line, in English and UTC whoever reads it, for support compares them with logs."""
    facts, waiting, running = card.facts, card.waiting or {}, card.running or {}
    lines: dict[str, object] = {
        "entity": facts["key"],
        "provider": facts["provider"],
        "status": card.status,
        "entity status": facts["entity_status"],
        "connection": facts["connection"],
        "subscription": facts["subscription"],
        "figures as of": facts["figures_at"],
        "waiting import": waiting.get("id"),
        "waiting since": waiting.get("requested_at"),
        "running import": running.get("id"),
        "running Dagster run": running.get("run_id"),
        "running since": running.get("started_at"),
        "last import": facts["ended_id"],
        "last Dagster run": _run(facts, now),
        "last trigger": facts["ended_trigger"],
        "last mode": facts["ended_mode"],
        "last started": facts["ended_started_at"],
        "last finished": facts["ended_at"],
        "last outcome": facts["outcome"],
        "error code": card.failure and card.failure.code,
        "error": " ".join(message.text for message in card.failure.messages) if card.failure else None,
        "accounts that differ": facts["differing"],
        "checks that fail": ", ".join(card.failing),
        "next import refused": card.refused and card.refused.code,
        "read at": now,
    }
    return "\n".join(f"{name}: {_plain(value)}" for name, value in lines.items() if value)


def _run(facts: Mapping[str, Any], now: datetime) -> str | None:
    """The run of the last import; Dagster's pages show it until upkeep deletes it."""
    told: str | None = facts["ended_run_id"]
    ended_at = facts["ended_at"]
    if told and ended_at and ended_at < now - settings.run_time():
        return f"{told}, which Dagster no longer keeps"
    return told


def _plain(value: object) -> str:
    if not isinstance(value, datetime):
        return str(value)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
