# Tocsin. `make` alone lists what there is.
#
# Paths here are relative on purpose: the folder may have spaces in its name. Commands run as
# `.venv/bin/python -m ...`, never by an activated environment.

PYTHON ?= python3
SHELL := /bin/sh
UV := uv==0.13.8
ARGS ?=
# One more than there are cores: some tests wait for processes and servers.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 1) + 1)

# Compiled modules are kept wherever Python is told not to: the tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: FORCE help setup demo replay-demo test trust chaos check format bench shots schema words lock clean

help: ## list the targets
	@echo 'Tocsin: make TARGET [PYTHON=python3.12] [ARGS="more arguments"]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

# ---------------------------------------------------------------------------------- environments

# One clear sentence before anything else happens, when this Python cannot do.
define require_python
@version=$$("$(PYTHON)" -c 'import sys; sys.stdout.write("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || version=; \
again='make PYTHON=python3.11 $(or $(MAKECMDGOALS),setup)'; \
case "$$version" in \
  3.1[1-9].*|3.[2-9][0-9].*|[4-9].*) ;; \
  '') echo "Tocsin needs Python 3.11 or newer; \`$(PYTHON)\` was not found or does not start. Install it or run $$again" >&2; exit 1 ;; \
  *) echo "Tocsin needs Python 3.11 or newer; \`$(PYTHON)\` is $$version. Install it or run $$again" >&2; exit 1 ;; \
esac; \
"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
  echo "Tocsin needs Python's venv module, which \`$(PYTHON)\` ($$version) lacks. Install it (Debian and Ubuntu: apt install python3-venv) and run make $(or $(MAKECMDGOALS),setup) again" >&2; exit 1; }
endef

# An environment remembers in `.place` where it was made: one that was moved or copied still runs the
# code of its old place, so it is made anew. So is one of another Python, if PYTHON was given.
# $(call stale,folder) is FORCE then, and nothing otherwise.
version_of = "$(1)" -c "import sys; print(sys.version)" 2>/dev/null
stale = $(shell test ! -e $(1) && exit; \
  { test "$$(cat $(1)/.place 2>/dev/null)" = "$$(pwd -P)" && \
    { test '$(origin PYTHON)' = file || \
      test "$$($(call version_of,$(1)/bin/python))" = "$$($(call version_of,$(PYTHON)))"; }; } \
  || echo FORCE)

define new_environment
@echo "Making $(@D)"
@"$(PYTHON)" -m venv --clear $(@D)
@pwd -P > $@
endef

# Every package is listed with its hash, and pip refuses one that is not or that differs.
pip_install = $(@D)/bin/python -m pip --disable-pip-version-check --no-input install --quiet
install_locked = $(pip_install) --require-hashes -r
# Everything the build needs is installed by then, so this step asks nobody for anything.
install_tocsin = $(pip_install) --no-index --no-deps --no-build-isolation --editable .

FORCE:

.venv/.place: $(call stale,.venv)
	$(require_python)
	$(new_environment)

.venv/.locked: .venv/.place requirements/dev.txt
	@echo "Installing what requirements/dev.txt lists"
	@$(install_locked) requirements/dev.txt
	@touch $@

.venv/.tocsin: .venv/.locked pyproject.toml src/tocsin/__init__.py
	@$(install_tocsin)
	@touch $@

.venv-bench/.place: $(call stale,.venv-bench)
	$(require_python)
	$(new_environment)

.venv-bench/.locked: .venv-bench/.place requirements/bench.txt
	@echo "Installing what requirements/bench.txt lists"
	@$(install_locked) requirements/bench.txt
	@touch $@

.venv-bench/.tocsin: .venv-bench/.locked pyproject.toml src/tocsin/__init__.py
	@$(install_tocsin)
	@touch $@

setup: .venv/.tocsin ## make .venv and install Tocsin in it (the others do this by themselves)
	@echo "Ready: $$(.venv/bin/python -V) in .venv"

# ---------------------------------------------------------------------------------- everyday

demo: .venv/.tocsin ## start a living desk to look at (ARGS=--fresh makes it anew)
	@.venv/bin/python -m tocsin demo $(ARGS)

replay-demo: .venv/.tocsin ## replay a small desk's log through its SLA clocks
	@.venv/bin/python -m tocsin replay examples/desk/log.csv --policy examples/desk/policy.yaml $(ARGS)

test: .venv/.tocsin ## run all tests, and the examples in docs/ and src/
	@.venv/bin/python -m pytest -n $(WORKERS) $(ARGS)

# A thousand random cases for each law of the engine, where `make test` takes a few; then what takes
# many seconds, such as a real desk's year.
trust: .venv/.tocsin ## the laws of the engine at length, and the long tests
	@TOCSIN_EXAMPLES=1000 .venv/bin/python -m pytest -n $(WORKERS) tests/engine $(ARGS)
	@.venv/bin/python -m pytest -n $(WORKERS) -m long $(ARGS)

chaos: .venv/.tocsin ## hurt a desk on purpose and count what held (ARGS="--scene storm --seed 7")
	@.venv/bin/python -m chaos $(ARGS)

check: .venv/.tocsin ## style, types, layers and dependencies
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy src tests
	.venv/bin/lint-imports --no-logo
	.venv/bin/python -m deptry src

format: .venv/.tocsin ## put code into the one style, as far as a tool can
	.venv/bin/python -m ruff check --fix .
	.venv/bin/python -m ruff format .

bench: .venv-bench/.tocsin ## measure against other libraries (own environment)
	@.venv-bench/bin/python -m bench $(ARGS)

shots: .venv/.tocsin ## take the pictures of the README anew (needs a Chromium)
	@.venv/bin/python -m shots $(ARGS)

# ---------------------------------------------------------------------------------- upkeep

uv_compile = cd requirements && ../.venv-lock/bin/uv pip compile --quiet --universal \
  --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock" $(ARGS)

schema: .venv/.tocsin ## write the migration and schema.sql anew, after a change of the tables
	TOCSIN_RENEW_SCHEMA=1 .venv/bin/python -m pytest -q tests/records/test_migration.py
	TOCSIN_RENEW_SCHEMA=1 .venv/bin/python -m pytest -q tests/records/test_snapshot.py

words: .venv/.tocsin ## gather the texts of the pages for their translators (src/tocsin/web/words/*.po)
	@.venv/bin/python -m babel.messages.frontend -q extract -F src/tocsin/web/words/mapping.cfg \
	  -k gettext_noop -k _ --add-location=file --sort-by-file --project=Tocsin --version=0 \
	  --copyright-holder="The Tocsin maintainers" --msgid-bugs-address="" \
	  -o .venv/words.pot src/tocsin
	@for language in sv pt_BR; do \
	  .venv/bin/python -m babel.messages.frontend -q update -i .venv/words.pot -l $$language \
	    -o src/tocsin/web/words/$$(echo $$language | tr _ -).po --no-fuzzy-matching \
	    --ignore-obsolete || exit 1; \
	done

lock: ## compile requirements/*.txt anew (newer versions: ARGS=--upgrade); needs the network
	$(require_python)
	@"$(PYTHON)" -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip --disable-pip-version-check --no-input install --quiet "$(UV)"
	$(uv_compile) run.in -o run.txt
	$(uv_compile) dev.in -o dev.txt
	$(uv_compile) bench.in -o bench.txt
	@rm -rf .venv-lock

clean: ## remove the environments and what tools left behind
	rm -rf .venv .venv-bench .venv-lock .hypothesis .import_linter_cache .mypy_cache \
	  .pytest_cache .ruff_cache build dist
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
