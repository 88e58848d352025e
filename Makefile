# `make` lists the targets.  Python >= 3.11 and make are all that must be there;
# `make demo PYTHON=python3.12` picks another interpreter.

PYTHON ?= python3
STUDY  := analyses/distance_coaching/study.toml

# Names below are relative, so that the checkout may lie in a folder with spaces.
PY      := .venv/bin/python
RUNTIME := .venv/runtime.stamp
DEV     := .venv/dev.stamp
LOWEST  := .venv-lowest/lowest.stamp
PIP     := -m pip --quiet --no-input --disable-pip-version-check install
PYTEST  := -m pytest -n auto --maxprocesses 4

# Packages of the caller's own must not leak into the environments.
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help demo test check test-slow test-lowest bench oracles analyses sample clean
.NOTPARALLEL:

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z-]+:.* ## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## analyze the sample study and say where the report is
	@$(PY) -m dyadkit.cli analyze $(STUDY) --out build/demo-report --overwrite
	@echo "The report is here; open it in a browser:"
	@echo "$(CURDIR)/build/demo-report/report.html"

test: $(DEV) ## run the test suite
	@$(PY) $(PYTEST)

check: $(DEV) ## check format, style and types
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy

test-slow: $(DEV) ## run the simulation studies and the full fuzzing
	@$(PY) $(PYTEST) -m slow

test-lowest: $(LOWEST) ## run the suite with the oldest dependencies allowed
	@.venv-lowest/bin/python $(PYTEST)

bench: $(DEV) ## time start-up, loading, the sample analysis and models beside their peers
	@for script in tests/benchmarks/*.py; do $(PY) "$$script" || exit 1; done

oracles: ## recompute the reference values (needs R)
	@command -v Rscript >/dev/null || { \
	  echo "make oracles needs R: there is no Rscript on the path." >&2; \
	  echo "On Debian or Ubuntu: apt install r-base-core; each script in tests/oracles names its packages." >&2; \
	  exit 1; }
	@for script in tests/oracles/*.R; do echo "$$script"; Rscript "$$script" || exit 1; done

analyses: $(RUNTIME) ## analyze every study in analyses/ into build/analyses/
	@failed=; for study in analyses/*/study.toml; do \
	  name=$$(basename "$$(dirname "$$study")"); \
	  echo "$$study -> build/analyses/$$name"; \
	  $(PY) -m dyadkit.cli analyze "$$study" --out "build/analyses/$$name" --overwrite \
	    || failed="$$failed $$name"; \
	done; \
	if [ -n "$$failed" ]; then echo "With problems:$$failed" >&2; exit 1; fi

sample: $(RUNTIME) ## simulate the sample data and its study file again
	@$(PY) -m dyadkit.simulation

clean: ## remove everything these targets made
	@rm -rf .venv .venv-lowest build .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Environments.  A stamp says that one is complete: it goes before pip starts and
# comes back when pip is done, so whatever was interrupted is made afresh.  An
# environment whose interpreter was upgraded away loses its stamps here.
$(foreach env,$(wildcard .venv .venv-lowest),\
  $(shell $(env)/bin/python -c 'import pip' 2>/dev/null || rm -f $(env)/*.stamp))

$(RUNTIME): pyproject.toml constraints.txt
	@$(call create,.venv)
	@$(call install,.venv,constraints.txt,.)
	@touch $(RUNTIME)

$(DEV): $(RUNTIME)
	@$(call install,.venv,constraints.txt,.[dev])
	@touch $(RUNTIME) $(DEV)

$(LOWEST): pyproject.toml constraints-lowest.txt
	@$(call create,.venv-lowest)
	@$(call install,.venv-lowest,constraints-lowest.txt,.[test])
	@touch $(LOWEST)

# $(1) environment, whose stamp is the target
define create
if [ ! -f $@ ]; then \
  "$(PYTHON)" -c '' 2>/dev/null || { \
    echo "There is no working '$(PYTHON)' here. Install Python 3.11 or newer," >&2; \
    echo "or name one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }; \
  "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
    echo "'$(PYTHON)' is $$("$(PYTHON)" --version 2>&1), but dyadkit needs Python 3.11 or newer." >&2; \
    echo "Install one, or name one: make PYTHON=python3.12 ..." >&2; exit 1; }; \
  "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
    echo "'$(PYTHON)' cannot make environments: it lacks venv or ensurepip." >&2; \
    echo "On Debian or Ubuntu: apt install python3-venv" >&2; \
    echo "(for a Python beside the system's, its own package, such as python3.12-venv)." >&2; exit 1; }; \
  rm -rf $(1); "$(PYTHON)" -m venv $(1); \
fi
endef

# $(1) environment  $(2) pinned versions  $(3) what; the build backends, ours and that of semopy,
# come first because they are pinned too, and because later installs then need no network.
define install
echo "Installing $(3) into $(1); this can take a minute."; \
rm -f $(1)/*.stamp; \
$(1)/bin/python $(PIP) -c $(2) hatchling setuptools && \
$(1)/bin/python $(PIP) -c $(2) --no-build-isolation --editable '$(3)'
endef
