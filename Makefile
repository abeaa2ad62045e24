# Everything one does with this project. `make help` lists it.
PYTHON ?= python3
# Not ?=: some shells export HOST as the name of the machine.
HOST := local
VENV_PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run serve bench doctor backup restore test faults screenshots check format lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

setup: ## virtual environment, Python packages and Azurite, at locked versions
	@$(PYTHON) local/install.py

run: setup ## the sample catalogue through the whole app on this machine
	@$(VENV_PYTHON) -m local run

serve: setup ## the app on http://127.0.0.1:7071 until Ctrl+C (HOST=func: by Core Tools)
	@$(VENV_PYTHON) -m local serve --host $(HOST)

doctor: setup ## proves the settings of the environment or local.settings.json before anything runs
	@$(VENV_PYTHON) -m scripts.doctor

backup: setup ## tables and blobs of the app into FILE=...
	@$(VENV_PYTHON) -m scripts.backup $(FILE)

restore: setup ## FILE=... into an empty storage account
	@$(VENV_PYTHON) -m scripts.restore $(FILE)

test: check ## every check and every test; ARGS="tests/unit -k name" for some of them
	@$(VENV_PYTHON) -m pytest -n 2 --dist loadfile $(ARGS)

faults: setup ## every fault at every call of every step; writes docs/faults.md (about an hour)
	@$(VENV_PYTHON) -m tests.faults.harness

bench: setup ## speed and memory, each beside a limit measured in the same run
	@$(VENV_PYTHON) -m pytest -m benchmark -s tests/benchmarks

screenshots: setup ## the README's pictures of the dashboard, anew (needs Chromium)
	@$(VENV_PYTHON) -m tests.screenshots

check: setup ## ruff, mypy and import-linter
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo

format: setup ## put the code into form
	@$(VENV_PYTHON) -m ruff check --fix .
	@$(VENV_PYTHON) -m ruff format .

lock: setup ## resolve the dependencies of pyproject.toml and Azurite anew
	@$(VENV_PYTHON) -m uv pip compile -q --universal --no-emit-index-url --no-annotate --generate-hashes --upgrade --custom-compile-command 'make lock' -o requirements.txt pyproject.toml
	@$(VENV_PYTHON) -m uv pip compile -q --universal --no-emit-index-url --no-annotate --generate-hashes --upgrade --custom-compile-command 'make lock' --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	@cd local/azurite && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## remove what setup, run and serve made
	@rm -rf .venv .local .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
