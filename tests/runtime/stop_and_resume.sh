#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# stop_and_resume.sh BINARY FOLDER: SIGTERM in the middle of training leaves a checkpoint and exit
# code 6; --resume then ends with the bits of the unbroken run, and refuses what it cannot continue.
set -eu
bin=$1 folder=$2
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
fail() { echo "stop_and_resume: $*" >&2; exit 1; }
digests() { grep -E '"(weights|loss)_digest"' "$1"; }

"$bin" generate events --quiet --set events=1500 --set seed=8 --output events.h5
cat >train.toml <<'EOF'
[network]
kind = "svdd"
[data]
files = ["events.h5"]
[validation]
files = ["events.h5"]
[training]
epochs = 40
batch = 300
micro_batch = 100
EOF
"$bin" train train.toml --quiet --json --output whole.h5 >whole.json

# the signal goes out as soon as the first checkpoint is there, so never before the first epoch
"$bin" train train.toml --quiet --output broken.h5 2>stop.log &
run=$!
tries=0
while [ -z "$(ls broken.h5.checkpoints 2>/dev/null)" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 600 ] || fail "no checkpoint after a minute"
  sleep 0.1
done
kill -TERM "$run"
status=0
wait "$run" || status=$?
[ "$status" = 6 ] || fail "exit status $status after SIGTERM (must be 6): $(cat stop.log)"
[ ! -e broken.h5 ] || fail "a record was left by a run that did not end"

"$bin" train train.toml --quiet --json --resume --output broken.h5 >resumed.json
[ "$(digests whole.json)" = "$(digests resumed.json)" ] || fail "the resumed run ended with other bits"

refused() { # WHAT ARGUMENTS…: exit 2 and no record
  what=$1
  shift
  status=0
  "$bin" train train.toml --quiet --resume --output refused.h5 "$@" 2>refused.log || status=$?
  [ "$status" = 2 ] || fail "--resume with $what: exit status $status (must be 2)"
  [ ! -e refused.h5 ] || fail "--resume with $what left a record"
}
refused "no checkpoint"
refused "another network" --set checkpoint.folder=broken.h5.checkpoints --set network.latent=8
refused "other settings" --set checkpoint.folder=broken.h5.checkpoints --set seed=2
echo "stop_and_resume: exit code 6, same bits after --resume, three refusals"
