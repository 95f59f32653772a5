"""The reconciler: what is asked for in `app.import` happens in Dagster, and what dies there is known here."""
