"""Imports on many machines: Dagster hands runs to Redis, and workers of Celery take them from there."""
