"""`make demo`: `python -m monitr_pipelines.cli.demo`."""
