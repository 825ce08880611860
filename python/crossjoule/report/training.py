# SPDX-License-Identifier: BSD-3-Clause
"""Loss against epoch, of every training record."""

import os

import numpy as np

from . import figures
from .html import definitions, digits, escape, plot, plots

_NAMES = {
    "train_loss": ("training", "#0072b2", "-"),
    "validation_loss": ("validation", "#d55e00", "--"),
}


def section(chapter):
    """One plot per record that holds loss curves, or None."""
    panels = []
    for record in chapter.records:
        curves = _curves(record)
        if curves:
            panels.append(_panel(chapter, record, curves, len(panels)))
    return plots(panels) if panels else None


def _curves(record):
    """{leaf name: values} of the loss curves anywhere in /result or /progress."""
    found = {}
    for group in ("/result", "/progress"):
        for path in record.datasets(group):
            leaf = os.path.basename(path)
            values = None
            if leaf in _NAMES and leaf not in found:
                values = np.ravel(record.array(f"{group}/{path}").values.astype(float))
            if values is not None and values.size:
                found[leaf] = values
    return found


def _panel(chapter, record, curves, index):
    with figures.matplotlib.rc_context(figures._STYLE):
        figure, axes = figures.new(5.6, 3.0)
        entries = []
        for leaf, values in curves.items():
            label, colour, line = _NAMES[leaf]
            epochs = np.arange(1, values.size + 1)
            (handle,) = axes.plot(
                epochs,
                values,
                color=colour,
                linestyle=line,
                marker="o" if values.size < 40 else None,
                markersize=3.5,
            )
            entries.append((handle, label))
        finite = np.concatenate([values[np.isfinite(values)] for values in curves.values()])
        if finite.size and finite.min() > 0 and finite.max() > 30 * finite.min():
            axes.set_yscale("log")
            figures.log_axis(axes.yaxis, "")
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss")
        axes.set_title(f"Loss, {record.name}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(*zip(*entries), loc="upper right")
    ends = ", ".join(
        f"{_NAMES[leaf][0]} {digits(values[0])} to {digits(values[-1])} in {values.size} epochs"
        for leaf, values in curves.items()
    )
    svg = figures.inline(
        figure,
        chapter.ident(f"plot-loss-{index + 1}"),
        f"Loss of {record.name}",
        f"Loss against epoch: {ends}.",
    )
    lowest = curves.get("validation_loss")
    note = ""
    if lowest is not None and np.isfinite(lowest).any():
        best = int(np.nanargmin(lowest))
        note = f" Lowest validation loss {digits(lowest[best])} after epoch {best + 1}."
    return plot(
        svg,
        f"<b>Loss of {escape(record.name)}.</b> Mean objective per event and epoch: {escape(ends)}."
        f"{note}",
    )


def facts(record):
    """Numbers of a training run that are attributes of /result."""
    found = {
        name: value
        for name, value in record.attributes("/result").items()
        if isinstance(value, (int, float, str))
    }
    return definitions([(name, escape(value)) for name, value in found.items()]) if found else ""
