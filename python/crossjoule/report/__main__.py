# SPDX-License-Identifier: BSD-3-Clause
"""`python3 -m crossjoule.report a.h5 b.h5 -o report.html`."""

from .main import run

run()
