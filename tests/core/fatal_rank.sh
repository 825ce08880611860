#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# fatal_rank.sh MPIEXEC PROGRAM: three ranks, one of which fails with code 4 and a message.
start=$(date +%s)
message=$("$1" -n 3 "$2" 2>&1)
code=$?
seconds=$(($(date +%s) - start))
echo "$message"
[ "$code" -eq 4 ] || { echo "exit code $code instead of 4"; exit 1; }
[ "$seconds" -le 10 ] || { echo "took $seconds s instead of at most 10"; exit 1; }
case "$message" in
  *"rank 1: loss is NaN"*) ;;
  *) echo "the message of rank 1 is missing"; exit 1 ;;
esac
