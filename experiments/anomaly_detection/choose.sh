#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# How long to train the Deep SVDD, chosen on background alone: for each number of epochs, the spread of
# the score on background (none: collapsed) and the AUC of shuffled background against background.
#   choose.sh FOLDER EPOCHS...    FOLDER holds train.h5, validation.h5, background.h5 (study.sh makes them)
set -eu
[ $# -ge 2 ] || { sed -n '3,5p' "$0"; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
bin=${CROSSJOULE_BIN:-$root/build/crossjoule}
python=${CROSSJOULE_PYTHON:-python3}
ranks=${CROSSJOULE_RANKS:-$(nproc)}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
cd "$1"
shift
[ -e shuffled.h5 ] || "$python" "$here/analysis/shuffled_background.py" validation.h5 shuffled.h5 20000
cat >choose.toml <<'EOF'
[accuracy]
false_positive_rates = [1e-3]
bootstrap = 100
[accuracy.background]
files = ["validation.h5"]
[[accuracy.signals]]
name = "shuffled background"
files = ["shuffled.h5"]
[sweep]
batches = []
EOF
for epochs in "$@"; do
  mpirun -n "$ranks" --bind-to none "$bin" train "$here/train_svdd.toml" --quiet --force \
    --set training.epochs="$epochs" --set checkpoint.every_epochs=0 --output "choose-$epochs.h5" >"choose-$epochs.txt" 2>&1
  printf '%s epochs: ' "$epochs"
  mpirun -n "$ranks" --bind-to none "$bin" infer choose.toml --quiet --force --set network="choose-$epochs.h5" --output choose-infer.h5 |
    grep 'shuffled background'
done
