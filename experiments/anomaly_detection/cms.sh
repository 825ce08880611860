#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# ZZ in CMS open-data simulation: ten seeds of both networks, scored once, beside simple baselines.
#   cms.sh DATA [FOLDER]   DATA holds cms-{single-top,ww,wz,zz}.h5; results go to FOLDER
# CROSSJOULE_BIN names the binary, CROSSJOULE_PYTHON a Python with h5py, numpy, xarray, matplotlib.
set -eu
[ $# -ge 1 ] || { sed -n '3,5p' "$0"; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
data=$(CDPATH='' cd -- "$1" && pwd)
folder=${2:-$root/results/cms}
bin=${CROSSJOULE_BIN:-$root/build/crossjoule}
python=${CROSSJOULE_PYTHON:-python3}
export PYTHONPATH="$root/python"

rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
"$python" "$here/analysis/cms_split.py" "$data" .
autoencoders='' encoders=''
for seed in 1 2 3 4 5 6 7 8 9 10; do
  for network in autoencoder svdd; do
    "$bin" train "$here/cms_$network.toml" --quiet --set seed=$seed --set checkpoint.every_epochs=0 \
      --output "$network-$seed.h5" >"$network-$seed.txt"
  done
  autoencoders="$autoencoders,autoencoder-$seed.h5"
  encoders="$encoders,svdd-$seed.h5"
done
"$python" "$here/analysis/cms_table.py" . "autoencoder=${autoencoders#,}" "svdd=${encoders#,}" --plot cms.svg
