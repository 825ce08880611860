# SPDX-License-Identifier: BSD-3-Clause
"""Maps of one forecast, the fields at that time and their difference."""

import numpy as np

from . import figures
from .html import escape, plot, plots

GROUP = "/result/maps"
#: A page holds no more maps than a reader looks at.
_MOST_CHANNELS = 8
#: A map needs no more points than its pixels.
_MOST_POINTS = 120
_LEVELS = 13


def section(chapter, record, index):
    """HTML of the maps a record holds; "" where it holds none."""
    if not record.is_group(GROUP):
        return ""
    facts = record.attributes(GROUP)
    forecast = record.array(f"{GROUP}/forecast").values
    truth = record.array(f"{GROUP}/truth").values
    names, units = record.strings(f"{GROUP}/channel"), record.strings(f"{GROUP}/unit")
    extent = _extent(record, truth.shape)
    panels = []
    for place in range(min(len(names), _MOST_CHANNELS)):
        ident = chapter.ident(f"map-{index + 1}-{place + 1}")
        when = f"{facts.get('lead_h', 0):g} h after {facts.get('start', '?')}"
        panels.append(
            _maps(ident, names[place], units[place], forecast[place], truth[place], extent, when)
        )
    more = len(names) - len(panels)
    note = f"<p>{more} more channels are in the record.</p>" if more > 0 else ""
    return plots(panels) + note


def _extent(record, shape):
    """Edges of the map (left, right, bottom, top), degrees where the record has coordinates."""
    lat, lon = (record.array(f"{GROUP}/{name}").values for name in ("lat", "lon"))
    if lat.size < 2 or lon.size < 2:
        return (-0.5, shape[2] - 0.5, shape[1] - 0.5, -0.5)
    half_lat, half_lon = (lat[1] - lat[0]) / 2, (lon[1] - lon[0]) / 2
    return (lon[0] - half_lon, lon[-1] + half_lon, lat[-1] + half_lat, lat[0] - half_lat)


def _maps(ident, name, unit, forecast, truth, extent, when):
    stride = max(1, -(-max(truth.shape) // _MOST_POINTS))
    forecast, truth = forecast[::stride, ::stride], truth[::stride, ::stride]
    difference = forecast - truth
    low, high = np.percentile(np.concatenate([forecast.ravel(), truth.ravel()]), [1, 99])
    high = high if high > low else low + 1.0
    widest = float(np.percentile(np.abs(difference), 99)) or 1.0
    with figures.matplotlib.rc_context(figures._STYLE):
        figure, axes = figures.new(7.4, 2.4)
        axes.remove()
        for place, (title, field, colours, ends) in enumerate(
            (
                ("forecast", forecast, "viridis", (low, high)),
                ("fields", truth, "viridis", (low, high)),
                ("difference", difference, "RdBu_r", (-widest, widest)),
            )
        ):
            part = figure.add_subplot(1, 3, place + 1)
            # filled contours are drawn as shapes: the page holds no images
            image = part.contourf(
                np.clip(field, *ends),
                levels=np.linspace(*ends, _LEVELS),
                extent=extent,
                cmap=colours,
                origin="upper",
            )
            part.set_title(title)
            part.grid(False)
            figure.colorbar(image, ax=part, orientation="horizontal", pad=0.18)
    told = f"{name} {when}: root mean square difference {np.sqrt(np.mean(difference**2)):.3g} {unit}"
    svg = figures.inline(figure, ident, f"Maps of {name}", told)
    return plot(svg, f"<b>{escape(name)}</b>, {escape(when)}, in {escape(unit or 'no unit')}.")
