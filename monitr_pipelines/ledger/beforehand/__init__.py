"""What can be known of a ledger before lines are stored: what an import would do, and what it must ask."""
