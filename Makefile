# The verbs of the project; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
# What tests need; `dev,live` has the real servers that connectors are proved on.
EXTRAS ?= dev
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --no-input install --quiet --constraint constraints.txt
export MONITR_HOME ?= $(CURDIR)/.monitr
# How many random histories are soaked, and which.
SEQUENCES ?= 10000
SEED ?= 1
STORIES ?= 1000
# How many imports on workers, and seconds between two kills of a worker.
IMPORTS ?= 2000
EVERY ?= 30
ENTITIES ?= 100 1000 10000
# How many workers, and how many imports each of them runs at once.
WORKERS ?= 2
SLOTS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo up cluster test coverage soak soak-workers conform fourteen-nights lint audit format rooms bench
.PHONY: bench-night clean
.DELETE_ON_ERROR:

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## Import invented companies and show their reports (ONCE=1: then exit; BOOKS=file: your own)
	@$(RUN) -m monitr_pipelines.cli.demo $(if $(ONCE),--once) \
		$(if $(BOOKS),--books "$(BOOKS)") $(if $(OPTIONS),--options='$(OPTIONS)')

up: $(VENV)/installed ## Start PostgreSQL, Dagster, the reconciler, the web hook and its page
	@$(VENV)/bin/monitr up

cluster: $(VENV)/installed-workers ## The same with imports on two workers, behind Redis and PgBouncer (WORKERS=2 SLOTS=2)
	@$(VENV)/bin/monitr up --workers $(WORKERS) --slots $(SLOTS)

test: $(VENV)/installed-dev ## Run every test, three at a time
	@$(RUN) -m pytest --numprocesses 3

coverage: $(VENV)/installed-dev ## Run every test and hold the floor of coverage (TESTS=folder: a part of them, without the floor)
	@$(RUN) -m coverage erase
	@$(RUN) -m coverage run -m pytest --numprocesses 3 $(TESTS)
	@$(RUN) -m coverage combine --quiet
	@$(RUN) -m coverage report $(if $(TESTS),--fail-under 0)

soak: $(VENV)/installed-dev ## Put random histories of ledger files through kills, troubles and resets (SEQUENCES=10000 SEED=1)
	@$(RUN) -m monitr_pipelines_tests.importing.soak --sequences $(SEQUENCES) --seed $(SEED)

soak-workers: $(VENV)/installed-dev ## Kill workers and restart Redis during many imports; hours (IMPORTS=2000 EVERY=30 SEED=1)
	@$(RUN) -m monitr_pipelines_tests.workers.soak --imports $(IMPORTS) --every $(EVERY) --seed $(SEED)

conform: $(VENV)/installed-dev ## Edit the books of emulated software at random, and import them (STORIES=1000 SEED=1)
	@$(RUN) -m monitr_pipelines_tests.conformance.soak --stories $(STORIES) --seed $(SEED)

fourteen-nights: $(VENV)/installed-dev ## Live through fourteen nights with the clock put forward in between (SEED=1; even: summer time)
	@$(RUN) -m monitr_pipelines_tests.nights.story --nights 14 --seed $(SEED)

lint: $(VENV)/installed-dev ## Check style, types, layers, SQL and JavaScript
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	$(RUN) -m sqlfluff lint --processes 2 --nocolor sql
	$(VENV)/bin/oxlint monitr_pipelines

audit: $(VENV)/installed-dev ## Ask the database of advisories for known flaws of the pinned packages
	@$(RUN) -m monitr_pipelines_tests.gates.dependency_audit

format: $(VENV)/installed-dev ## Bring code into the project's form
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format
	$(RUN) -m sqlfluff fix --quiet sql
	$(VENV)/bin/oxlint --fix monitr_pipelines

rooms: $(VENV)/installed-dev ## List the folders of the package, their sizes, arrows and circles of imports
	@$(RUN) -m monitr_pipelines_tests.rooms

bench: $(VENV)/installed-dev ## Measure loader, connectors, marts, web hook, page and schedule
	@$(RUN) -m bench

bench-night: $(VENV)/installed-dev ## Measure whole nights of small entities; hours (ENTITIES="100 1000 10000"; WORKERS=2: on workers)
	@$(RUN) -m bench.services.night --entities $(ENTITIES) \
		$(if $(filter command environment,$(origin WORKERS)),--workers $(WORKERS) --slots $(SLOTS))

clean: ## Remove the environment and everything local, the demo's database too
	@if [ -e $(VENV)/installed ]; then $(RUN) -c "from monitr_pipelines import settings; \
		from monitr_pipelines.warehouse.server import embedded; embedded.remove(settings.home())"; fi
	rm -rf $(VENV) .venv-bench .venv-singer* .monitr .env *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

$(VENV)/installed: pyproject.toml setup.py constraints.txt
	@./check-python $(PYTHON)
	@echo "installing into $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(PIP) --editable '.[$(EXTRAS)]'
	@touch $@

$(VENV)/installed-workers: $(VENV)/installed
	@$(PIP) --editable '.[distributed]'
	@touch $@
