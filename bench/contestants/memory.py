"""Resident memory of this process; of the standard library only, as the peers run it too."""

import resource
import sys
from pathlib import Path


def resident_mb() -> float:
    """Megabytes in memory now (where the system does not tell: at most so far)."""
    return _status("VmRSS")


def peak_mb() -> float:
    """Megabytes in memory at most so far."""
    return _status("VmHWM")


def _status(name: str) -> float:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
