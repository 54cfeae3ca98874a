# `make demo` and `make test` set up everything they need, in .venv; see README.md.
.PHONY: help cases chaos refresh-campaign demo test test-browser test-lowest fuzz coverage matrix lint docs record bench bench-quick clean
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
LOWEST := .venv-lowest
BIN := $(VENV)/bin
# Tests that depend most on the versions of pytest, httpx, vcrpy and pytest-recording, in less than a
# minute. For all tests: make test-lowest LOWEST_TESTS=
LOWEST_TESTS ?= examples tests/adapters/test_httpx.py tests/cassette/test_file.py \
	tests/cassette/test_plain_vcrpy.py tests/cassette/test_text.py tests/determinism \
	tests/plugin/test_fixtures_wider.py::test_a_failing_fixture_keeps_its_old_cassette \
	tests/plugin/test_legacy.py \
	tests/plugin/test_modes.py::test_a_new_request_in_each_mode \
	tests/plugin/test_modes.py::test_a_request_that_is_no_longer_sent_in_each_mode \
	tests/plugin/test_modes.py::test_tests_that_share_a_cassette_record_and_replay \
	tests/plugin/test_versus_plain_replay.py::test_a_login_in_a_session_fixture_replays \
	tests/tape
UV := $(shell command -v uv 2>/dev/null)

# $(call install,VENV,CONSTRAINTS,EXTRA): a virtual environment with the project and one of its extras.
ifdef UV
install = uv venv --quiet --allow-existing --python $(PYTHON) $(1) && \
	uv pip install --quiet --python $(1)/bin/python -c $(2) -e '.[$(3)]'
else
install = $(PYTHON) -m venv $(1) && \
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -c $(2) -e '.[$(3)]'
endif

help:
	@echo 'make demo         record a suite against a real server, replay it offline, see what happened'
	@echo 'make test         run all tests, offline, from the committed cassettes'
	@echo 'make test-browser  the HTML pages in Chromium, which has to be installed'
	@echo 'make test-lowest  some of them with the lowest supported versions; LOWEST_TESTS= for all'
	@echo 'make fuzz         broken and hostile files and bodies, at random; MINUTES=5 SEED=…'
	@echo 'make cases        secrets and properties with other random values; MINUTES=5 SEED=…'
	@echo 'make coverage     all tests, with branch coverage; an error below the limit'
	@echo 'make matrix       record the suite once, replay it under every condition that it may meet'
	@echo 'make chaos        interrupt 300 recordings, fill the disk; nothing may be lost or half written'
	@echo 'make refresh-campaign  record a suite again from an API on which everything moves; TIMES=5'
	@echo 'make lint         ruff and mypy; and no secret is in the committed cassettes'
	@echo 'make docs         build the documentation into site/; a broken link is an error'
	@echo 'make record       record the committed cassettes again (against API_BASE_URL, where set)'
	@echo 'make bench        compare the speed with other tools; make bench-quick takes two minutes;'
	@echo '                  BEFORE=DIR compares with another checkout of the project instead'

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo 'setting up $(VENV) …'
	@$(call install,$(VENV),constraints.txt,dev)
	@touch $@

$(LOWEST)/.ready: pyproject.toml constraints-lowest.txt
	@echo 'setting up $(LOWEST) …'
	@$(call install,$(LOWEST),constraints-lowest.txt,test)
	@touch $@

$(VENV)/.ready-for-docs: pyproject.toml constraints.txt
	@echo 'setting up $(VENV) for the documentation …'
	@$(call install,$(VENV),constraints.txt,docs)
	@touch $@

$(VENV)/.ready-for-browser: pyproject.toml constraints.txt
	@echo 'setting up $(VENV) for the tests in a browser …'
	@$(call install,$(VENV),constraints.txt,browser)
	@touch $@

demo: $(VENV)/.ready
	@$(BIN)/python -m examples.staging_api.demo

test: $(VENV)/.ready
	$(BIN)/python -m pytest -n 2 --dist worksteal

# On Debian and Ubuntu root gets Chromium here; elsewhere the tests say how to install it.
CHROMIUM ?= $(shell command -v chromium || command -v google-chrome)

test-browser: $(VENV)/.ready $(VENV)/.ready-for-browser
ifeq ($(CHROMIUM),)
	@[ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
		{ apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
endif
	$(BIN)/python -m pytest tests/browser

test-lowest: $(LOWEST)/.ready
	$(LOWEST)/bin/python -m pytest -n 2 --dist worksteal $(LOWEST_TESTS)

MINUTES ?= 5

fuzz: $(VENV)/.ready
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

cases: $(VENV)/.ready
	$(BIN)/python -m tests.fuzz --cases --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

# The limit is fail_under in pyproject.toml.
coverage: $(VENV)/.ready
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

matrix: $(VENV)/.ready
	$(BIN)/python -m examples.staging_api.matrix

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/reprise audit cassettes

docs: $(VENV)/.ready-for-docs
	$(BIN)/zensical build --clean --strict --config-file mkdocs.yml
	@mkdir site/schemas && cp src/pytest_reprise/schemas/*.json site/schemas/

record: $(VENV)/.ready
	$(BIN)/python -m examples.staging_api.record

bench: $(VENV)/.ready
	@$(BIN)/python -m bench $(if $(BEFORE),--before $(BEFORE))

bench-quick: $(VENV)/.ready
	@$(BIN)/python -m bench --quick $(if $(BEFORE),--before $(BEFORE))

chaos: $(VENV)/.ready
	$(BIN)/python -m tests.chaos

TIMES ?= 5

refresh-campaign: $(VENV)/.ready
	$(BIN)/python -m tests.refresh --times $(TIMES)

clean:
	rm -rf $(VENV) $(LOWEST) site .cache .coverage .demo .mypy_cache .pytest_cache .ruff_cache .hypothesis
