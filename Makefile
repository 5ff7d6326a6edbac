# Everything is run from here. The environment is made on first use, from the lock files, in .venv/.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python on PATH that is new enough; PYTHON=… chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
UV ?= uv
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes

# A first run compiles hundreds of modules in each of its processes, unless one leaves them for the others.
unexport PYTHONDONTWRITEBYTECODE

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := $(CURDIR)

##@ Two commands

.PHONY: demo
demo: .venv/.ready-to-run  ## start everything, tell the story, judge it (KEEP=1 goes on serving)
	@$(BIN)/python -m service.demo $(if $(KEEP),--keep)

.PHONY: test
test: .venv/.ready-to-test  ## run the tests on real PostgreSQL and Redis
	@$(BIN)/python -m pytest -n 4 --dist worksteal

##@ For those who change it

.PHONY: check
check: .venv/.ready-to-test  ## format, lint, types, import contracts, then exactly `make test`
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	@$(MAKE) test

.PHONY: format
format: .venv/.ready-to-test  ## let ruff put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: prove
prove: .venv/.ready-to-test  ## tell RUNS= stories and lose LOST= carriers' answers from SEED= on a virtual clock, then search long for counterexamples
	@$(BIN)/python -m tests.prove stories labels
	@HYPOTHESIS_PROFILE=full $(BIN)/python -m pytest -n 2 -m hypothesis

.PHONY: year
year: .venv/.ready-to-test  ## live through DAYS= (366) days of a shop with ORDERS= (20) a day
	@$(BIN)/python -m tests.prove year

.PHONY: chaos
chaos: .venv/.ready-to-test  ## break the running service on purpose, ask what holds (SEED= RUNS= FAULTS=a+b LONG=1 HEAL=1 FLOOD=)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) \
		$(if $(FAULTS),--faults $(FAULTS)) $(if $(LONG),--long) $(if $(HEAL),--heal) $(if $(FLOOD),--flood $(FLOOD))

.PHONY: bench
bench: .venv/.ready-to-test  ## measure the figures on this machine
	@$(BIN)/python -m tests.bench

.PHONY: schema
schema: .venv/.ready-to-test  ## draw service/db/schema.sql anew from the migrations
	@$(BIN)/python -m tests.schema

.PHONY: lock
lock:  ## write both lock files anew (needs uv; UV=path)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or UV=/path/to/uv" >&2; exit 1; }
	$(UV) pip compile pyproject.toml --extra embedded --universal --generate-hashes --python-version 3.11 --no-header --quiet -o requirements.lock
	$(UV) pip compile pyproject.toml --extra embedded --extra dev --universal --generate-hashes --python-version 3.11 --no-header --quiet -o requirements-dev.lock

##@ Housekeeping

.PHONY: setup
setup: .venv/.ready-to-run  ## make the environment of the demo (done by itself when needed)

.PHONY: clean
clean:  ## remove what runs and tools left in the tree; the environment stays
	rm -rf var build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

.PHONY: help
help:  ## this list
	@awk 'BEGIN { FS = ":.*##"; print "make TARGET" } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*##/ { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none is on PATH (PYTHON=/path/to/python3 names one)." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) lacks the modules venv and ensurepip. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "making the environment in .venv (once)"
	@$(PYTHON) -m venv .venv

.venv/.ready-to-run: requirements.lock | .venv/bin/python
	@echo "installing requirements.lock (once)"
	@$(PIP) -r requirements.lock
	@touch $@

.venv/.ready-to-test: requirements-dev.lock | .venv/bin/python
	@echo "installing requirements-dev.lock (once)"
	@$(PIP) -r requirements-dev.lock
	@touch $@ .venv/.ready-to-run
