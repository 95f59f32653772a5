"""Dagster only: what there is to run, when, and how it is shown. The work itself is in `importing`."""
