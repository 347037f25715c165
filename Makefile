# Two commands do all the set-up: `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SWIFT := .venv-swift
# A file to a worker, in the order of the folders: the slow files are not left for the end.
SPLIT := -n 2 --dist loadfile --no-loadscope-reorder

# Tests start many processes: Python files are compiled for the first and not for each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo ui test test-all check format concepts clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/ready ## Make the sample catalog: six concept images to checked variants
	$(BIN)/trellis-assets refresh
	@echo "See them in Dagster: make ui"

ui: $(VENV)/ready ## Open Dagster with the asset graph, history and pictures
	$(BIN)/trellis-assets ui

test: $(VENV)/ready-to-test ## Run the tests (under 5 minutes on 2 cores)
	$(BIN)/pytest $(SPLIT)

test-all: $(VENV)/ready-to-test $(SWIFT)/ready ## Run the tests with the slow ones
	SWIFT_BIN=$(CURDIR)/$(SWIFT)/bin $(BIN)/pytest $(SPLIT) -m ""

check: $(VENV)/ready-to-test ## Lint, check formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/ready-to-test ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

concepts: $(VENV)/ready ## Draw the sample catalog's concept images again
	$(BIN)/python catalog/concepts/draw.py

clean: ## Remove what these commands made, the store and history included
	rm -rf $(VENV) $(SWIFT) .trellis

# A compiler is needed once: meshoptimizer comes as source.
$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --prefer-binary --constraint constraints.txt --editable .
	$(BIN)/trellis-assets setup
	@touch $@

$(VENV)/ready-to-test: $(VENV)/ready
	$(BIN)/pip install --quiet --prefer-binary --constraint constraints.txt --editable ".[test]"
	@touch $@

# A real S3-compatible server for the slow tests, which say why they skip without it.
$(SWIFT)/ready: tests/trellis2/swift-requirements.txt
	$(PYTHON) -m venv $(SWIFT)
	@if $(SWIFT)/bin/pip install --quiet --prefer-binary --requirement $< 2> $(SWIFT)/why; \
	then rm -f $(SWIFT)/why; touch $@; \
	else echo "OpenStack Swift cannot be installed: its tests will be skipped"; fi
