#!/usr/bin/env bash
# The tests, two files at a time; those that judge how fast the robot stops run last and alone.
# With arguments: what they say to pytest, one test at a time.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run() { timeout --kill-after=30 2700 .venv/bin/python -m pytest "$@"; }

if (($#)); then
    run "$@"
    exit
fi
status=0
run --numprocesses 2 --dist loadfile --ignore tests/reliability || status=$?
run tests/reliability || status=$?
exit "$status"
