#!/usr/bin/env bash
# mypy sees the packages by their import names through a tree of links, as setup.py maps the folders.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tree=build/types
rm -rf $tree
mkdir -p $tree/cairn
packages=()
for folder in hardware policies navigation episodes calibration evaluation monitor nodes launch cli; do
    ln -s "$PWD/$folder" $tree/cairn/$folder
    packages+=(-p "cairn.$folder")
done
MYPYPATH=$tree .venv/bin/mypy --namespace-packages --explicit-package-bases "${packages[@]}"
