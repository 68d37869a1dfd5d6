# Everything is set up by what needs it: `make demo` on a fresh machine is enough.

PYTHON ?= python3
export PYTHON

.PHONY: help setup demo test bench bench-record lint ros lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: ## Make .venv with everything that running Cairn needs (`.venv/bin/cairn` afterwards)
	@scripts/setup.sh run

demo: setup ## Watch a simulated Jackal find the place in a photo; ARGS="--world-kind campus"
	@.venv/bin/cairn demo $(ARGS)

test: ## Run the tests; ARGS="tests/launch -k respawn"
	@scripts/setup.sh test
	@scripts/run_tests.sh $(ARGS)

bench: setup ## Print the performance table
	@.venv/bin/cairn bench performance $(ARGS)

bench-record: setup ## Print what recording costs and loses
	@.venv/bin/cairn bench performance --only recorder $(ARGS)

lint: setup ## Check style and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@scripts/check_types.sh

ros: ## Build the workspace with colcon and check what it installs
	@scripts/build_with_colcon.sh

lock: ## Choose new versions of every dependency
	@scripts/lock.sh

clean: ## Remove what the set-up and the builds made
	rm -rf .venv build install log ros_ws/build ros_ws/install ros_ws/log
