# ApiPosture. `make help` says what there is. Needs git, make and Python 3.11 or newer; everything else goes into .venv.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { command -v $$p; break; }; done)
VENV := .venv
PY ?= $(VENV)/bin/python
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
SOURCES := $(shell find src -type f -not -name '*.pyc' 2>/dev/null) pyproject.toml README.md LICENSE
SAMPLE := samples/orders-aspnetcore
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help scan evidence test check lint pages bench truth docs compiled lock clean

help: ## Say what there is
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

scan: $(VENV)/.installed ## Install from the lock and scan the sample (it has flaws to show; they do not fail make)
	$(VENV)/bin/apiposture scan $(SAMPLE) --fail-on none $(ARGS)

evidence: $(VENV)/.evidence $(VENV)/.installed ## Record a scan of the sample and make an evidence pack of it (build/evidence.zip), then verify it
	@mkdir -p build
	$(VENV)/bin/apiposture record $(SAMPLE)
	$(VENV)/bin/apiposture evidence build --scope S,C -o build/evidence.zip
	$(VENV)/bin/apiposture verify build/evidence.zip

test: $(VENV)/.dev $(VENV)/.installed build/sarif/.tried build/oscal/.tried build/schemas/.tried ## Install from the lock and run everything that CI runs
	$(MAKE) --no-print-directory check

check: lint ## The checks of `make test` alone, in an environment that exists (PY=... names another)
	$(PY) -m pytest $(ARGS)

lint: ## ruff, mypy --strict and the import contracts
	$(PY) -m ruff check src tests bench
	$(PY) -m mypy
	PYTHONPATH=src $(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

pages: ## Run the pages as tests; ACCEPT=1 rewrites their second blocks with what the code says today
	$(if $(ACCEPT),ACCEPT=1) $(PY) -m pytest tests/test_pages.py $(ARGS)

bench: ## Speed and memory as ratios within one run; APIPOSTURE_CORPORA names a folder of trees
	PYTHONPATH=src $(PY) bench/speed.py $(ARGS)

truth: ## Recall and false alarms on suites that others labelled; APIPOSTURE_CORPORA names their folder
	PYTHONPATH=src:. $(PY) -m bench.table $(ARGS)

lock: ## Renew both lock files from pyproject.toml (needs uv)
	uv pip compile pyproject.toml $(LOCK) --group build -o requirements.txt
	uv pip compile pyproject.toml $(LOCK) --all-extras --group build -o requirements-evidence.txt
	uv pip compile pyproject.toml $(LOCK) --all-extras --group build --group dev -o requirements-dev.txt
	uv pip compile $(LOCK) --group pyproject.toml:docs -o requirements-docs.txt

docs: $(VENV)/.docs ## The documentation site, from the pages that ship, into build/site
	rm -rf build/pages && $(VENV)/bin/python docs/pages.py build/pages
	$(VENV)/bin/mkdocs build --quiet --strict --config-file build/mkdocs.yml

compiled: $(VENV)/.dev build/compiled/.made ## Compile the engine (needs a C compiler and minutes), and run all tests on it
	$(PY) -m pytest -o pythonpath="build/compiled tests ." $(ARGS)

clean: ## Remove .venv and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

# As `HATCH_BUILD_HOOK_ENABLE_MYPYC=true pip install .` makes it (decisions/0014), in a folder of its own; made from a copy, since the compiled
# modules are first put beside the source, where Python would take them for it. Made twice: the pages show gcc which ways the engine goes (0056).
build/compiled/.made: $(SOURCES) bench/profiled-cc
	rm -rf build/compiled build/counting build/counted build/source && mkdir -p build/source/first build/source/second build/counted
	cp -r src pyproject.toml README.md LICENSE build/source/first
	cp -r src pyproject.toml README.md LICENSE build/source/second
	SEEING=yes $(COMPILE) --target build/counting ./build/source/first
	GCOV_PREFIX=$(CURDIR)/build/counted $(PY) -m pytest -q -o pythonpath="build/counting tests ." tests/test_pages.py
	SEEN=$(CURDIR)/build/counted $(COMPILE) --target build/compiled ./build/source/second
	PYTHONPATH=build/compiled $(PY) -c 'from apiposture.analysis.flow import frame; assert not frame.__file__.endswith(".py"), frame'
	@touch $@

COMPILE = CC=$(CURDIR)/bench/profiled-cc HATCH_BUILD_HOOK_ENABLE_MYPYC=true \
	$(PY) -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation

# Every platform and Python from 3.11 on; no address of any index in the files.
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet

# The official OSCAL schema is NIST's (public domain); where it can't be fetched, its test is skipped and says so.
build/oscal/.tried:
	@mkdir -p build/oscal && touch $@
	@curl -fsSL -m 60 -o build/oscal/complete.json $(OSCAL) 2>/dev/null \
	|| echo "The OSCAL schema was not fetched (curl is missing or offline); its test will be skipped."

OSCAL := https://github.com/usnistgov/OSCAL/releases/download/v1.2.1/oscal_complete_schema.json

# The official SARIF schema comes with an npm package; where there is no npm, its test is skipped and says so.
build/sarif/.tried:
	@mkdir -p build/sarif && touch $@
	@cd build/sarif && { command -v npm >/dev/null 2>&1 && npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 >/dev/null 2>&1 \
	&& tar xzf *.tgz; } || echo "The SARIF schema was not fetched (npm is missing or offline); its test will be skipped."

# What GitLab's SAST report, Ant and Jenkins ask of files in their formats (MIT and Apache-2.0); the same.
build/schemas/.tried:
	@mkdir -p build/schemas && touch $@
	@cd build/schemas && { curl -fsSL -m 60 -o gitlab-sast.json $(GITLAB) -o junit-ant.xsd $(ANT) -o junit-jenkins.xsd $(JENKINS) 2>/dev/null \
	|| echo "The schemas of GitLab and JUnit were not all fetched (curl is missing or offline); their tests will be skipped."; }

GITLAB := https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v15.0.7/dist/sast-report-format.json
ANT := https://raw.githubusercontent.com/windyroad/JUnit-Schema/master/JUnit.xsd
JENKINS := https://raw.githubusercontent.com/jenkinsci/xunit-plugin/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module was not found; set PYTHON=/path/to/python3." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.locked: requirements.txt $(VENV)/.made
	$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.evidence: requirements-evidence.txt $(VENV)/.made
	$(PIP) install --require-hashes -r requirements-evidence.txt
	@touch $(VENV)/.locked $@

$(VENV)/.docs: requirements-docs.txt $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements-docs.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.made
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $(VENV)/.locked $(VENV)/.evidence $@

$(VENV)/.installed: $(VENV)/.locked $(SOURCES)
	$(PIP) install --no-deps --no-build-isolation --force-reinstall .
	@touch $@
