# Everything runs in .venv, which is made from the hash-locked requirements on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
	--python-version 3.11 --all-extras pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help reproduce check test docs lint lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

reproduce: $(READY) ## Validate the data, run every notebook, redraw every figure
	$(BIN)/policylab reproduce

check: $(READY) ## Like reproduce, but write nothing and fail if anything would change
	$(BIN)/policylab reproduce --check

test: $(READY) ## Run the whole test suite: functions, data, notebooks, figures
	$(BIN)/python -m pytest --nbval --nbval-current-env -n auto --dist loadscope

docs: $(READY) ## Build the site in docs/_build, from the committed notebooks
	$(BIN)/python -m sphinx -q -W --keep-going -j auto -b html -c docs . docs/_build/html
	@echo "docs/_build/html/docs/index.html"

lint: $(READY) ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock: ## Renew requirements.lock (needs uv)
	$(LOCK) --upgrade -o requirements.lock

clean: ## Remove the environment
	rm -rf $(VENV)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"policylab needs Python 3.11 to 3.13, but {sys.executable} is {v[0]}.{v[1]}: name another with PYTHON=python3.12")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
