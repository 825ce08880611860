# SPDX-License-Identifier: BSD-3-Clause
"""`crossjoule-report`: records as one self-contained HTML page with tables and plots."""

from .chapter import gather
from .page import render

__all__ = ["gather", "render"]
