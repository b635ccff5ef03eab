# Every target makes its own environment: `make demo` and `make test` work on a fresh clone with Python 3.11+.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
WORKERS ?= 2

.PHONY: help demo test lint types imports test-slow soak-memory eval-smoke bench wheel-demo protos clean
.DEFAULT_GOAL := help

help:  ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[planner,sim,dev]'
	@touch $@

demo: $(STAMP)  ## three robots carry out a household task; leaves ./runs/<time>-<task>/report.html
	$(BIN)/fleetmind demo

lint: $(STAMP)  ## ruff
	$(BIN)/ruff check .

types: $(STAMP)  ## mypy --strict
	$(BIN)/mypy -p fleetmind

imports: $(STAMP)  ## rooms import downwards only
	$(BIN)/lint-imports --no-cache

test: lint types imports  ## lint, types, import directions and the default suite
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup

test-slow: $(STAMP)  ## what takes longer: every kill, every scene, the whole suite
	$(BIN)/python -m pytest -q -m slow -n $(WORKERS) --dist loadgroup --timeout 900

eval-smoke: $(STAMP)  ## the household suite: 66 instructions, with intervals
	$(BIN)/fleetmind eval household --out runs/eval-smoke

soak-memory: $(STAMP)  ## random histories for long: FLEETMIND_SOAK_OPERATIONS=1000000 make soak-memory
	$(BIN)/python -m pytest -q -s -m slow tests/memory/test_history.py --timeout 36000

bench: $(patsubst benchmarks/bench_%.py,bench-%,$(wildcard benchmarks/bench_*.py))  ## every benchmark

bench-%: $(STAMP)
	$(BIN)/python benchmarks/bench_$*.py

wheel-demo: $(STAMP)  ## build the wheel and run the demo from it in an empty environment outside the checkout
	./.ci/wheel-demo

protos: $(STAMP)  ## regenerate the committed protobuf code
	$(BIN)/python tools/protoc.py

clean:  ## remove what the targets made
	rm -rf $(VENV) build dist runs .fleetmind src/*.egg-info
