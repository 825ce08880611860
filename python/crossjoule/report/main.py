# SPDX-License-Identifier: BSD-3-Clause
"""The command `crossjoule-report`; exit codes as the crossjoule command has them."""

import argparse
import os
import sys
import tempfile

from ..emissions import Assumptions
from ..errors import BAD_INPUT, BadInput, CrossjouleError, Damaged
from ..grid import read_grid, stored
from ..record import Record
from . import appendix, compared, published
from .appendix.subject import gather as gather_energy
from .chapter import gather
from .page import render


def parser():
    made = argparse.ArgumentParser(
        prog="crossjoule-report",
        description="One self-contained HTML page from crossjoule records.",
        epilog=(
            "Example: crossjoule-report infer.h5 estimate.h5 train.h5 -o report.html; with"
            " --energy, the energy appendix: crossjoule-report --energy meter.h5 --grid ES.csv -o"
            " energy.html"
        ),
    )
    made.add_argument("records", nargs="+", help="records of any verb")
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
    _add_energy(made.add_argument_group("energy appendix"))
    return made


def _add_energy(made):
    made.add_argument(
        "--energy",
        action="store_true",
        help="the energy appendix of metered records, as HTML and, beside it, as Markdown (.md)",
    )
    made.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="FILE",
        help="grid intensity, CSV or JSON: at most one average and one marginal series",
    )
    made.add_argument(
        "--column",
        default="direct",
        choices=("direct", "lca"),
        help="of an Electricity Maps file",
    )
    made.add_argument("--place", default="", help="row of a table by country, such as ESP")
    made.add_argument(
        "--label",
        default="default",
        help="without --grid: the series that `crossjoule carbon --write` kept under this name",
    )
    for name, default, words in (
        ("pue", 1.0, "power usage effectiveness"),
        ("embodied-kg", 0.0, "CO2e of making the hardware, 0: left out"),
        ("embodied-low-kg", None, "lower end of it"),
        ("embodied-high-kg", None, "upper end of it"),
        ("life-hours", 4 * 8760.0, "expected life of it"),
        ("reserved-share", 1.0, "share of it that was reserved"),
        ("units", 0.0, "functional units, R of SCI; 0: none"),
    ):
        made.add_argument(f"--{name}", type=float, default=default, metavar="NUMBER", help=words)


def main(arguments=None):
    """Exit code: 0, or 2 (bad input) or 5 (damaged file, failed write) after one line on stderr."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        options = parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has printed its line
        return BAD_INPUT if stop.code else 0
    try:
        make = _energy_page if options.energy else _study_page
        _check_output(options.output, options.force)
        _check_options(options)
        records = [Record(path) for path in options.records]
        for record in records:
            record.check()
        make(options, records)
    except CrossjouleError as error:
        print(f"crossjoule-report: {error}", file=sys.stderr)
        return error.code
    return 0


def run():
    sys.exit(main())


def _study_page(options, records):
    rows = [row for path in options.published for row in published.read(path)]
    chapters = gather(records, rows)
    for path in options.compare:
        compared.check(path, chapters)
    _write(options.output, render(chapters, records, _shown(options)))


def _energy_page(options, records):
    beside = _beside(options.output)
    _check_output(beside, options.force)
    names = ("pue", "embodied_kg", "embodied_low_kg", "embodied_high_kg", "life_hours")
    assumed = {name: getattr(options, name) for name in (*names, "reserved_share", "units")}
    grid = [read_grid(path, options.column, options.place) for path in options.grid]
    if not grid and len(records) == 1:
        grid = stored(records[0], options.label)
    subject = gather_energy(records, grid, Assumptions(**assumed))
    for text in subject.warnings:
        print(f"crossjoule-report: warning: {text}", file=sys.stderr)
    page, markdown = appendix.render(subject, options)
    _write(options.output, page)
    _write(beside, markdown)


def _beside(path):
    """The Markdown file beside the page."""
    stem, extension = os.path.splitext(path)
    if extension.lower() == ".md":
        raise BadInput(f"{path} is the name of the Markdown (the page comes first) use {stem}.html")
    return (stem if extension.lower() in (".html", ".htm") else path) + ".md"


def _check_options(options):
    """Options of one page are no use to the other: refused, not passed over."""
    if options.energy:
        unused = [name for name in ("compare", "published") if getattr(options, name)]
        where = "with --energy"
    else:
        plain = parser()
        names = ("grid", "column", "place", "label", "pue", "embodied_kg", "embodied_low_kg")
        names += ("embodied_high_kg", "life_hours", "reserved_share", "units")
        unused = [n for n in names if getattr(options, n) != plain.get_default(n)]
        where = "without --energy"
    if unused:
        flag = f"--{unused[0].replace('_', '-')}"
        raise BadInput(f"{flag} is given {where} (that page has no use for it) drop it")


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
        descriptor, temporary = tempfile.mkstemp(suffix=".tmp", dir=folder)
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
