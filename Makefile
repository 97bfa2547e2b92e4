# One file of commands. `make demo` and `make test` need only Python 3.11+ (with venv), git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
MINUTES ?= 10

.DEFAULT_GOAL := help
.PHONY: help demo test test-lowest check format bench load crash soak faults mutants snapshots pictures locks clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Lampboard needs Python 3.11 or newer; set PYTHON=python3.11") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

# A stamp a lock: the second run, and every run without a network, installs nothing.
$(VENV)/run.stamp: locks/build.txt locks/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r locks/build.txt -r locks/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: locks/dev.txt $(VENV)/run.stamp
	$(PIP) install --require-hashes -r locks/dev.txt
	@touch $@

demo: $(VENV)/run.stamp  ## open the console on the demo world
	@$(BIN)/lampboard demo

test: check  ## every check and every test
	$(BIN)/python -m pytest

check: $(VENV)/dev.stamp  ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/dev.stamp  ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp  ## ratios to bare baselines, in one interleaved run
	$(BIN)/python -m tests.performance.bench

crash: $(VENV)/dev.stamp  ## kill -9 at 200 random moments each: acting, importing, exporting, backing up, restoring
	$(BIN)/python -m pytest -n 0 tests/storage/test_crash.py tests/storage/test_import_stopped.py --kills 200
	$(BIN)/python -m pytest -n 0 tests/storage/test_crash_keeping.py --kills 600

soak: $(VENV)/dev.stamp  ## random calendars and cases beside slow rules, then MINUTES of random stories of sync
	$(BIN)/python -m pytest --dist load tests/core/test_calendar_slowly.py tests/core/test_cases_slowly.py --calendars 3000 --cases 20000
	$(BIN)/python -m tests.storage.soak_sync --minutes $(MINUTES)

faults: $(VENV)/dev.stamp  ## kill, cut, lose and fill while consoles sync; FULL=1 for the counts of the plan
	$(BIN)/python -m tests.faults.run $(if $(FULL),--full) $(if $(ONLY),--only $(ONLY))

mutants: $(VENV)/dev.stamp  ## sow faults into a copy of the sync: each has to be caught by its test
	$(BIN)/python -m tests.mutants

load: $(VENV)/dev.stamp  ## 500 simulated consoles at one hub, 100 pushes a second; MINUTES=5
	$(BIN)/python -m tests.performance.load $(if $(filter file,$(origin MINUTES)),,--minutes $(MINUTES))

test-lowest: $(BIN)/python  ## every test with the oldest dependencies we promise
	$(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip --quiet install --require-hashes -r locks/lowest.txt
	$(VENV)-lowest/bin/python -m pip --quiet install --no-deps --no-build-isolation --editable .
	$(VENV)-lowest/bin/python -m pytest

snapshots: $(VENV)/dev.stamp  ## take the pictures that tests compare the screen with anew
	$(BIN)/python -m pytest -n 0 tests/tui/test_snapshots.py --snapshot-update

pictures: $(VENV)/dev.stamp  ## the README's pictures, from the real screens
	$(BIN)/python -m tests.support.pictures

locks:  ## resolve the lock files anew (needs uv)
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml -o locks/run.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group build -o locks/build.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 -c locks/run.txt -c locks/build.txt pyproject.toml --group dev -o locks/dev.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --resolution lowest-direct pyproject.toml --group dev -o locks/lowest.txt

clean:  ## remove the environment and what tools left behind
	rm -rf $(VENV) $(VENV)-lowest .mypy_cache .pytest_cache .ruff_cache .import_linter_cache snapshot_report.html
