"""`python -m monitr_pipelines.workers SLOTS`; needs DAGSTER_HOME, which `monitr up` sets."""

import logging
import sys

from monitr_pipelines import logs, settings
from monitr_pipelines.workers.program import work

if __name__ == "__main__":
    logs.set_up()
    try:
        work(int(sys.argv[1]))
    except settings.BadSetting as problem:
        logging.getLogger(logs.OURS).critical(str(problem))
        sys.exit(1)
