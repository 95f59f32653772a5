"""Deliveries into the raw books: staged, compared, guarded and committed in one transaction."""
