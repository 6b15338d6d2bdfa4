# The two commands: make demo, make test. Everything they need but Python 3.11 and make they install here.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .bootstrap/bin/uv
RUN := $(UV) run --frozen --no-sync
READY := .venv/.ready
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_PREFERENCE := only-system
# A virtual environment that happens to be active must not be taken for the project's own.
unexport VIRTUAL_ENV
# Hundreds of processes start here: compiled modules that are kept save each of them seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint types unit integration reference browser pages
.PHONY: fuzz kills sequences attack coverage-report bench bench-methods bench-portal bench-disclosure

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# A Python without the venv module's pip still installs uv into the folder.
$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@{ $(PYTHON) -m venv .bootstrap && .bootstrap/bin/python -m pip install --quiet uv==0.13.9; } || \
	  { rm -rf .bootstrap && $(PYTHON) -m pip install --quiet --target .bootstrap uv==0.13.9; }

$(READY): $(UV) pyproject.toml uv.lock
	@$(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $@

demo: $(READY) ## synthetic deliveries all the way to a signed candidate and pages, in var/demo
	@$(RUN) observatory demo --out var/demo

bench: $(READY) ## seconds and memory by stage and size, in var/bench.json; PEOPLE="20000 10000000" to choose sizes
	@$(RUN) python -m pipelines.bench $(PEOPLE)

bench-methods: $(READY) ## incidence in SQL beside a peer and beside a plain count, in var/bench-methods.json
	@$(RUN) python -m tests.bench_methods

bench-portal: $(READY) ## two hundred people in the portal at once, in var/bench-portal.json
	@rm -rf var/bench-portal
	@$(RUN) python -m tests.candidate_kit var/bench-portal/candidates
	@$(RUN) python -m dashboards.portal.bench var/bench-portal ZZ 2024Q4

coverage-report: $(READY) ## two thousand seeds against the generator's truth, in var/coverage.json (an hour); SEEDS=200 for fewer
	@$(RUN) python -m pipelines.coverage $(if $(SEEDS),--seeds $(SEEDS))

bench-disclosure: $(READY) ## suppression and audit by kind of table, in var/bench-disclosure.json; CASES="30x30 country" to choose
	@$(RUN) python -m tests.bench_disclosure $(CASES)

test: lint types unit integration reference browser ## everything that must hold

lint: $(READY) ## style of Python and SQL
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

types: $(READY) ## mypy on the packages
	$(RUN) mypy

unit: $(READY) ## rules of each part alone
	$(RUN) pytest tests/unit -n 2 --dist loadfile

integration: $(READY) ## real DuckDB, dbt and Dagster, and a small demo
	$(RUN) pytest tests/integration -n 2 --dist loadfile

reference: $(READY) ## published figures
	$(RUN) pytest tests/reference

browser: $(READY) ## the pages in a real Chromium (skipped with a reason where there is none)
	$(RUN) pytest tests/browser

fuzz: $(READY) ## twenty thousand spoilt deliveries through the gate (half an hour)
	OBSERVATORY_FUZZED=20000 $(RUN) pytest tests/integration/test_fuzzed_deliveries.py -s

sequences: $(READY) ## a thousand reviews at random on each database (a quarter of an hour)
	.ci/postgres $(RUN) pytest tests/integration/test_review_machine.py -m slow -s

kills: $(READY) ## a hundred SIGKILLs at random moments (over an hour)
	$(RUN) pytest tests/integration/test_random_kills.py tests/integration/test_demo.py -m slow -s

attack: $(READY) ## seven hundred random linked sets of tables in one to four releases, attacked (three quarters of an hour)
	$(RUN) pytest tests/unit/disclosure_engine/test_attack.py tests/unit/disclosure_engine/test_attack_releases.py -m "slow or not slow" -n 2 -s
