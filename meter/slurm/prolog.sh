#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Slurm Prolog (slurm.conf: Prolog=…/prolog.sh): runs as root on every node before a job's first step
# and starts a meter that weighs the node until the epilog ends it. A prolog that fails drains the
# node, so nothing here may: without a meter the job simply has no ledger.
#   CROSSJOULE_METER_FOLDER  where records go while a job runs (default /var/spool/crossjoule)
#   CROSSJOULE               the command (default crossjoule)
folder=${CROSSJOULE_METER_FOLDER:-/var/spool/crossjoule}
job=${SLURM_JOB_ID:-}
case $job in ''|*[!0-9]*) exit 0 ;; esac
umask 022
mkdir -p "$folder" || exit 0
name=$folder/job-$job-$(hostname -s)
# a session of its own: slurmd kills what a prolog leaves in its own
SLURM_STEP_ID=prolog setsid "${CROSSJOULE:-crossjoule}" meter --quiet --force --output "$name.h5" \
  -- sleep 100000000 </dev/null >"$name.log" 2>&1 &
echo $! >"$name.pid"
exit 0
