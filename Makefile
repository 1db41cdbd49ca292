# Tradewarden on one machine. `make help` lists what there is; every target can be repeated at any time.
# Needed beforehand: Python 3.11 to 3.14 and a connection to the package registries that pip and npm are set up for.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo $$p && exit; \
	done; echo python3)
VENV_PYTHON := .venv/bin/python
DATA_DIR ?= data
PORT ?= 8420
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test check soak bench format lock api-client wheel clean clean-all

help: ## This list
	@echo "Tradewarden: make TARGET"
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

setup: ## Environment in .venv, locked packages, Node where needed, web assets
	@$(PYTHON) scripts/prepare.py

run: setup ## Start the desk: make run [DATA_DIR=data] [PORT=8420] [ARGS=...]
	@exec .venv/bin/tradewarden up --data-dir "$(DATA_DIR)" --port $(PORT) $(ARGS)

test: setup ## All tests, web and Python: make test [ARGS="-k name"]
	@exec $(VENV_PYTHON) scripts/run_tests.py $(ARGS)

check: setup ## Everything CI looks at: format, lint, types, imports, web, then all tests
	@$(VENV_PYTHON) scripts/check.py
	@exec $(VENV_PYTHON) scripts/run_tests.py $(ARGS)

soak: setup ## The long crash and restart tests
	@exec $(VENV_PYTHON) -m pytest -m soak --timeout 3600 $(ARGS)

bench: setup ## The benchmarks in benchmarks/, beside their peers: make bench [ARGS="--quick"]
	@$(VENV_PYTHON) scripts/prepare_bench.py
	@for file in benchmarks/bench_*.py; do echo "==> $$file"; $(VENV_PYTHON) "$$file" $(ARGS) || exit 1; done

format: setup ## Format the Python sources and repair what ruff can
	@.venv/bin/ruff check --fix --quiet; .venv/bin/ruff format

lock: setup ## Rewrite the hashed locks after a change of requirements/*.in [UPGRADE=1]
	@UPGRADE=$(UPGRADE) $(VENV_PYTHON) scripts/lock.py

api-client: setup ## Regenerate the web's API client from docs/reference/openapi.json
	@PATH="$(CURDIR)/.venv/node/bin:$$PATH" npm --prefix web run generate:api

wheel: setup ## Build the installable wheel into dist/
	@$(VENV_PYTHON) -m hatchling build -t wheel -d dist

clean: ## Remove caches and builds; the environment and the desk's data stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist \
		web/dist web/coverage src/tradewarden/webdist
	@find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -f .make/web
	@echo "Removed caches and builds."

clean-all: clean ## Also remove .venv and web/node_modules; the desk's data stays
	@rm -rf .venv .venv-bench .make web/node_modules
	@echo "Removed the environment; 'make setup' makes it again."
