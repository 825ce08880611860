#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The anomaly-detection study from generated events to one table and one page.
#   study.sh demo|full [FOLDER]     results go to FOLDER (default results/SIZE), which is made anew
# CROSSJOULE_BIN names the binary, CROSSJOULE_RANKS the number of ranks (default: the cores).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
size=${1:-full}
folder=${2:-$root/results/$size}
bin=${CROSSJOULE_BIN:-$root/build/crossjoule}
ranks=${CROSSJOULE_RANKS:-$(nproc)}

case $size in
  full) events='' training='' accuracy='' sweep='' ;;
  demo)
    events='--set files[0].events=100_000 --set files[1].events=20_000 --set files[2].events=200_000'
    for signal in 3 4 5 6; do events="$events --set files[$signal].events=10_000"; done
    training='--set training.epochs=5 --set training.batch=1000'  # as many steps from fewer events
    accuracy='--set accuracy.false_positive_rates=[1e-3,1e-4]'
    sweep='--set sweep.seconds_per_point=0.5'
    ;;
  *) echo "study.sh: unknown size '$size' (must be demo or full)" >&2; exit 2 ;;
esac

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
many="$bin"
if command -v mpirun >/dev/null; then many="mpirun -n $ranks --bind-to none $bin"; fi

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
set -f  # brackets in --set are no file patterns
step() { printf '\n=== %s\n' "$*"; }

# shellcheck disable=SC2086  # lists of words
{
  step "generate collision events"
  $many generate events "$here/events.toml" $events
  for network in svdd autoencoder; do
    step "train the $network"
    $many train "$here/train_$network.toml" $training
    step "run the $network: accuracy and batch sweep, metered"
    $many infer "$here/infer_$network.toml" $accuracy $sweep
    step "lay the $network on analog chips (modelled)"
    "$bin" estimate "$here/estimate_$network.toml"
  done
}
for network in svdd autoencoder; do
  step "compare: $network on this machine and on analog chips"
  "$bin" compare "$network-cpu.h5" "$network-chips.h5" --set published="$here/published.toml" --csv "$network.csv"
done

if [ -n "${CROSSJOULE_PYTHON:-}" ]; then
  step "report"
  PYTHONPATH="$root/python" "$CROSSJOULE_PYTHON" -m crossjoule.report \
    svdd.h5 svdd-cpu.h5 svdd-chips.h5 autoencoder.h5 autoencoder-cpu.h5 autoencoder-chips.h5 \
    --published "$here/published.toml" -o report.html
  echo "open $(pwd)/report.html"
else
  echo "no HTML report: set CROSSJOULE_PYTHON to a Python with h5py, numpy, matplotlib, xarray, pandas"
fi
