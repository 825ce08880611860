# SPDX-License-Identifier: BSD-3-Clause
"""Matplotlib figures as inline SVG: text stays text, identifiers are unique, nothing is loaded."""

import io
import re
import textwrap

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ..quantity import digits, prefix
from .html import escape

INK, MUTED, RULE = "#14181f", "#56606e", "#dfe3e9"
#: Digital series; told apart in print by their markers too (Okabe and Ito's palette).
DIGITAL = ("#0072b2", "#009e73", "#8a4f9e", "#56b4e9", "#6b6b6b", "#b08a00")
ANALOG = ("#d55e00", "#b5179e", "#e69f00", "#7a3b00")
DIGITAL_MARKERS = ("o", "s", "^", "v", "P", "X")
ANALOG_MARKERS = ("D", "d", "*", "p")
KIND_COLOURS = {
    "measured-counter": "#13703a",
    "measured-sampled": "#2a8f8f",
    "modelled": "#e0a100",
    "assumed": "#9aa3ad",
    "absent": "#ffffff",
}
KIND_HATCHES = {"modelled": "////", "assumed": "xxxx"}

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "crossjoule",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.labelcolor": INK,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "hatch.linewidth": 0.6,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.5,
    "figure.dpi": 72,
}


def new(width=4.5, height=3.5):
    """(figure, axes) in the report's style, without a window system. Sizes in inches."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height))
        FigureCanvasSVG(figure)
        return figure, figure.add_subplot()


#: Pixels of the page per point of the figure at most: 9 pt text reads as 12 px.
_LARGEST_SCALE = 1.33


def inline(figure, name, title, description):
    """The figure as an <svg> element with `title` and `description` for screen readers."""
    stream = io.StringIO()
    nothing = {key: None for key in ("Creator", "Date", "Format", "Type")}
    with matplotlib.rc_context(_STYLE):
        figure.savefig(
            stream,
            format="svg",
            metadata=nothing,
            bbox_inches="tight",
            pad_inches=0.06,
            transparent=True,
        )
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"<[^>]*>", _rounded, svg)
    svg = svg.replace("'DejaVu Sans', ", "").replace("'DejaVu Sans'", "sans-serif")
    svg = _own_identifiers(svg, name)
    opening = re.match(r"<svg[^>]*>", svg).group(0)
    box = re.search(r'viewBox="[^"]*"', opening).group(0)
    widest = round(float(box.split()[2]) * _LARGEST_SCALE)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {box}'
        f' role="img" id="{name}" style="max-width:{widest}px" aria-labelledby="{name}-title'
        f' {name}-desc"><title id="{name}-title">{escape(title)}</title><desc'
        f' id="{name}-desc">{escape(description)}</desc>'
    )
    return re.sub(r">\s+<", "><", head + svg[len(opening) :]).strip()


def _rounded(tag):
    """Coordinates of a tag to a hundredth of a point; text between tags keeps its digits."""
    return re.sub(r"(?<![\w#.-])(-?\d+\.\d\d)\d+", r"\1", tag.group(0))


def _own_identifiers(svg, name):
    """Prefix every id and every reference to one: several figures share one page."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)


def log_axis(axis, unit):
    """A logarithmic axis whose ticks read `10 µs`, `1k`."""

    def label(value, _position):
        scale, printed = prefix(value, "1/s" if unit == "1" else unit)
        printed = printed.replace("/s", "") if unit == "1" else printed
        return f"{digits(value / scale, 1)} {printed}".strip()

    low, high = axis.get_view_interval()
    short = low > 0 and high / low < 30
    axis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5) if short else (1,), numticks=9))
    axis.set_major_formatter(FuncFormatter(label))
    axis.set_minor_locator(NullLocator())


def legend_below(axes, entries, columns=1):
    """The legend under the axes, one entry a line, so that long names never cover data."""
    if not entries:
        return
    entries = [(handle, textwrap.fill(label, 46)) for handle, label in entries]
    with matplotlib.rc_context(_STYLE):
        axes.legend(
            *zip(*entries),
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.2),
            ncol=columns,
            borderaxespad=0,
            handlelength=2.4,
            labelspacing=0.35,
        )


def bar(axes, row, quantity, scale, unit):
    """A horizontal bar in the colour of the kind, its interval and its figure; returns its handle."""
    handle = axes.barh(
        row,
        quantity.value / scale,
        height=0.64,
        color=KIND_COLOURS[quantity.kind],
        hatch=KIND_HATCHES.get(quantity.kind, ""),
        edgecolor="white",
        linewidth=0.5,
    )
    axes.hlines(row, quantity.low / scale, quantity.high / scale, color=INK, linewidth=1.2)
    axes.annotate(
        f"{digits(quantity.value / scale)} {unit}",
        (quantity.high / scale, row),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
    )
    return handle
