"""What an import of ledger files would do and ask, before anything is stored; several files in their turn."""
