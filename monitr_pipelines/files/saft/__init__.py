"""The Portuguese audit file: SAF-T (PT) 1.04_01, its general ledger."""
