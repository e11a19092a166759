# Everything here works on a machine with Python 3.11 and pip: the first target that needs them makes .venv and installs
# what it needs there, and no more (`make demo` installs no test tools). Continuous integration runs these same targets.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := .demo
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check leaderboard golden format clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \2/p' $(MAKEFILE_LIST) | awk '{ printf "  %s %-12s", $$1, $$2; $$1 = $$2 = ""; print }'

demo: $(VENV)/installed  ## run all baselines, replay recorded judges, rebuild the leaderboard (offline, under a minute)
	@rm -rf $(DEMO)
	@echo "== 1. Six judges that do not think, on the built-in benchmark: right and wrong answers crossed with their length"
	@$(BIN)/judgebench run --benchmarks verifiable --output-dir $(DEMO) --no-cards --min-coverage 1 \
	  --judge baseline:first --judge baseline:second --judge baseline:random \
	  --judge baseline:longest --judge baseline:shortest --judge baseline:tie

test: $(VENV)/test  ## run the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/check  ## lint, types, layers, and that every derived file is what its sources give
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/judgebench score --check
	$(BIN)/judgebench leaderboard --check

leaderboard: $(VENV)/installed  ## rebuild scores and leaderboard.md from results/
	$(BIN)/judgebench score
	$(BIN)/judgebench leaderboard

golden: $(VENV)/test  ## recompute the tests' golden files; look at the difference before you keep it
	$(BIN)/python -m pytest -q tests/adapters --update-golden
	git --no-pager diff --stat -- tests

format: $(VENV)/check  ## put the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## remove what these targets made
	rm -rf $(VENV) $(DEMO) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Each stamp is renewed when pyproject.toml changes. Dependency groups need pip 25.1.
$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "judgebench needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 || echo absent). Try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/installed: pyproject.toml $(VENV)/python
	@echo "installing judgebench and its dependencies into $(VENV) (a minute or two, once)"
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/test $(VENV)/check: $(VENV)/%: pyproject.toml $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group $*
	@touch $@
