"""How long a worker may be silent before another takes its import over."""

from datetime import timedelta

# A worker that died is shown as Failed within this time, and no other may take its import before.
LEASE = timedelta(seconds=10)
# Five beats in a lease: one or two may be late without the import being lost.
HEARTBEAT_SECONDS = 2
