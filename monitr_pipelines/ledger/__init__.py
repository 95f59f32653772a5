"""The domain, in pure Python: no database, no Dagster, no web."""
