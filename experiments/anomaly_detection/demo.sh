#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The study in small: some minutes on two cores. `./run demo` calls it after the build.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec sh "$here/study.sh" demo "${1:-results/demo}"
