# The commands of this project; `make` alone lists them.
#
# Set-up (.venv, from requirements.lock) happens on the first call and again only when
# requirements.lock or pyproject.toml changes, when the folder was moved, or when its Python is gone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Without byte-code every kernel start compiles its imports anew, which costs seconds.
unexport PYTHONDONTWRITEBYTECODE
# Kernels, fonts and settings come from .venv, whatever lies in the user's home, be it empty or read-only.
unexport JUPYTER_PATH
export JUPYTER_PREFER_ENV_PATH := 1
# Several processes fill the cores already; threads of linear algebra beside them only wait.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/state/matplotlib
reports test: export IPYTHONDIR := $(CURDIR)/$(VENV)/state/ipython
reports test: export JUPYTER_CONFIG_DIR := $(CURDIR)/$(VENV)/state/jupyter-config
reports test: export JUPYTER_DATA_DIR := $(CURDIR)/$(VENV)/state/jupyter

# A moved folder would run the package of its old place; an upgraded system may have lost the Python.
STALE := $(shell [ "$$(cat $(VENV)/.place 2>/dev/null)" = "$$(pwd -P)" ] \
	&& $(BIN)/python -c '' 2>/dev/null || echo again)

# Beside the project's notebooks, an analyst's folder may hold anything.
OWN := $$($(BIN)/python -m helpers.notebooks)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup reports test lab pictures docs-check lock clean again

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(VENV)/.ready ## make .venv with the exact versions of requirements.lock

reports: $(VENV)/.ready ## run the notebooks: one report for each province, in outputs/html/
	$(BIN)/cchc reports

test: $(VENV)/.ready ## lint, formatting, every quick test, and the notebooks against their checked tables
	$(BIN)/ruff check . $(OWN)
	$(BIN)/ruff format --check . $(OWN)
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile --nbval-lax --nbval-current-env tests $(OWN)

lab: $(VENV)/.ready ## open JupyterLab on notebooks/
	$(BIN)/jupyter-lab notebooks

pictures: $(VENV)/.ready ## take the pictures of the documents anew, from a real run (needs Chromium)
	$(BIN)/cchc reports
	$(BIN)/python tools/pictures.py

docs-check: $(VENV)/.ready ## run every command and example of the documents, in a copy of the project
	$(BIN)/python -m pytest -m "docs or not docs" tests/test_docs.py

lock: $(VENV)/.ready ## renew requirements.lock: the newest versions that pyproject.toml allows
	$(BIN)/python -m pip install --quiet 'uv>=0.6'
	$(BIN)/uv pip compile pyproject.toml --extra test --group build --universal --python-version 3.11 \
		--fork-strategy fewest --generate-hashes --upgrade --quiet --custom-compile-command 'make lock' \
		--output-file requirements.lock

clean: ## remove .venv, caches and what is in outputs/
	[ ! -d outputs ] || find outputs/ -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .benchmarks
	find src tests notebooks -name __pycache__ -prune -exec rm -rf {} +
	find notebooks -name .ipynb_checkpoints -prune -exec rm -rf {} +

# Of what pip prints, a line now and then; a pipe has the exit status of its end.
LOCKED := $(shell grep -c '^[a-z0-9].*==' requirements.lock)
TOLD := { found=0; failed=1; while read -r first rest; do case $$first in \
	Collecting) found=$$((found + 1)); \
		[ $$((found % 40)) -ne 0 ] || echo "  $$found of about $(LOCKED) packages found";; \
	Installing) echo "  $$found packages are here; installing them takes half a minute or more";; \
	all-installed) failed=0;; \
	esac; done; exit $$failed; }

# Each stamp is written last, so an interrupted set-up is done again from the start.
$(VENV)/.installed: requirements.lock $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		"Python 3.11 or newer is needed, and '$(PYTHON)' is not. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
		"Python's venv is missing. Install it: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock; once, for a minute or two."
	@$(PYTHON) -m venv --clear $(VENV)
	@{ PYTHONUNBUFFERED=1 $(BIN)/python -m pip install --progress-bar off --disable-pip-version-check \
		--compile --require-hashes -r requirements.lock && echo all-installed; } | $(TOLD)
	@pwd -P > $(VENV)/.place
	@touch $@

# --no-build-isolation: the lock file holds the build tool too. The imports fill matplotlib's font cache.
$(VENV)/.ready: $(VENV)/.installed pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src/helpers
	@$(BIN)/python -c 'import matplotlib.font_manager, statsmodels.api'
	@touch $@
