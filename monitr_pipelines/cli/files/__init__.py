"""Ledger files on the command line: looked at before they are imported, and several in a sensible order."""
