"""One import from its claim to its outcome, without Dagster: what a run does, asset by asset."""
