# SPDX-License-Identifier: BSD-3-Clause
"""`crossjoule-report --energy`: the energy appendix of a publication, as HTML and Markdown."""

from .page import render
from .subject import Subject

__all__ = ["Subject", "render"]
