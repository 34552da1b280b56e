# The two commands that matter: `make demo` and `make test`. `make help` lists all.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint types tests context lock wheel bench screenshots editor clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

demo: $(VENV)/.runs ## publish the first record and serve it at http://127.0.0.1:8080
	$(BIN)/katalod demo

test: lint types tests ## linter, type checker, tests

lint: $(VENV)/.tests
	$(BIN)/ruff check .

types: $(VENV)/.tests
	$(BIN)/mypy

tests: $(VENV)/.tests
	$(BIN)/pytest

context: $(VENV)/.runs ## write the JSON-LD context anew from the mapping table
	$(BIN)/python -m katalod.mapping.context > ontology/context.jsonld.new
	mv ontology/context.jsonld.new ontology/context.jsonld

lock: $(VENV)/.tests ## write the lock files anew from pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
	  --no-emit-find-links --no-annotate --no-header --extra build --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
	  --no-emit-find-links --no-annotate --no-header --extra build --extra dev --output-file requirements-dev.lock pyproject.toml

wheel: $(VENV)/.tests ## build dist/*.whl and the source archive
	$(BIN)/python -m build

bench: $(VENV)/.tests ## time a publish of 3,000 records beside a plain pipeline
	$(BIN)/python benchmarks/publish.py

screenshots: $(VENV)/.tests ## take the pictures of docs/ anew with a real browser
	$(BIN)/python docs/screenshots.py

editor: ## take the query editor into the repository anew, by npm
	.ci/vendor-editor

clean: ## remove what was made here, but not ./var
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV) || { echo "making $(VENV) failed; on Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runs: $(BIN)/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.runs requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
