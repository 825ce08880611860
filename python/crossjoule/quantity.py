# SPDX-License-Identifier: BSD-3-Clause
"""A figure as every record holds it: low, value, high, and where it comes from."""

import math
from dataclasses import dataclass

#: Where a number comes from, best first. A combination is as good as its worst part.
KINDS = ("measured-counter", "measured-sampled", "modelled", "assumed", "absent")
MEASURED = KINDS[:2]

_PREFIXES = (
    (1e-15, "f"),
    (1e-12, "p"),
    (1e-9, "n"),
    (1e-6, "µ"),
    (1e-3, "m"),
    (1.0, ""),
    (1e3, "k"),
    (1e6, "M"),
    (1e9, "G"),
    (1e12, "T"),
)
_SCALED = ("s", "J", "W", "Hz", "B", "g", "Wh")
_TONNE = 1e6  # grams


@dataclass(frozen=True)
class Quantity:
    """A value between low and high. An absent figure has no numbers: it is never 0."""

    low: float = math.nan
    value: float = math.nan
    high: float = math.nan
    kind: str = "absent"
    unit: str = "1"

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind = '{self.kind}' (not one of {', '.join(KINDS)})")

    @property
    def present(self):
        return self.kind != "absent" and not math.isnan(self.value)

    @property
    def measured(self):
        return self.present and self.kind in MEASURED

    def inverse(self, unit):
        """1 / figure: the ends of the interval change places."""
        if not self.present or not self.value > 0:
            return Quantity(unit=unit)
        high = 1 / self.low if self.low > 0 else math.inf
        return Quantity(1 / self.high, 1 / self.value, high, self.kind, unit)

    def __str__(self):
        return f"{text(self)} ({self.kind})"


def worst(*kinds):
    """The kind of a combination: that of its worst part."""
    return max(kinds, key=KINDS.index)


def digits(number, significant=3):
    """A plain number with so many significant digits: 0.0312, 15.6, 1230; 0 stays 0."""
    if math.isnan(number):
        return "–"
    if math.isinf(number):
        return "∞"
    if number == 0:
        return "0"
    places = significant - 1 - math.floor(math.log10(abs(number)))
    rounded = round(number, places)
    places = significant - 1 - math.floor(math.log10(abs(rounded)))
    if not -3 <= math.log10(abs(rounded)) < 7:
        return f"{rounded:.{significant - 1}e}"
    return f"{rounded:.{max(places, 0)}f}"


def prefix(number, unit):
    """The scale and the printed unit that suit a number: 1.5e-5, "s" gives (1e-6, "µs"); a rate of
    2e6, "1/s" gives (1e6, "M/s")."""
    size = abs(number)
    if unit == "1/s" and size >= 1:
        return prefix(number, "Hz")[0], prefix(number, "Hz")[1].replace("Hz", "/s")
    if unit.split("/")[0] not in _SCALED or size == 0 or not math.isfinite(size):
        return 1.0, "" if unit == "1" else unit.replace("mm2", "mm²")
    if unit == "g" and size >= _TONNE:
        return _TONNE, "t"
    for scale, letter in reversed(_PREFIXES):
        if size >= scale * 0.9995:
            return scale, letter + unit
    return _PREFIXES[0][0], _PREFIXES[0][1] + unit


def parts(figure):
    """(value, interval, unit) as printed; the interval is "" for an exact figure."""
    if not figure.present:
        return "absent", "", ""
    scale, unit = prefix(figure.value, figure.unit)
    ends = [figure.low / scale, figure.value / scale, figure.high / scale]
    if ends[0] == ends[1] == ends[2]:
        return digits(ends[1]), "", unit
    for significant in (3, 4, 5):  # as many as a narrow interval needs to be seen
        low, value, high = (digits(end, significant) for end in ends)
        seen = (low != value or ends[0] == ends[1]) and (high != value or ends[1] == ends[2])
        if seen:
            break
    return value, f"[{low}, {high}]", unit


def text(figure):
    """One line: `0.31 [0.16, 0.62] mJ`."""
    return " ".join(part for part in parts(figure) if part)
