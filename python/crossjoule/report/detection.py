# SPDX-License-Identifier: BSD-3-Clause
"""Anomaly detection: AUC and true-positive rates per signal, with bootstrap intervals."""

import math

from ..quantity import digits
from . import figures
from .html import escape, plot, table

ROOT = "/result/accuracy"


def section(chapter):
    """Plot and table of every record that scored signals, or None."""
    found = [
        (record, read(record)) for record in chapter.records if record.exists(f"{ROOT}/signal")
    ]
    if not found:
        return None
    return _plot(chapter, found) + "".join(_table(record, signals) for record, signals in found)


def read(record):
    """{signal: {"events", "auc": (low, value, high), "rates": {fpr: (*ends, refused)}}}."""
    names = record.strings(f"{ROOT}/signal")
    columns = {
        name: record.array(f"{ROOT}/{name}").values.tolist()
        for name in (
            "events",
            "false_positive_rate",
            "auc_low",
            "auc",
            "auc_high",
            "true_positive_rate_low",
            "true_positive_rate",
            "true_positive_rate_high",
        )
    }
    refused = record.strings(f"{ROOT}/refused")
    signals = {}
    for row, name in enumerate(names):
        name = name.replace("->", "→")
        entry = signals.setdefault(
            name,
            {
                "events": int(columns["events"][row]),
                "rates": {},
                "auc": tuple(columns[f"auc{end}"][row] for end in ("_low", "", "_high")),
            },
        )
        ends = tuple(columns[f"true_positive_rate{end}"][row] for end in ("_low", "", "_high"))
        entry["rates"][columns["false_positive_rate"][row]] = (*ends, refused[row])
    return signals


def _plot(chapter, found):
    rows = [
        (f"{name}" + (f" · {record.name}" if len(found) > 1 else ""), entry["auc"])
        for record, signals in found
        for name, entry in signals.items()
    ][::-1]
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(7.0, 0.38 * len(rows) + 1.0)
        for index, (_, (low, value, high)) in enumerate(rows):
            axes.hlines(index, low, high, color="#0072b2", linewidth=2.4)
            axes.plot([value], [index], "o", color="#0072b2")
            axes.annotate(
                _share(value),
                (high, index),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        axes.axvline(0.5, color=figures.MUTED, linewidth=1, linestyle=":")
        least = min(0.5, *(low for _, (low, _, _) in rows))
        axes.set_xlim(least - 0.02, 1.06)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.tick_params(axis="y", length=0, labelcolor=figures.INK)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("area under the ROC curve (0.5: chance)")
    said = "; ".join(
        f"{name}: {_share(auc[1])}, {_share(auc[0])} to {_share(auc[2])}"
        for name, auc in rows[::-1]
    )
    svg = figures.inline(
        drawing, chapter.ident("plot-auc"), "AUC per signal", f"AUC with 95 % intervals. {said}."
    )
    return plot(
        svg,
        "<b>Area under the ROC curve, signal against background.</b> Exact rank statistic, ties one"
        " half; bars are 95 % bootstrap intervals.",
    )


def _table(record, signals):
    rates = list(dict.fromkeys(rate for entry in signals.values() for rate in entry["rates"]))
    headings = ["Signal", "Events", "AUC"] + [
        f"True-positive rate at {_power(rate)}" for rate in rates
    ]
    rows, reasons = [], []
    for name, entry in signals.items():
        cells = [escape(name), _count(entry["events"]), _interval(entry["auc"], _share)]
        for rate in rates:
            low, value, high, refused = entry["rates"].get(rate, (math.nan, math.nan, math.nan, ""))
            if refused or math.isnan(value):
                reasons += [refused] if refused and refused not in reasons else []
                cells.append('<span class="none">refused</span>')
            else:
                cells.append(_interval((100 * low, 100 * value, 100 * high), digits) + " %")
        rows.append(("", cells))
    attributes = record.attributes(ROOT)
    events = int(attributes.get("background_events", 0))
    note = "".join(f"<p>Refused: {escape(reason)}.</p>" for reason in reasons)
    mean, spread = attributes.get("background_score_mean"), attributes.get(
        "background_score_deviation"
    )
    if mean is not None and spread is not None:
        note += (
            f"<p>Score on background: mean {digits(mean)}, standard deviation {digits(spread)}. A"
            " network that collapsed to a constant has no spread and separates nothing.</p>"
        )
    return (
        table(
            headings,
            [(None, rows)],
            f"{escape(record.name)}: signals against {_count(events)} background events, 95 %"
            " bootstrap intervals",
            numeric=range(1, len(headings)),
            css="facts-table",
        )
        + note
    )


def _interval(ends, shown):
    low, value, high = ends
    return (
        f'<span class="score"><span class="value">{shown(value)}</span> '
        f'<span class="interval">[{shown(low)}, {shown(high)}]</span></span>'
    )


def _count(number):
    return f"{number:,}".replace(",", " ")


def _share(value):
    return f"{value:.4f}"


def _power(rate):
    exponent = round(math.log10(rate)) if rate > 0 else 0
    if rate > 0 and math.isclose(rate, 10.0**exponent):
        return f"FPR 10⁻{str(-exponent).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    return f"FPR {rate:g}"
