# SPDX-License-Identifier: BSD-3-Clause
"""Errors with the exit codes of the crossjoule command (docs/command_line.md)."""

BAD_INPUT = 2
MISSING = 3
DAMAGED = 5


class CrossjouleError(Exception):
    """A problem from outside; the message reads *problem (why it is one) what to do*."""

    code = BAD_INPUT


class BadInput(CrossjouleError):
    """An absent file, a file of another kind, content that cannot be used."""

    code = BAD_INPUT


class Missing(CrossjouleError):
    """A Python module that was asked for is not installed."""

    code = MISSING


class Damaged(CrossjouleError):
    """A record whose bytes are not those that were written, or a write that failed."""

    code = DAMAGED
