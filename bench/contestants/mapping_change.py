"""Reports after a changed mapping, by any checkout of this project: `python mapping_change.py PAGES ROUNDS`.

It runs in the checkout on PYTHONPATH, also one from before its rooms were rearranged. The database is
MONITR_DATABASE_URL. The pages are loaded and published as those of an entity; then its mapping is changed so
often. Prints the seconds of each time, less those of marts that not every build has, and the trial balance.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

YOUNGER = ("refresh marts.cash_flow", "refresh marts.axis_report")
TRIAL_BALANCE = """
select md5(string_agg(trial::text, ',' order by account_code, month)) as figures
from (select account_code, month, opening, debit, credit, closing from marts.trial_balance) as trial
"""


def _either(*names: str) -> ModuleType:
    for name in names:
        try:
            return import_module(name)
        except ModuleNotFoundError:
            continue
    raise SystemExit(f"this checkout has none of {names}")


timed = import_module("bench.timed")
imports = import_module("bench.imports")
pages = import_module("bench.pages")
volume = import_module("monitr_pipelines.emulators.volume")
marts = _either("monitr_pipelines.warehouse.reports.marts", "monitr_pipelines.warehouse.marts")
mapping = _either("bench.stored.mapping", "bench.mapping")


def measure(file: Path, rounds: int) -> dict[str, Any]:
    """Load, publish, and change the mapping again and again."""
    accounts = {account.code: account for account in volume.volume_accounts()}
    delivery = pages.PageDelivery(file, whole=True, accounts=accounts, axes=set(volume.VOLUME_AXES))
    with timed.connect() as connection:
        key = imports.make_entity(connection, "mapped")
        with imports.claimed_import(connection, key) as claim:
            imports.load(connection, claim, delivery)
            marts.regenerate(connection, claim, imports.CALENDAR)
        connection.execute("vacuum analyze")
        seconds = [_changed(connection, key) for _ in range(rounds)]
        figures = connection.execute(TRIAL_BALANCE).fetchone()["figures"]
    return {"seconds": seconds, "figures": figures}


def _changed(connection: Any, key: str) -> float:  # noqa: ANN401 - of either build
    connection.execute(mapping.CHANGE)
    with imports.claimed_import(connection, key) as claim:
        connection.spent.clear()
        started = time.perf_counter()
        marts.regenerate(connection, claim, imports.CALENDAR)
        younger: float = sum(connection.spent[name] for name in YOUNGER)
        return time.perf_counter() - started - younger


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))) + "\n")
