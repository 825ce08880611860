# SPDX-License-Identifier: BSD-3-Clause
"""The command `crossjoule-report`; exit codes as the crossjoule command has them."""

import argparse
import os
import sys
import tempfile

from ..errors import BAD_INPUT, BadInput, CrossjouleError, Damaged
from ..record import Record
from . import compared, published
from .chapter import gather
from .page import render


def parser():
    made = argparse.ArgumentParser(
        prog="crossjoule-report",
        description="One self-contained HTML page from crossjoule records.",
        epilog="Example: crossjoule-report infer.h5 estimate.h5 train.h5 -o report.html",
    )
    made.add_argument("records", nargs="+", help="records of infer, estimate, train, generate")
    made.add_argument(
        "-o", "--output", default="report.html", help="the page to write (report.html)"
    )
    made.add_argument(
        "--compare",
        action="append",
        default=[],
        metavar="FILE.json",
        help="what `crossjoule compare --json` printed: its ratios must agree with the page",
    )
    made.add_argument(
        "--published",
        action="append",
        default=[],
        metavar="FILE.toml",
        help="published figures, shown under the table",
    )
    made.add_argument("--force", action="store_true", help="replace an output that exists")
    return made


def main(arguments=None):
    """Exit code: 0, or 2 (bad input) or 5 (damaged file, failed write) after one line on stderr."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        options = parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has printed its line
        return BAD_INPUT if stop.code else 0
    try:
        _check_output(options.output, options.force)
        records = [Record(path) for path in options.records]
        for record in records:
            record.check()
        rows = [row for path in options.published for row in published.read(path)]
        chapters = gather(records, rows)
        for path in options.compare:
            compared.check(path, chapters)
        _write(options.output, render(chapters, records, _shown(options)))
    except CrossjouleError as error:
        print(f"crossjoule-report: {error}", file=sys.stderr)
        return error.code
    return 0


def run():
    sys.exit(main())


def _shown(options):
    """The command line with file names alone: folders are nobody's business."""
    shown = [os.path.basename(path) for path in options.records]
    for flag, paths in (("--compare", options.compare), ("--published", options.published)):
        shown += [word for path in paths for word in (flag, os.path.basename(path))]
    return shown + ["-o", os.path.basename(options.output)]


def _check_output(path, force):
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise BadInput(f"{path} is a folder (the page is one file) name the file in it")
    if os.path.exists(path) and not force:
        raise BadInput(
            f"{path} exists (nothing is overwritten unasked) use --force or another name"
        )
    if not os.path.isdir(folder):
        raise BadInput(f"{folder} does not exist (the page goes there) make the folder first")
    if not os.access(folder, os.W_OK):
        raise BadInput(f"{folder} cannot be written (no permission) choose another folder")


def _write(path, page):
    folder = os.path.dirname(os.path.abspath(path))
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(suffix=".html", dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(page)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise Damaged(f"{path} could not be written ({error.strerror}) free some space") from error
