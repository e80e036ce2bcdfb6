# The two commands are `make serve` and `make test`; each sets up what it needs first.

PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 1
# Two at least: tests that wait for a process leave a core to the others.
TEST_PROCESSES ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 2 ] && echo $$n || echo 2)

LOCKED = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(LOCK)

PLUGINS := plugins/sla-watch plugins/stale-tickets

.PHONY: serve test check lint types format bench faults scaling lock clean

serve: .venv/serve
	@$(BIN)/ticketing-server serve --host "$(HOST)" --port "$(PORT)" --workers "$(WORKERS)"

test: .venv/dev
	$(BIN)/pytest -n $(TEST_PROCESSES)

check: lint types test

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive ticketing_server plugins

types: .venv/dev
	$(BIN)/basedpyright

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# After a change of dependencies. LOCK=--upgrade takes the newest of everything.
lock: .venv/lock
	$(LOCKED) --output-file deploy/requirements.lock pyproject.toml
	$(BIN)/python -c 'import tomllib; \
		print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(LOCKED) --output-file deploy/build.lock -

# make bench BENCH="--tickets 10000 1000000 --whole"; needs wrk
bench: .venv/bench
	$(BIN)/python -m tests.bench $(BENCH)

# Kills, starves and cuts off real servers, twenty times over; ten minutes at most.
faults: .venv/dev
	FAULT_ROUNDS=$${FAULT_ROUNDS:-20} timeout --signal=INT 600 $(BIN)/pytest -n $(TEST_PROCESSES) tests/faults

# The drill of docs/scaling.md; needs HAProxy, and PgBouncer 1.21 or later (PGBOUNCER=/its/path).
scaling: .venv/dev
	$(BIN)/pytest -s -rs tests/scaling

# Debian ships Python without the module that puts pip into a new environment.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		$(PYTHON) -m pip install --quiet --user --break-system-packages virtualenv \
		&& $(PYTHON) -m virtualenv --quiet .venv; }

.venv/serve: pyproject.toml | .venv/bin/python
	@echo "Installing (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: pyproject.toml $(PLUGINS:=/pyproject.toml) | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[otel]" \
		$(foreach plugin,$(PLUGINS),--editable $(plugin)) --group dev
	@touch $@ .venv/serve

.venv/bench: .venv/dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

.venv/lock: .venv/dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group lock
	@touch $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache
