# SPDX-License-Identifier: BSD-3-Clause
"""Skill of forecasts per channel and lead beside baselines, with intervals."""

import numpy as np

from . import figures, forecast_maps
from .html import digits, escape, plot, plots, table

GROUP = "/result/skill"
_COLUMNS = ("method", "quantity", "channel", "unit")
_NUMBERS = ("lead", "cases", "value", "low", "high")
#: The network first; baselines in the order the record has them.
_COLOURS = ("#0072b2", "#6b6b6b", "#d55e00", "#009e73", "#8a4f9e", "#e69f00")
_MARKERS = ("o", "s", "^", "v", "D", "P")


def section(chapter):
    """Curves, a table and maps of every forecast record, or None."""
    parts = [_forecast(chapter, record, i) for i, record in enumerate(_forecasts(chapter))]
    return "".join(parts) if parts else None


def _forecasts(chapter):
    return [record for record in chapter.records if record.is_group(GROUP)]


def skill(record):
    """/result/skill as a list of dicts, one per figure."""
    columns = {name: record.strings(f"{GROUP}/{name}") for name in _COLUMNS}
    columns |= {name: record.array(f"{GROUP}/{name}").values.tolist() for name in _NUMBERS}
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def _in_order(values):
    return list(dict.fromkeys(values))


def _forecast(chapter, record, index):
    rows = skill(record)
    facts = record.attributes("/result")
    panels = []
    for quantity, label in (("rmse", "RMSE"), ("acc", "anomaly correlation"), ("crps", "CRPS")):
        for channel in _in_order(row["channel"] for row in rows):
            chosen = [
                row for row in rows if row["quantity"] == quantity and row["channel"] == channel
            ]
            if quantity == "crps":  # read it beside the error of a single forecast's spread
                chosen += [
                    row for row in rows if row["quantity"] == "spread" and row["channel"] == channel
                ]
            if any(np.isfinite(row["value"]) for row in chosen):
                ident = chapter.ident(f"plot-{quantity}-{index + 1}-{len(panels) + 1}")
                panels.append(_curves(ident, channel, label, chosen))
    intro = (
        f"<p>{escape(record.name)}: {facts.get('cases', '?')} initial times, "
        f"{facts.get('members', 1)} member(s), rows weighted by {escape(facts.get('weights', 'cos'))}. "
        "Bands are bootstrap intervals over initial times; every method sees the same targets.</p>"
    )
    return intro + plots(panels) + _table(rows) + forecast_maps.section(chapter, record, index)


def _curves(ident, channel, label, rows):
    unit = rows[0]["unit"]
    with figures.matplotlib.rc_context(figures._STYLE):
        figure, axes = figures.new(4.5, 3.0)
        entries, told = [], []
        series = _in_order((row["method"], row["quantity"]) for row in rows)
        for place, (method, quantity) in enumerate(series):
            mine = [row for row in rows if (row["method"], row["quantity"]) == (method, quantity)]
            lead, value, low, high = (
                np.array([row[name] for row in mine], float)
                for name in ("lead", "value", "low", "high")
            )
            if not np.isfinite(value).any():
                continue
            name = method if quantity in ("rmse", "acc") else f"{method} {quantity}"
            colour = _COLOURS[place % len(_COLOURS)]
            marker = _MARKERS[place % len(_MARKERS)] if lead.size < 40 else None
            (handle,) = axes.plot(lead, value, color=colour, marker=marker, markersize=3.5)
            axes.fill_between(lead, low, high, color=colour, alpha=0.18, linewidth=0)
            entries.append((handle, name))
            told.append(f"{name} {digits(value[0])} at {lead[0]:g} h, {digits(value[-1])} at {lead[-1]:g} h")
        axes.set_xlabel("lead (h)")
        axes.set_ylabel(label if unit in ("1", "") else f"{label} ({unit})")
        axes.set_title(f"{label}, {channel}")
        if label != "anomaly correlation":
            axes.set_ylim(bottom=0)
        axes.legend(*zip(*entries), loc="best")
    text = "; ".join(told)
    svg = figures.inline(figure, ident, f"{label} of {channel}", f"{label} against lead: {text}.")
    return plot(svg, f"<b>{escape(label)} of {escape(channel)}.</b> {escape(text)}.")


def _table(rows):
    errors = [row for row in rows if row["quantity"] == "rmse"]
    methods = _in_order(row["method"] for row in errors)
    found = {(row["method"], row["channel"], row["lead"]): row for row in errors}
    body = []
    for channel in _in_order(row["channel"] for row in errors):
        leads = _in_order(row["lead"] for row in errors if row["channel"] == channel)
        unit = next(row["unit"] for row in errors if row["channel"] == channel)
        cells = [
            ("", [f"{lead:g}", str(found[methods[0], channel, lead]["cases"])]
             + [_figure(found.get((method, channel, lead))) for method in methods])
            for lead in leads
        ]
        body.append((f"{escape(channel)} ({escape(unit or 'no unit')})", cells))
    return table(
        ["lead (h)", "cases"] + methods,
        body,
        "Root mean square error, pooled over cases and area",
        numeric=range(1, 2 + len(methods)),
    )


def _figure(row):
    if row is None or not np.isfinite(row["value"]):
        return '<span class="none">–</span>'
    if not np.isfinite(row["low"]):
        return escape(digits(row["value"]))
    return (
        f'<span class="value">{escape(digits(row["value"]))}</span> <span class="interval">['
        f'{escape(digits(row["low"]))}, {escape(digits(row["high"]))}]</span>'
    )
