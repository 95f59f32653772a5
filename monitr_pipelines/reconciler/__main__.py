"""`python -m monitr_pipelines.reconciler`; needs DAGSTER_HOME, which `monitr up` sets."""

import logging
import sys
import threading

from monitr_pipelines import alerts, lifeline, logs, settings
from monitr_pipelines.billing import watching
from monitr_pipelines.importing import keep_alive, looking_again
from monitr_pipelines.reconciler import upkeep
from monitr_pipelines.reconciler.rounds import run_for_ever

if __name__ == "__main__":
    logs.set_up()
    lifeline.watch()
    try:
        settings.check()
    except settings.BadSetting as problem:
        logging.getLogger(__package__).critical(str(problem))
        sys.exit(1)
    never = threading.Event()  # they end with the process
    alerts.start(never)
    watching.start(never)
    keep_alive.start(never)
    looking_again.start(never)
    upkeep.start(never)
    run_for_ever()
