"""Pages of a source on disk: fetched and decoded before the transaction that loads them opens."""
