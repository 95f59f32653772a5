"""Ten entities with a tenth of the lines each, one of which is imported again and again."""

import os
from collections.abc import Iterator
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from psycopg import sql

from bench import pages
from bench.imports import CALENDAR, claimed_import, load, make_entity
from bench.first_load import SEED
from bench.pages import PageDelivery
from bench.results import say
from bench.server import Server
from monitr_pipelines.emulators.volume import VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.ledger.money import CENT_PLACEHOLDER
