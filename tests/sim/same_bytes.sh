#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# same_bytes.sh WRITER MPIRUN FOLDER: files of events are the same for any number of ranks, blocks
# that do not divide evenly and fewer blocks than ranks included; and the comparison can fail.
set -eu
writer=$1 mpirun=$2 folder=$3
rm -rf "$folder"
mkdir -p "$folder"
for events in 5 8193 50000; do
  "$writer" "$folder/serial.h5" "$events"
  for ranks in 1 2 3; do
    "$mpirun" -n "$ranks" "$writer" "$folder/ranks.h5" "$events"
    cmp "$folder/serial.h5" "$folder/ranks.h5" || { echo "$events events differ on $ranks ranks"; exit 1; }
  done
done
"$writer" "$folder/other.h5" 49999
if cmp -s "$folder/serial.h5" "$folder/other.h5"; then echo "cmp finds no difference where there is one"; exit 1; fi
rm -rf "$folder"
