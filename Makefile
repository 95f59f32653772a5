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
# How many workers, and how many imports each of them runs at once.
WORKERS ?= 2
SLOTS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo up cluster test soak conform lint format rooms bench clean
.DELETE_ON_ERROR:

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## Import invented companies and show their reports (ONCE=1: then exit; BOOKS=file: your own)
	@$(RUN) -m monitr_pipelines.cli.demo $(if $(ONCE),--once) \
		$(if $(BOOKS),--books "$(BOOKS)") $(if $(OPTIONS),--options='$(OPTIONS)')

up: $(VENV)/installed ## Start PostgreSQL, Dagster, the reconciler, the web hook and its page
	@$(VENV)/bin/monitr up

cluster: $(VENV)/installed-workers ## The same with imports on two workers, behind Redis and PgBouncer (WORKERS=2 SLOTS=2)
	@$(VENV)/bin/monitr up --workers $(WORKERS) --slots $(SLOTS)

test: $(VENV)/installed-dev ## Run every test, two at a time
	@$(RUN) -m pytest --numprocesses 2

soak: $(VENV)/installed-dev ## Put random histories of ledger files through kills, troubles and resets (SEQUENCES=10000 SEED=1)
	@$(RUN) -m monitr_pipelines_tests.importing.soak --sequences $(SEQUENCES) --seed $(SEED)

conform: $(VENV)/installed-dev ## Edit the books of emulated software at random, and import them (STORIES=1000 SEED=1)
	@$(RUN) -m monitr_pipelines_tests.conformance.soak --stories $(STORIES) --seed $(SEED)

lint: $(VENV)/installed-dev ## Check style, types, layers and SQL
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	$(RUN) -m sqlfluff lint --processes 2 --nocolor sql

format: $(VENV)/installed-dev ## Bring code into the project's form
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format
	$(RUN) -m sqlfluff fix --quiet sql

rooms: $(VENV)/installed-dev ## List the folders of the package, their sizes, arrows and circles of imports
	@$(RUN) -m monitr_pipelines_tests.rooms

bench: $(VENV)/installed-dev ## Measure loader, connectors, marts, web hook, page and schedule
	@$(RUN) -m bench

clean: ## Remove the environment and everything local, the demo's database too
	@if [ -e $(VENV)/installed ]; then $(RUN) -c "from monitr_pipelines import settings; \
		from monitr_pipelines.warehouse.server import embedded; embedded.remove(settings.home())"; fi
	rm -rf $(VENV) .venv-bench .venv-singer* .monitr .env *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

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
