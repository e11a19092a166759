# Everything here works on a machine with Python 3.11 and pip: the first target that needs them makes .venv and installs
# what it needs there and no more (`make demo` installs no test tools). Continuous integration runs these same targets.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
WORKERS ?= 2
TORCH ?= torch==2.13.0 --extra-index-url https://download.pytorch.org/whl/cpu --retries 1
DEMO := .demo
GOLDEN := tests/adapters tests/pairs/test_example.py tests/prompts tests/report tests/test_readme.py tests/test_docs.py
PANDALM := $(DEMO)/pandalm/replay-results-pandalm-gpt-3.5-turbo

.DEFAULT_GOAL := help
.PHONY: help demo test test-local torch-is-small check style types derived docs links screenshot leaderboard charts golden format clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r target what; do \
	  printf '  make %-12s %s\n' "$$target" "$$what"; done

demo: $(VENV)/installed  ## run baselines, replay recorded judges, rebuild the leaderboard; offline, under a minute
	@rm -rf $(DEMO)
	@echo "== Six judges that do not think, on the built-in benchmark: right is as often long as short, first as second"
	@$(BIN)/judgebench run --benchmarks verifiable --output-dir $(DEMO) \
	  --judge baseline:first --judge baseline:second --judge baseline:random \
	  --judge baseline:longest --judge baseline:shortest --judge baseline:tie
	@echo
	@echo "== Recorded judges, from the verdicts and labels in results/: no model, no texts, no network"
	@for benchmark in scalerlab-judgebench pandalm; do \
	  mkdir -p $(DEMO)/$$benchmark && cp results/$$benchmark/items.jsonl $(DEMO)/$$benchmark/; done
	@$(BIN)/judgebench run --benchmarks scalerlab-judgebench --output-dir $(DEMO) --min-coverage 0 \
	  --judge replay:results/scalerlab-judgebench/o1-mini-2024-09-12+arena-hard \
	  --judge replay:results/scalerlab-judgebench/Skywork-Reward-Gemma-2-27B
	@$(BIN)/judgebench run --benchmarks pandalm --output-dir $(DEMO) --min-coverage 0 --swap single \
	  --judge replay:results/pandalm/gpt-3.5-turbo --judge baseline:first
	@echo
	@echo "== The leaderboards: of this demo, and of everything in results/"
	@$(BIN)/judgebench leaderboard --output-dir $(DEMO) --output $(DEMO)/leaderboard.md
	@$(BIN)/judgebench leaderboard
	@echo
	@echo "== A report card: how far can you trust gpt-3.5-turbo as a judge? (judgebench score $(PANDALM))"
	@$(BIN)/judgebench score $(PANDALM)

test: $(VENV)/test  ## run the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

test-local: $(VENV)/local  ## run everything, with the judges that need torch (LOCAL="tests/local -m local": only those)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(LOCAL)

check: style types derived  ## lint, types, layers; and that every derived file is what its sources give (--jobs 2)

style: $(VENV)/check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(VENV)/check
	$(BIN)/mypy

derived: $(VENV)/check
	$(BIN)/judgebench leaderboard --check

docs: $(VENV)/docs  ## build the documentation, its reference from the code; a link that leads nowhere fails
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs .docs/html
	@echo "open .docs/html/index.html"

links: $(VENV)/docs  ## ask every address outside that the documentation names; needs a network
	$(BIN)/sphinx-build --quiet --builder linkcheck docs .docs/links

screenshot: $(VENV)/test  ## take the README's picture of the report page again (needs Chromium)
	$(BIN)/python docs/images/screenshot.py

leaderboard: $(VENV)/installed  ## recompute every scores.json and leaderboard.md from results/
	$(BIN)/judgebench leaderboard --scores

charts:  ## build the report page's chart library again (needs node; the bytes that package-lock.json gives)
	node judgebench/report/page/charts/build.mjs

golden: $(VENV)/test  ## write the tests' golden files anew; look at the difference before you keep it
	$(BIN)/python -m pytest -q tests/adapters tests/report/test_paper.py tests/test_readme.py tests/test_docs.py --update-golden
	git --no-pager diff --stat -- tests README.md docs

format: $(VENV)/check  ## put the code into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## remove what these targets made
	rm -rf $(VENV) $(DEMO) .docs dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Stamps, renewed when pyproject.toml changes. Dependency groups need pip 25.1.
$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "judgebench needs Python 3.11 or newer, and $(PYTHON) is not; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/installed: pyproject.toml $(VENV)/made
	@echo "installing judgebench and what it needs into $(VENV): a minute or two, once"
	$(PIP) --editable .
	@touch $@

$(VENV)/test $(VENV)/check $(VENV)/docs: $(VENV)/%: pyproject.toml $(VENV)/installed
	$(PIP) --group $*
	@touch $@

# Torch first and by itself, from where there are builds without CUDA: PyPI's brings gigabytes of it along.
$(VENV)/local: pyproject.toml $(VENV)/test
	$(PIP) --no-deps $(TORCH)
	$(PIP) --editable '.[local]' --group local
	@touch $@

# For CI: whether pip finds one of those.
torch-is-small: $(VENV)/made
	@$(PIP:-qq=) --dry-run --ignore-installed --no-deps $(TORCH) 2>/dev/null | grep -q '^Would install.*+cpu'
