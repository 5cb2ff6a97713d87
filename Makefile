# Each command builds what it needs in .venv. PYTHON names another interpreter (3.11 to 3.14).
PYTHON ?= $(or $(shell scripts/python.sh 3.12 3.13 3.11 3.14),python3)
# Compiled once, wherever this is set otherwise: the suite starts Python dozens of times.
export PYTHONDONTWRITEBYTECODE :=
BIN := .venv/bin
READY := .venv/.ready
CLIENTS := .venv-clients/.ready
STORAGE := .venv-storage/.ready
AZURITE := .venv-storage/azurite/.ready
LOWEST := .venv-lowest/.ready
SWIFT := .venv-storage/swift/.ready
SPARK := .venv-storage/spark/.ready

.DEFAULT_GOAL := help
.PHONY: help environments run ask months ui test thorough lowest quick storage chaos fuzz cluster kills lint format locale docs tables bench supply wheel lock clean

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: $(READY) ## the main job on the simulator, from nothing (KIWOOM_APP_KEY and KIWOOM_SECRET_KEY: on the real host)
	@$(BIN)/python -m lab run

ask: $(READY) ## ask a real account what only it can tell (KIWOOM_APP_KEY, KIWOOM_SECRET_KEY, KIWOOM_HOST): at most 80 calls
	@$(BIN)/python -m kiwoom_provider.ask $(ARGS)

months: $(READY) ## finished months in one file each, under AIRFLOW_VAR_KIWOOM_DATA_ROOT or ARGS="--root URL"
	@$(BIN)/python -m kiwoom_provider.months $(ARGS)

ui: $(READY) ## the whole thing in the Airflow UI, with the simulator
	@$(BIN)/python -m lab ui $(ARGS)

test: $(READY) $(CLIENTS) ## the suite; it ends with a line on what this machine left out
	$(BIN)/python -m pytest -n auto -m "not thorough" $(ARGS)

thorough: $(STORAGE) $(AZURITE) $(if $(KIWOOM_SPARK),$(SPARK)) ## the rest of the suite: more nights, faults and inputs of the kinds that `make test` plays
	.venv-storage/bin/python -m pytest -n auto -m thorough $(ARGS)

lowest: $(LOWEST) ## the real DAG, timetable, page and plugin on the lowest versions that are declared, on Python 3.12
	.venv-lowest/bin/python -m pytest -n auto -W default -m "not thorough" $(LOWEST_TESTS) $(ARGS)

