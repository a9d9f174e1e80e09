# Two commands matter: `make run` makes the report, `make test` runs everything that decides whether a change is good.
# The environment lives in .venv, is made from constraints.txt and reused; uv does it where present, pip otherwise.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
RUN ?= baseline

ifneq ($(UV),)
  MAKE_VENV := uv venv --quiet --clear --python $(PYTHON) $(VENV)
  INSTALL := uv pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt
else
  MAKE_VENV := $(PYTHON) -m venv --clear $(VENV)
  INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
endif

.DEFAULT_GOAL := help
.PHONY: help run test lint types layers docs constraints constraints-check tests fuzz bench bench-loop slow golden baseline calibration cycles hindcast report-shots clean

help:  ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run  ## Make the environment, then out/baseline/report.html and results.zarr
	@$(BIN)/headrace run $(RUN)

test: lint types layers constraints-check docs tests  ## Install what it needs, then run every check and test

lint: $(VENV)/.dev  ## Style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## mypy --strict
	$(BIN)/mypy

layers: $(VENV)/.dev  ## Imports point one way; dependencies declared are those used
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry src

docs: $(VENV)/.dev  ## Generated documents and the README's example are what the code makes now
	$(BIN)/python scripts/generate_docs.py
	$(BIN)/python scripts/readme_example.py

constraints-check: $(VENV)/.dev  ## constraints.txt pins what pyproject.toml asks for, and names no address
	$(BIN)/python scripts/check_constraints.py

tests: $(VENV)/.dev  ## The test suite alone
	@scripts/ensure_chromium.sh
	$(BIN)/python -m pytest tests benchmarks -n auto

fuzz: $(VENV)/.dev  ## The laws with many more examples, then 100,000 broken documents
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest tests/laws --timeout 3600
	$(BIN)/python -W error benchmarks/fuzz_companyfacts.py --documents 100000

slow: $(VENV)/.dev  ## The tests marked slow
	$(BIN)/python -m pytest -m slow --timeout 3600 || test $$? -eq 5  # 5: no test is marked so

bench: $(VENV)/.dev  ## Timings
	$(BIN)/python -m pytest benchmarks --benchmark-enable -m "slow or not slow"
	$(BIN)/python benchmarks/strategy.py

bench-loop: $(VENV)/.dev  ## The loop beside a Numba kernel, PySD and Mesa, and as work grows (some twenty minutes, a quiet machine)
	$(INSTALL) -r benchmarks/requirements.txt
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/other_tools.py
	$(BIN)/python benchmarks/scaling.py

baseline: $(VENV)/.dev  ## Write the pages on the baseline and on what is asked of it anew
	$(BIN)/python scripts/baseline_page.py
	$(BIN)/python scripts/rivalry_pages.py
	$(BIN)/python scripts/example_pages.py

calibration: $(VENV)/.dev  ## Write docs/calibration.md anew: what filings have taught, and planted truths found again (some ten minutes)
	$(BIN)/python scripts/calibration_page.py

hindcast: $(VENV)/.dev  ## Write docs/hindcast.md, docs/hindcast-loop.md and the table of skill anew: some ten minutes
	$(BIN)/python scripts/hindcast_page.py
	$(BIN)/python scripts/hindcast_loop_page.py

cycles: $(VENV)/.dev  ## Write the results in docs/past-cycles.md anew: the spending core on past cycles (some three minutes)
	$(BIN)/python scripts/past_cycles_results.py

report-shots: $(VENV)/.dev  ## Screenshots of the report: out/shots/*.png
	@scripts/ensure_chromium.sh
	@test -f out/$(RUN)/report.html || $(BIN)/headrace run $(RUN)
	scripts/report_shots.sh out/$(RUN)/report.html out/shots

constraints:  ## Resolve constraints.txt anew (needs uv)
	uv pip compile pyproject.toml --all-extras --python-version 3.11 --upgrade --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --quiet --output-file constraints.txt

golden: $(VENV)/.dev  ## Compare golden figures with what the code makes now
	$(BIN)/python scripts/accept_golden.py

clean:  ## Remove the environment, caches and results
	rm -rf $(VENV) out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@echo "headrace: making the environment in $(VENV) with $(if $(UV),uv,pip)" >&2
	@$(MAKE_VENV)

$(VENV)/.run: $(BIN)/python pyproject.toml constraints.txt
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	@$(INSTALL) -e ".[dev]"
	@touch $@ $(VENV)/.run
