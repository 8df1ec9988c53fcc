# Two commands matter: `make run` and `make test`. Both set up what they need, and are quick the second time.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .cache/stamps

.PHONY: setup run demo test journeys check fix bench lock messages rows clean

setup: $(STAMP)/python $(STAMP)/package
	@$(BIN)/python -W ignore tools/front_end.py
	@$(BIN)/python tools/messages.py compile

$(STAMP)/python: requirements/dev.txt
	@echo "setup: Python environment (first time: about a minute)"
	@mkdir -p $(STAMP)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMP)/package: pyproject.toml CHANGELOG.md $(STAMP)/python
	@echo "setup: the package itself"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Ctrl-C stops the site. The demo asks no administrator for a second factor; a real site does.
run: setup
	@KOUMEN_MFA_REQUIRED=$${KOUMEN_MFA_REQUIRED:-0} $(BIN)/koumen migrate
	@KOUMEN_MFA_REQUIRED=$${KOUMEN_MFA_REQUIRED:-0} $(BIN)/koumen demo
	@KOUMEN_MFA_REQUIRED=$${KOUMEN_MFA_REQUIRED:-0} $(BIN)/koumen up

test: setup
	@$(BIN)/python tools/browser.py
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/python -W ignore -m tools.migrations
	$(BIN)/python -m pytest -q tests/walls/test_budgets.py tests/walls/test_translations.py tests/walls/test_docs.py
	$(BIN)/python tools/audit.py

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# make bench BENCH=import_roster
bench: setup
	@test -n "$(BENCH)" || (echo "which one? make bench BENCH=name, with a name of benchmarks/"; exit 2)
	@$(BIN)/python -W ignore benchmarks/$(BENCH).py

# every row R1–R46 with the passing tests and journeys that carry its mark
rows: setup
	@$(BIN)/python tools/browser.py
	@$(BIN)/python tools/rows.py

messages: setup
	@$(BIN)/python tools/messages.py update

# needs uv on the path; writes no index address
lock:
	uv pip compile -q pyproject.toml --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o requirements/run.txt
	uv pip compile -q pyproject.toml --group dev --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o requirements/dev.txt

clean:
	rm -rf .venv .cache web/dist web/node_modules
