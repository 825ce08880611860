#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# same_bytes.sh WRITER MPIRUN FOLDER: weather data sets are the same for any number of ranks, years
# that do not divide evenly and fewer years than ranks included; and the comparison can fail.
set -eu
writer=$1 mpirun=$2 folder=$3
rm -rf "$folder"
mkdir -p "$folder"
for years in 1 5; do
  "$writer" "$folder/serial" "$years"
  for ranks in 1 2 3 4; do
    "$mpirun" -n "$ranks" "$writer" "$folder/ranks" "$years"
    diff -r "$folder/serial" "$folder/ranks" || { echo "$years years differ on $ranks ranks"; exit 1; }
  done
done
"$writer" "$folder/other" 4
if diff -rq "$folder/serial" "$folder/other" >/dev/null; then echo "diff finds no difference where there is one"; exit 1; fi
rm -rf "$folder"
