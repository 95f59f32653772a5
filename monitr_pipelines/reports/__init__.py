"""Statements of an entity as pages and programs read them: exact, of any period, down to the booking."""
