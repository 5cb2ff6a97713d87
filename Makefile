# Each command builds what it needs in .venv. PYTHON names another interpreter (3.11 to 3.13).
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
CLIENTS := .venv-clients/.ready

.DEFAULT_GOAL := help
.PHONY: help run ui test lint format bench lock clean

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: $(READY) ## the main job on the simulator, from nothing (KIWOOM_APP_KEY and KIWOOM_SECRET_KEY: on the real host)
	@$(BIN)/python scripts/run.py

ui: $(READY) ## the whole thing in the Airflow UI, with the simulator
	@$(BIN)/python scripts/ui.py $(ARGS)

test: $(READY) $(CLIENTS) ## everything that needs no service
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

lint: $(READY) ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## measure, as ratios against a floor of the same run
	@$(BIN)/python -m benchmarks

lock: $(READY) ## resolve requirements-dev.txt anew into requirements.lock
	$(BIN)/python scripts/lock.py

clean: ## remove what the commands built
	rm -rf .venv .venv-clients .run

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11 to 3.13 is needed, this is %d.%d: set PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Building .venv (a minute or two, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Public Kiwoom clients, as reference users of the protocol; their pins do not go with Airflow's.
$(CLIENTS): tests/contract/requirements.txt
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	@.venv-clients/bin/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@
