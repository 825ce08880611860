#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# fatal_rank.sh MPIEXEC PROGRAM: three ranks, one of which fails; wanted are the exit code and message
# of that rank within 10 s.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# expect CODE TEXT ARGUMENTS...
expect() {
  wanted=$1 text=$2
  shift 2
  start=$(date +%s)
  message=$("$mpiexec" -n 3 "$program" "$@" 2>&1)
  code=$?
  seconds=$(($(date +%s) - start))
  echo "$message"
  [ "$code" -eq "$wanted" ] || { echo "exit code $code instead of $wanted"; return 1; }
  [ "$seconds" -le 10 ] || { echo "took $seconds s instead of at most 10"; return 1; }
  case "$message" in
    *"signal "*) echo "a rank died of a signal"; return 1 ;;
    *"$text"*) ;;
    *) echo "'$text' is missing"; return 1 ;;
  esac
}

mpiexec=$1 program=$2
expect 4 "rank 1: loss is NaN" error || exit 1
expect 5 "rank 0: $folder/x.h5 could not be written" full "$folder/x.h5" || exit 1
[ -z "$(ls "$folder")" ] || { echo "left behind: $(ls "$folder")"; exit 1; }
# the twins: another code, another text
expect 3 "rank 1" error > /dev/null && { echo "a wrong exit code passed"; exit 1; }
expect 4 "rank 2: loss" error > /dev/null && { echo "a wrong message passed"; exit 1; }
exit 0
