#!/usr/bin/env bash
# Make .venv hold everything that running Cairn needs, and for `test` also what training needs.
# CAIRN_TENSORRT=yes adds NVIDIA's builder of engines (228 MB), whose tests are skipped without it.
# Each step leaves a stamp with the hash of its inputs, so that a second run does nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=${1:-run}
python=${PYTHON:-python3}
venv=.venv
stamps=$venv/stamps

# Another environment's ROS 2 libraries must not leak into this one.
unset LD_LIBRARY_PATH PYTHONPATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
export PIP_DISABLE_PIP_VERSION_CHECK=1

case $profile in
    run | test) ;;
    *) echo "setup.sh: expected \`run\` or \`test\`, got \`$profile\`" >&2; exit 2 ;;
esac

# once NAME INPUT... -- COMMAND...: run the command unless it ran before with the same inputs and command.
once() {
    local name=$1 inputs=() hash
    shift
    while [[ $1 != -- ]]; do inputs+=("$1"); shift; done
    shift
    hash=$({ printf '%s\n' "$PWD" "$*"; find "${inputs[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum; } | sha256sum)
    [[ -f $stamps/$name && $(<"$stamps/$name") == "$hash" ]] && return
    echo "setup: $name"
    "$@"
    mkdir -p "$stamps"
    printf '%s\n' "$hash" >"$stamps/$name"
}

if ! command -v "$python" >/dev/null; then
    echo "Cairn needs Python 3.10 or newer, and there is no \`$python\`:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y python3 python3-venv python3-dev" >&2
    exit 1
fi
# The libraries are looked for again only where the last look found something missing.
once system scripts/system_packages.py -- "$python" scripts/system_packages.py

once venv scripts/setup.sh -- "$python" -m venv $venv
once packages requirements.lock -- $venv/bin/python -m pip install --quiet -r requirements.lock
if [[ $profile == test ]]; then
    # Alone and pinned, so that nothing else draws in another build; where a CPU build is on offer, pip
    # takes it.  TORCH_PIP_ARGS may name an index that offers one.
    once torch requirements-torch.txt requirements.lock -- \
        $venv/bin/python -m pip install --quiet -r requirements-torch.txt -c requirements.lock ${TORCH_PIP_ARGS:-}
    # Interfaces of vendors that a test's emulator speaks; a robot has them from its maker.
    once test-interfaces tests/interfaces ros_ws/cmake requirements.lock -- \
        $venv/bin/python -m pip install --quiet --no-deps --force-reinstall ./tests/interfaces/interbotix_xs_msgs
fi
if [[ ${CAIRN_TENSORRT:-} == yes ]]; then
    once tensorrt requirements-tensorrt.txt -- $venv/bin/python -m pip install --quiet -r requirements-tensorrt.txt
fi
once interfaces ros_ws/src ros_ws/cmake requirements.lock -- \
    $venv/bin/python -m pip install --quiet --no-deps --force-reinstall ./ros_ws/src/tf2_msgs ./ros_ws/src/cairn_interfaces
# Editable, so only what setup.py reads matters, and which nodes there are: each is an executable.
once cairn setup.py setup.cfg pyproject.toml package.xml nodes/*_node.py -- \
    $venv/bin/python -m pip install --quiet --no-deps --editable .
