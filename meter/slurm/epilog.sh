#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Slurm Epilog: ends the job's meter, waits for its record and gives it to the job's user.
#   CROSSJOULE_METER_KEEP  a folder that users can read (default: the record stays where it is)
folder=${CROSSJOULE_METER_FOLDER:-/var/spool/crossjoule}
job=${SLURM_JOB_ID:-}
case $job in ''|*[!0-9]*) exit 0 ;; esac
name=$folder/job-$job-$(hostname -s)
[ -f "$name.pid" ] || exit 0
meter=$(cat "$name.pid")
case $meter in ''|*[!0-9]*) exit 0 ;; esac
kill -TERM "$meter" 2>/dev/null
tries=0
while kill -0 "$meter" 2>/dev/null && [ $tries -lt 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
rm -f "$name.pid"
[ -s "$name.log" ] || rm -f "$name.log"
if [ -f "$name.h5" ]; then
  if [ -n "${SLURM_JOB_UID:-}" ]; then chown "$SLURM_JOB_UID" "$name.h5" 2>/dev/null; fi
  if [ -n "${CROSSJOULE_METER_KEEP:-}" ]; then mv "$name.h5" "$CROSSJOULE_METER_KEEP/" 2>/dev/null; fi
fi
exit 0
