# The commands of this project. `make help` lists them.
PYTHON ?= python3
# := and not ?=, because some shells export HOST with the name of the machine.
HOST := local
VENV_PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run serve bench doctor package settings backup restore test coverage faults screenshots check format lock clean

help: ## print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

setup: ## install the virtual environment, Python packages and Azurite, at locked versions
	@$(PYTHON) local/install.py

run: setup ## run the sample catalogue through the whole app on this machine
	@$(VENV_PYTHON) -m local run

serve: setup ## serve the app on http://127.0.0.1:7071 until Ctrl+C (HOST=func: with Core Tools)
	@$(VENV_PYTHON) -m local serve --host $(HOST)

doctor: setup ## check the configuration in the environment and local.settings.json, or SETTINGS=file
	@$(VENV_PYTHON) -m scripts.doctor $(if $(SETTINGS),--settings-file $(SETTINGS))

package: setup ## build dist/app.zip, the package that is deployed to Azure
	@$(VENV_PYTHON) -m scripts.package dist/app.zip

settings: setup ## write the settings of the azd environment to dist/azure.settings.json, for the doctor
	@$(VENV_PYTHON) -m scripts.azure_settings dist/azure.settings.json

backup: setup ## write the tables and blobs of the app to FILE=...
	@$(VENV_PYTHON) -m scripts.backup $(FILE)

restore: setup ## restore FILE=... into an empty storage account
	@$(VENV_PYTHON) -m scripts.restore $(FILE)

test: check ## run every check and every test; ARGS="tests/unit -k name" selects tests
	@$(VENV_PYTHON) -m pytest -n 2 --dist loadfile $(ARGS)

coverage: setup ## measure which lines the tests reach, without child processes; ARGS as for test
	@$(VENV_PYTHON) -m pytest -n 2 --dist loadfile --cov --cov-report term:skip-covered $(ARGS)

faults: setup ## test every fault at every call of every step and write docs/faults.md (about an hour)
	@$(VENV_PYTHON) -m tests.faults.harness

bench: setup ## measure speed and memory, each with a limit measured in the same run
	@$(VENV_PYTHON) -m pytest -m benchmark -s tests/benchmarks

screenshots: setup ## take the README's pictures of the dashboard again (needs Chromium)
	@$(VENV_PYTHON) -m tests.screenshots

check: setup ## run ruff, mypy and import-linter
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo

format: setup ## format the code
	@$(VENV_PYTHON) -m ruff check --fix .
	@$(VENV_PYTHON) -m ruff format .

lock: setup ## resolve the dependencies of pyproject.toml and Azurite again
	@$(VENV_PYTHON) -m uv pip compile -q --universal --no-emit-index-url --no-annotate --generate-hashes --upgrade --custom-compile-command 'make lock' -o requirements.txt pyproject.toml
	@$(VENV_PYTHON) -m uv pip compile -q --universal --no-emit-index-url --no-annotate --generate-hashes --upgrade --custom-compile-command 'make lock' --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	@cd local/azurite && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## remove everything that setup, run and serve created
	@rm -rf .venv .local dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