quick: $(READY) ## the package on another Python, without servers and variants of one answer: make quick VERSION=3.13
	@test -x .venv-$(VERSION)/bin/python || $(BIN)/uv venv -q --python "$$(scripts/python.sh $(VERSION))" .venv-$(VERSION)
	@$(BIN)/uv pip install -q --python .venv-$(VERSION)/bin/python -r requirements.lock
	@$(BIN)/uv pip install -q --python .venv-$(VERSION)/bin/python --no-deps --no-build-isolation --editable .
	@rm -rf include/*.egg-info
	.venv-$(VERSION)/bin/python -m pytest -n auto -m "not thorough" $(QUICK_TESTS) $(ARGS)

storage: $(STORAGE) $(AZURITE) $(if $(filter swift,$(KIWOOM_OBJECT_STORE)),$(SWIFT)) $(if $(KIWOOM_SPARK),$(SPARK)) ## the storage suite and real nights on object stores
	.venv-storage/bin/python -m pytest tests/storage $(ARGS)

chaos: $(READY) ## every fault where it can strike, each through the real DAG, as a table
	@$(BIN)/python -m lab faults --table .run/chaos.md $(ARGS)

fuzz: $(READY) ## 100,000 hostile inputs
	$(BIN)/python -m lab fuzz $(ARGS)

cluster: $(READY) ## Airflow on PostgreSQL, Redis and Celery, two workers as hosts of their own (root, Debian)
	@$(BIN)/python -m lab cluster $(ARGS)

kills: $(READY) ## SIGKILL to every part of that cluster at random moments of several nights
	@$(BIN)/python -m lab kills $(ARGS)

lint: $(READY) ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

format: $(READY) ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

locale: $(READY) ## collect the texts that people read into the catalogues, and compile them
	@$(BIN)/python scripts/catalogue.py

tables: $(READY) ## write the tables that the documentation takes from the code
	@$(BIN)/python -m scripts.tables
	@$(BIN)/python -m pytest -q tests/quality/test_faults.py -k document --write-documents

docs: tables ## the documentation as a site with search, in .run/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/uv tool run --from mkdocs==1.6.1 --with mkdocs-material==9.8.2 mkdocs build -q
	@echo "To read it: $(BIN)/python -m http.server --directory .run/site"

bench: $(READY) ## measure, as ratios against a floor of the same run
	@$(BIN)/python -m benchmarks $(ARGS)

supply: $(READY) ## licences, known vulnerabilities and a list of components (SBOM) of everything that is pinned
	@$(BIN)/python scripts/supply.py

wheel: $(READY) ## the package as a wheel, in dist/
	@$(BIN)/uv build --quiet --wheel --out-dir dist . && rm -rf build include/*.egg-info && ls dist/*.whl

lock: $(READY) ## resolve into requirements.lock; ARGS=--upgrade takes newer versions
	$(BIN)/python scripts/lock.py $(ARGS)

clean: ## remove what the commands built
	rm -rf .venv .venv-clients .venv-cluster .venv-cluster-s3 .venv-storage .venv-lowest .venv-3.* .run dist build

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 14) else "Python 3.11 to 3.14 is needed, this is %d.%d: set PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Building .venv (a minute or two, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check "$$(grep '^uv==' requirements-dev.txt)"
	@$(BIN)/uv pip install -q --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -rf include/*.egg-info # a second copy of the metadata: Airflow would load the plugin twice, and complain
	@touch $@

# What another Python plays: neither what starts an Airflow or a server of its own, nor what holds the package against
# many variants of one answer, which the whole suite does on the Python of the image.
QUICK_TESTS := tests $(addprefix --ignore tests/,simulator system lab storage fuzz deploy contract docs quality monitor/test_access.py monitor/test_browser.py shared_state/test_streams.py shared_state/test_processes.py ask/test_ask.py history/test_rebuild.py proof/test_properties.py)

# The lowest of everything that pyproject.toml declares, and the tools of the tests at their pins. Old packages warn of
# one another, so warnings are no errors there.
LOWEST_TOOLS := pytest pytest-xdist hypothesis statsd aiohttp setuptools apache-airflow-providers-fab playwright
LOWEST_TESTS := tests/dags tests/hooks tests/operators tests/timetables tests/monitor tests/system/session_truth
$(LOWEST): $(READY) pyproject.toml requirements-dev.txt
	@$(BIN)/uv venv -q --clear --python $$(scripts/python.sh 3.12) .venv-lowest
	@$(BIN)/uv pip install -q --python .venv-lowest/bin/python --resolution lowest-direct --editable '.[redis]' \
		$$(for name in $(LOWEST_TOOLS); do grep "^$$name==" requirements-dev.txt; done)
	@rm -rf include/*.egg-info
	@touch $@

# Public Kiwoom clients, as reference users of the protocol; their pins do not go with Airflow's.
$(CLIENTS): tests/contract/requirements.txt | $(READY)
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	@$(BIN)/uv pip install -q --python .venv-clients/bin/python -r $<
	@touch $@

# Sees what .venv has, its commands too, and adds the Amazon and the Azure provider.
$(STORAGE): $(READY) tests/storage/requirements.txt
	@test -x .venv-storage/bin/python || $(PYTHON) -m venv .venv-storage
	@$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> $$(.venv-storage/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/venv.pth
	@ln -sf ../../$(BIN)/airflow ../../$(BIN)/uv .venv-storage/bin/
	@$(BIN)/uv pip install -q --python .venv-storage/bin/python --no-deps -r tests/storage/requirements.txt
	@touch $@

# From npm; without it the tests on abfs:// are skipped, and say why.
$(AZURITE): | $(STORAGE)
	@npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --loglevel=error azurite@3.35.0 && touch $@ \
		|| echo "Azurite could not be installed: the tests on it will be skipped."

$(SWIFT): tests/storage/swift.txt | $(STORAGE)
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@

# What the later stages of .ci/run need, for it to be installed while the first ones run.
environments: $(CLIENTS) $(STORAGE) $(AZURITE) $(SPARK)

# The second package is there for its jars, Hadoop's S3 client; it asks for an older Spark.
$(SPARK): | $(STORAGE)
	@$(BIN)/uv venv -q --clear --python $(BIN)/python $(@D)
	@$(BIN)/uv pip install -q --python $(@D)/bin/python pyspark==3.5.9
	@$(BIN)/uv pip install -q --python $(@D)/bin/python --no-deps sagemaker-pyspark==1.4.5
	@touch $@
