# The words of this project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint types check requirements screenshots

help: ## list these words
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(VENV)/.app ## install what the app needs, then start it on 127.0.0.1:8501
	$(BIN)/streamlit run app.py

test: $(VENV)/.dev $(VENV)/.spark ## install what the tests need, then lint, types, contracts and the whole suite
	@bash scripts/system.sh
	$(MAKE) --no-print-directory check
	$(BIN)/pytest -n auto --dist loadscope

lint: $(VENV)/.dev ## style, formatting and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev ## type hints
	$(BIN)/mypy

check: lint types ## lint and types

requirements: ## pin the ranges of pyproject.toml
	$(BIN)/uv pip compile -q --universal --no-header --no-emit-index-url pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --no-header --no-emit-index-url -c requirements.txt --group dev -o requirements-dev.txt
	echo "pyspark>=4.0,<4.1" | $(BIN)/uv pip compile -q --universal --no-header --no-emit-index-url --no-annotate -c requirements.txt - -o requirements-spark.txt

screenshots: $(VENV)/.dev ## pictures of the real app for the README
	$(BIN)/python scripts/screenshots.py

$(VENV)/.app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements.txt
	touch $@

$(VENV)/.dev: $(VENV)/.app requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements-dev.txt
	touch $@

# pyspark has no wheel; without it, and without Java 17, the tests of Spark are skipped
$(VENV)/.spark: $(VENV)/.dev requirements-spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-binary pyspark -r requirements-spark.txt
	touch $@
