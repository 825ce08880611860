# SPDX-License-Identifier: BSD-3-Clause
"""Emissions of stored joules, recomputed at every call: other assumptions, other figures. The same
arithmetic as `crossjoule carbon`."""

import math
from dataclasses import dataclass, field

import numpy as np

from . import ledger as ledgers
from . import power
from .errors import BadInput
from .grid import Series, read_grid
from .quantity import Quantity
from .record import Record

JOULE_PER_KWH = 3.6e6
_HOUR_NS = 3_600_000_000_000
_DAY_NS = 24 * _HOUR_NS


@dataclass(frozen=True)
class Assumptions:
    """What no meter can tell. Embodied carbon by SCI (ISO/IEC 21031): M = TE x hours / life_hours x
    reserved_share; 0 kg leaves it out. `units` is R, the number of functional units, 0: none."""

    pue: float = 1.0
    embodied_kg: float = 0.0
    embodied_low_kg: float = None
    embodied_high_kg: float = None
    life_hours: float = 4 * 8760.0
    reserved_share: float = 1.0
    units: float = 0.0

    def __post_init__(self):
        for name, low, high in (
            ("pue", 1, 10),
            ("embodied_kg", 0, 1e9),
            ("embodied_low_kg", 0, 1e9),
            ("embodied_high_kg", 0, 1e9),
            ("life_hours", 1, 1e7),
            ("reserved_share", 0, 1),
            ("units", 0, 1e18),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadInput(f"{name} = {value} (must be {low:g} to {high:g}) change it")
        if not self.ends_kg[0] <= self.embodied_kg <= self.ends_kg[1]:
            raise BadInput(
                "embodied_low_kg and embodied_high_kg do not enclose embodied_kg (they are its"
                " interval) put them around it"
            )

    @property
    def ends_kg(self):
        low, high = self.embodied_low_kg, self.embodied_high_kg
        return (
            self.embodied_kg if low is None else low,
            self.embodied_kg if high is None else high,
        )


@dataclass(frozen=True)
class Timeline:
    """Joules over time: slices from begin_ns to end_ns (UTC), the time in which the hardware was
    reserved, and the total that they add up to."""

    begin_ns: np.ndarray
    end_ns: np.ndarray
    joule: np.ndarray
    total: Quantity
    hours: float
    is_spread: bool  #: part of the joules has no series: taken at one moment


@dataclass(frozen=True)
class Operational:
    """Carbon of the joules by one series, PUE included; `covered` is the share of the joules inside
    the series, the rest takes the covered mean."""

    carbon: Quantity
    series: Series
    covered: float
    estimated_share: float
    mean_g_per_kwh: float


@dataclass(frozen=True)
class Carbon:
    """average and marginal are Operational or None, embodied a Quantity in g (absent: left out)."""

    energy: Quantity
    timeline: Timeline
    assumptions: Assumptions
    average: Operational = None
    marginal: Operational = None
    embodied: Quantity = field(default_factory=lambda: Quantity(unit="g"))

    @property
    def sci(self):
        """g per functional unit: ((E x I) + M) per R; absent without units or average series."""
        units = self.assumptions.units
        if self.average is None or not units > 0:
            return Quantity(unit="g")
        parts = [self.average.carbon] + ([self.embodied] if self.embodied.present else [])
        figure = ledgers.total(parts)
        ends = (end / units for end in (figure.low, figure.value, figure.high))
        return Quantity(*ends, figure.kind, "g")


def carbon(records, grid=(), assumptions=None, *, column="direct", place=""):
    """Carbon of the joules of one or several records (paths or Record). `grid` holds paths or
    Series, at most one average and one marginal. BadInput where no record holds joules."""
    records = [records] if isinstance(records, (Record, str)) or _is_path(records) else records
    opened = [one if isinstance(one, Record) else Record(one) for one in records]
    series = [one if isinstance(one, Series) else read_grid(one, column, place) for one in grid]
    return carbon_of(timeline(opened), series, assumptions or Assumptions())


def _is_path(value):
    return hasattr(value, "__fspath__")


def timeline(records):
    """The counted joules of records over their own time. BadInput where there are none."""
    begin, end, joule, totals, hours, is_spread = [], [], [], [], 0.0, False
    for record in records:
        book = ledgers.read(record)
        if book is None:
            raise BadInput(f"{record.path} holds no joules (no /energy) name a metered record")
        first, last = math.inf, -math.inf
        for device in (one for one in book.devices if one.counted):
            total = book.of_device(device)
            if not total.present:
                continue
            totals.append(total)
            times, steps = _slices(device, total.value)
            is_spread = is_spread or len(times) < 2
            begin.append(times[:-1] if len(times) > 1 else times)
            end.append(times[1:] if len(times) > 1 else times)
            joule.append(steps)
            first, last = min(first, times[0]), max(last, times[-1])
        hours += max(0.0, last - first) / _HOUR_NS if last > first else 0.0
    if not totals:
        raise BadInput("no joules are counted in these records (all absent) name others")
    return Timeline(
        np.concatenate(begin),
        np.concatenate(end),
        np.concatenate(joule),
        ledgers.total(totals),
        hours,
        is_spread,
    )


def _slices(device, joule):
    """(time_ns, joules between): the device's total in the shape of its series."""
    found = power.of(device)
    if found is None or not found.joule[-1] > 0:
        moment = power.offset_ns(device.record, device.host)
        return np.array([moment], dtype=np.int64), np.array([joule])
    return found.time_ns, joule * np.diff(found.joule) / found.joule[-1]


def carbon_of(joules, series, assumptions):
    """As `carbon`, from a Timeline and Series."""
    kinds = [one.kind for one in series]
    if len(set(kinds)) < len(kinds):
        raise BadInput(
            f"two {max(kinds, key=kinds.count)} series were given (one of each kind is compared)"
            " drop one"
        )
    found = {one.kind: _operational(joules, one, assumptions.pue) for one in series}
    share = joules.hours / assumptions.life_hours * assumptions.reserved_share * 1000
    low, high = assumptions.ends_kg
    embodied = Quantity(unit="g")
    if high > 0:
        embodied = Quantity(
            low * share, assumptions.embodied_kg * share, high * share, "assumed", "g"
        )
    return Carbon(
        joules.total,
        joules,
        assumptions,
        found.get("average"),
        found.get("marginal"),
        embodied,
    )


def _operational(joules, series, pue, shift_ns=0):
    """None where the series covers none of the joules."""
    gram, covered, estimated = _weighed(joules, series, shift_ns)
    everything = float(joules.joule.sum())
    if covered <= 0 or everything <= 0:
        return None
    mean = gram / covered * JOULE_PER_KWH
    value = pue * mean * everything / JOULE_PER_KWH
    scale = [end / everything for end in (joules.total.low, joules.total.high)]
    kind = "assumed" if series.is_constant else joules.total.kind
    carbon = Quantity(scale[0] * value, value, scale[1] * value, kind, "g")
    share = min(1.0, covered / everything)
    return Operational(carbon, series, share, estimated / covered, mean)


def _weighed(joules, series, shift_ns=0):
    """(gram, joules covered, joules in estimated steps) without PUE: each slice is cut where the
    series steps."""
    if series.is_constant:
        everything = float(joules.joule.sum())
        return everything / JOULE_PER_KWH * float(series.g_per_kwh[0]), everything, everything
    begin, end = joules.begin_ns + shift_ns, joules.end_ns + shift_ns
    origin = int(series.time_ns[0])
    edges = np.append(series.time_ns, series.end_ns) - origin
    held = np.diff(edges).astype(float)
    is_moment = end <= begin
    length = np.where(is_moment, 1, end - begin).astype(float)
    sums = []
    for weight in (series.g_per_kwh, np.ones(len(held)), series.estimated.astype(float)):
        cumulated = np.concatenate([[0.0], np.cumsum(held * weight)])
        inside = np.interp(end - origin, edges, cumulated) - np.interp(
            begin - origin, edges, cumulated
        )
        place = np.searchsorted(series.time_ns, begin, "right") - 1
        is_in = (place >= 0) & (begin < series.end_ns)
        at_once = np.where(is_in, weight[np.clip(place, 0, len(held) - 1)], 0.0)
        share = np.where(is_moment, at_once, inside / length)
        sums.append(float((joules.joule * share).sum()))
    return sums[0] / JOULE_PER_KWH, sums[1], sums[2]


def best_start(joules, series, pue=1.0, within_ns=_DAY_NS):
    """(hours to wait, Operational then) of the cleanest start within a day, tried at every step of
    the series or every hour; None where it does not cover that day. Only wholly covered starts count.
    """
    if series.is_constant:
        return None
    best = None
    for shift in range(0, within_ns + 1, max(min(series.step_ns, _HOUR_NS), within_ns // 300)):
        found = _operational(joules, series, pue, shift)
        if found is None or found.covered < 1 - 1e-9:
            continue
        if best is None or found.carbon.value < best[1].carbon.value * (1 - 1e-12):
            best = shift / _HOUR_NS, found
    return best


def hours_of_day(joules, series):
    """((hour, g/kWh) of the cleanest, (hour, g/kWh) of the dirtiest) UTC hour of the day on which
    the joules began, or None where the series does not cover it."""
    if series.is_constant:
        return None
    day = int(joules.begin_ns.min()) // _DAY_NS * _DAY_NS
    means = []
    for hour in range(24):
        moments = [day + hour * _HOUR_NS + quarter * _HOUR_NS // 4 for quarter in range(4)]
        means.append(float(np.mean([series.at(moment) for moment in moments])))
    if not all(map(math.isfinite, means)):
        return None
    low, high = int(np.argmin(means)), int(np.argmax(means))
    return (low, means[low]), (high, means[high])
