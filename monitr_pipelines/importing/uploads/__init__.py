"""Uploaded ledger files as sources: opened, delivered, and settled with what they bring."""
