# Everything a developer or an operator types. Each target makes or updates .venv first when it is needed;
# VENV=path uses an existing virtual environment as it is.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := $(if $(VENV),$(abspath $(VENV)),$(CURDIR)/.venv)/bin

.DEFAULT_GOAL := help
.PHONY: help install run test check bench drill serve worker

help:
	@echo "make run      try it: installs, starts everything on this machine, prints address and login"
	@echo "make test     the whole test suite, on SQLite and on PostgreSQL"
	@echo "make check    style, types, layers, migrations, deployment settings"
	@echo "make bench    measure, with floors"
	@echo "make drill    break things on purpose and count what survives"
	@echo "make serve    production web server       make worker   production worker"

install:
	@$(PYTHON) -m sandbox.install --dev

run:
	@$(PYTHON) -m sandbox.run

test: install
	@$(BIN)/python tests/run.py

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	@$(BIN)/python tests/deploy_check.py

bench: install
	@$(BIN)/python -m bench

drill: install
	@$(BIN)/python -m bench.drill

serve:
	@$(PYTHON) -m sandbox.install
	$(BIN)/python manage.py migrate --noinput
	$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	exec $(BIN)/gunicorn --bind "$${BIND:-127.0.0.1:8000}" --workers "$${WEB_CONCURRENCY:-2}" --threads 4 --no-control-socket --access-logfile - config.wsgi

worker:
	@$(PYTHON) -m sandbox.install
	exec $(BIN)/python manage.py worker
