"""`python -m monitr_pipelines.reconciler`; needs DAGSTER_HOME, which `monitr up` sets."""

import logging
import sys
import threading

from monitr_pipelines import alerts, settings
from monitr_pipelines.reconciler.rounds import run_for_ever

if __name__ == "__main__":
    try:
        settings.check()
    except settings.BadSetting as problem:
        sys.exit(f"Error: {problem}")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("monitr_pipelines").setLevel(logging.INFO)
    alerts.start(threading.Event())  # never set: they end with the process
    run_for_ever()
