"""A limit to the memory that this process may take while it does one thing: more is a MemoryError here.

Without it whatever takes too much is found out by the machine, which ends some process or other.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STATM = Path("/proc/self/statm")
DATA = 5  # of its fields, in pages


@contextmanager
def limited(most: int) -> Iterator[None]:
    """Let the block take so many bytes more than the process has; where the system cannot tell, any."""
    if not STATM.exists():
        yield
        return
    pages = int(STATM.read_text(encoding="ascii").split()[DATA])
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [pages * resource.getpagesize() + most, soft, hard]
    resource.setrlimit(
        resource.RLIMIT_DATA, (min(limit for limit in limits if limit != resource.RLIM_INFINITY), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
