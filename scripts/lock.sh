#!/usr/bin/env bash
# Write requirements.lock for every supported Python.  torch stands apart (requirements-torch.txt): its
# builds differ in what they need, so only what they share is locked here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

.venv/bin/python -m venv build/lock
build/lock/bin/pip install --quiet uv
# colcon and the interfaces build with a setuptools older than 80.
printf '%s\n' onnxscript tensorboard filelock fsspec sympy 'setuptools<80' >build/lock/more.in
extras=()
for extra in cpu sim realsense gamepad arm ros test lint; do extras+=(--extra "$extra"); done
build/lock/bin/uv pip compile pyproject.toml build/lock/more.in "${extras[@]}" --upgrade \
    --universal --python-version 3.10 --no-annotate --no-header --output-file requirements.lock
