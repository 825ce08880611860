#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `./run bench`: paired timings against other engines. Arguments go to compare.py (--rounds,
# --only, --compile, --json). The engines live in a virtual environment outside the repository:
# CROSSJOULE_PEERS=DIR names one, CROSSJOULE_PEERS=none compares with nothing.
# `./run bench meter` prints instead what the energy meter costs, and a table of it and its peers on
# counters whose joules are known.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=${CROSSJOULE_BUILD:-$here/../../build}
server=$build/experiments/bench/plan_server
peers=${CROSSJOULE_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossjoule/peers}
python=${CROSSJOULE_PYTHON:-python3}

if [ "${1:-}" = meter ]; then
  shift
  "$build/experiments/bench/meter_benchmark" "$build/crossjoule" || echo "bench: the meter costs too much" >&2
  exec "$python" "$here/meter_truth.py" "$build/crossjoule" --peers "$peers/bin/python3" "$@"
fi

[ -x "$server" ] || { echo "bench: $server is missing; configure with -DCROSSJOULE_BENCH=ON" >&2; exit 3; }
if [ "$peers" != none ]; then
  if [ ! -x "$peers/bin/python3" ]; then
    echo "bench: installing ONNX Runtime, OpenVINO and PyTorch into $peers (a few GB, once)" >&2
    python3 -m venv "$peers" >&2 || echo "bench: no venv module; comparing with what $python has" >&2
  fi
  if [ -x "$peers/bin/python3" ]; then
    for package in numpy onnx onnxruntime openvino torch; do
      "$peers/bin/python3" -c "import $package" 2>/dev/null ||
        "$peers/bin/python3" -m pip install -q "$package" >&2 ||
        echo "bench: $package could not be installed; its rows are skipped" >&2
    done
    python=$peers/bin/python3
  fi
fi
"$python" -c 'import numpy' 2>/dev/null || { echo "bench: $python has no numpy" >&2; exit 3; }
load=$(cut -d' ' -f1 /proc/loadavg)
echo "load average at the start: $load (timings want a quiet machine)"
exec "$python" "$here/compare.py" "$server" "$@"
