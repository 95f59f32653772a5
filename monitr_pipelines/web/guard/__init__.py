"""The door of the Dagster UI: who may ask it for what. Dagster itself answers anyone who reaches it."""
