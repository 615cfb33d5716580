# make demo    a simulated department, from its records to the report, held against what really happened
# make test    the tests
# Both install into .venv first. Nothing outside this folder is changed, but for Debian packages when run by root.

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test check bench prove lock clean
.DELETE_ON_ERROR:

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all:
DEMO_DAYS ?= 14
DEMO_SCANNERS ?= 5
DEMO_SEED ?= 1

help:
	@echo "make demo    the main job on a simulated department; report in demo/out/report.html"
	@echo "make test    the tests"
	@echo "make setup   install Ecorad into .venv, so that .venv/bin/ecorad runs"
	@echo "make check   format, lint, types, import contracts and the quick tests, as before each commit"
	@echo "make bench   medians and ratios of the slow paths"
	@echo "make prove   the fault report: kills, damage, bombs, replay, canaries; in docs/reference/fault-report.md"
	@echo "make lock    write requirements/*.txt anew from pyproject.toml"

setup: .venv/.core
	@:

setup-dev: .venv/.dev
	@:

.venv/.core: requirements/core.txt pyproject.toml tools/venv.sh
	@tools/venv.sh
	@echo "Installing Ecorad into .venv ..."
	@$(PIP) -r requirements/core.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.core requirements/dev.txt
	@echo "Installing what the tests need into .venv ..."
	@$(PIP) -r requirements/dev.txt
	@touch $@

# Exit status 1 of ingest means: done, and some inputs are in quarantine, as in any real department.
demo: setup
	rm -rf demo
	$(BIN)/ecorad simulate demo --days $(DEMO_DAYS) --scanners $(DEMO_SCANNERS) --seed $(DEMO_SEED)
	$(BIN)/ecorad ingest demo demo/incoming || [ $$? -eq 1 ]
	$(BIN)/ecorad audit demo
	$(BIN)/ecorad simulate demo --compare

test: setup-dev
	@tools/test_programs.sh
	$(BIN)/python -m pytest -q -n auto --dist loadfile $(PYTEST_ARGS)

check: setup-dev
	@tools/test_programs.sh
	./check

bench: setup-dev
	$(BIN)/python -m bench

.venv/.fuzz: .venv/.dev requirements/fuzz.txt
	@$(PIP) -r requirements/fuzz.txt
	@touch $@

# Every figure from its seed; PROVE_ARGS="kills --scale 0.1" for a part, "fuzz --scale 360" for a day of fuzzing.
prove: setup-dev .venv/.fuzz
	@tools/test_programs.sh
	$(BIN)/python -m prove $(PROVE_ARGS)

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-options \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --build-deps-for editable

lock: setup-dev
	$(LOCK) -o requirements/core.txt pyproject.toml
	$(LOCK) --extra serve -c requirements/core.txt -o requirements/serve.txt pyproject.toml
	$(LOCK) --extra pacs --extra cloud -c requirements/core.txt -o requirements/pacs.txt pyproject.toml
	$(LOCK) --extra dev --extra serve --extra pacs --extra cloud -c requirements/core.txt -o requirements/dev.txt pyproject.toml
	$(LOCK) --extra fuzz -c requirements/dev.txt -o requirements/fuzz.txt pyproject.toml

clean:
	rm -rf .venv build demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
