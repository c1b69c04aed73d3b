# Two commands for a new machine: `make demo` and `make test`. Everything is set up in .venv inside this folder.
PYTHON ?= python3
PY := .venv/bin/python
STAMP := .venv/.installed
WORKERS ?=
OUT ?= results/barnet_vs_shropshire

.PHONY: setup demo test test-slow cluster-test lint schema bench bench-quick lock clean chromium

setup: $(STAMP)

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed. Install python3 and python3-venv, or name another: make PYTHON=python3.12"; exit 2; }
	@echo "Setting up .venv (once; this takes a minute or two) …"
	@$(PYTHON) -m venv .venv || { echo "The venv could not be made. Install python3-venv."; exit 2; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@touch $(STAMP)

demo: setup
	@$(PY) run.py experiment configs/experiments/barnet_vs_shropshire.yaml --out "$(OUT)" --force $(if $(WORKERS),--workers $(WORKERS))

chromium:
	@sh .ci/install-chromium

test: setup chromium lint
	@$(PY) -m pytest -n 2 --dist loadfile -m "not slow"

cluster-test: setup
	@$(PY) -m pytest tests/test_cluster.py

test-slow: setup chromium
	@$(PY) -m pytest -n 2 --dist loadfile -m slow

lint: setup
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) run.py schema | diff -q - docs/schema.json >/dev/null || { echo "docs/schema.json is out of date: run make schema."; exit 1; }

schema: setup
	@$(PY) run.py schema --out docs/schema.json

bench: setup
	@$(PY) -m benchmarks

bench-quick: setup
	@$(PY) -m benchmarks.quick

lock:
	uv pip compile pyproject.toml --extra dev --extra cluster --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header -o requirements.lock

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache
