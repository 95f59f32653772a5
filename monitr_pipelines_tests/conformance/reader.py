"""Reads the whole ledger of an emulator, and prints how its own peak of memory grows with the lines.

What to read is JSON on the standard input, the first line of `monitr emulator` and the application; pages are
read as they are fetched, and checkpoints written as JSON, as a spool does.
"""

import json
import os
import sys
from pathlib import Path

from monitr_pipelines import providers
from monitr_pipelines.importing.ports import NoLimits, UnstoredTokens
from monitr_pipelines.ledger.changes import Replace
from monitr_pipelines.providers.contract import Application, Checkpoint, Ports

os.environ["MONITR_PROVIDER_NETWORKS"] = "127.0.0.0/8"
EVERY = 5_000


def main() -> None:
    asked = json.load(sys.stdin)
    application = Application(*asked["application"]) if asked["application"] else None
    ports = Ports(UnstoredTokens(asked["settings"]), NoLimits(), application)
    source = providers.find(asked["provider"]).connect(asked["administrations"][0]["id"], ports)
    lines, peaks = 0, []
    for item in source.transactions(None):
        if isinstance(item, Replace):
            lines += sum(1 for _ in item.lines)
        if isinstance(item, Checkpoint):
            json.dumps(item.cursor)
            if lines >= EVERY * (len(peaks) + 1):
                peaks.append([lines, peak()])
    source.close()
    json.dump([*peaks, [lines, peak()]], sys.stdout)


def peak() -> int:
    """In KiB, of this program alone: what `getrusage` tells may be that of the process which started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


main()
