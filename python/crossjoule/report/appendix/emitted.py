# SPDX-License-Identifier: BSD-3-Clause
"""Carbon with its assumptions: average and marginal apart, PUE, embodied share, best start."""

from ... import emissions
from ...quantity import Quantity, digits
from ..document import Bold, Bullets, Code, Pairs, Paragraph, Plain, Section, Table
from .statement import percent
from .subject import watt_hours

_USE = {
    "average": "the mean kilowatt-hour: for attribution",
    "marginal": "one more kilowatt-hour: for decisions",
}


def section(subject):
    carbon = subject.carbon
    rows = [("", _row(name, getattr(carbon, name), subject)) for name in ("average", "marginal")]
    embodied = "SCI: M = TE x hours / life x reserved share"
    rows.append(("", ["embodied share", carbon.embodied, embodied, "–"]))
    blocks = [
        Table(
            ["Part", "Carbon (CO2e)", "What it says", "Joules covered"],
            rows,
            "Carbon by part; average and marginal are two answers and are never added",
            numeric=(1, 3),
            ident="carbon-table",
        ),
        Pairs(_assumptions(subject)),
    ]
    if carbon.sci.present:
        words = [Bold("SCI "), "(ISO/IEC 21031): ", carbon.sci, " per unit, "]
        blocks.append(Paragraph([*words, f"R = {carbon.assumptions.units:g}."]))
    kept = _stored(subject)
    if kept:
        blocks.append(kept)
    if not subject.grid:
        text = [
            "No grid-intensity series was given, so operational carbon is absent. Add one with ",
            Code("--grid FILE"),
            " (Electricity Maps or WattTime, CSV or JSON).",
        ]
        blocks.append(Paragraph(text))
    return Section("carbon", "Carbon", blocks)


def _stored(subject):
    """Figures that `crossjoule carbon --write` left, with the assumptions of then."""
    rows = []
    for record, _, name in subject.labels():
        for label in record.children("/energy/carbon"):
            group = f"/energy/carbon/{label}"
            facts = record.attributes(group)
            figures = [
                record.quantity(f"{group}/{part}") if record.exists(f"{group}/{part}") else "–"
                for part in ("average", "marginal", "embodied")
            ]
            pue, then = f"{facts.get('pue', 1):g}", str(facts.get("computed_utc", "–"))
            rows.append(("", [f"{name}: {label}", *figures, pue, then]))
    if not rows:
        return None
    return Table(
        ["Record: label", "Average", "Marginal", "Embodied", "PUE", "Computed"],
        rows,
        "Kept in the records, with the assumptions of that time",
        numeric=(1, 2, 3, 4),
        css="facts-table compact",
        ident="carbon-stored",
    )


def _row(name, found, subject):
    carbon = found.carbon if found else Quantity(unit="g")
    covered = percent(found.covered) if found else "–"
    said = _USE[name]
    if not found and any(series.kind == name for series in subject.grid):
        said += "; the series covers no part of the run"
    return [f"operational, {name}", carbon, said, covered]


def _assumptions(subject):
    assumed, carbon = subject.assumptions, subject.carbon
    ends = (subject.total.low, subject.total.value, subject.total.high)
    more = Quantity(*((assumed.pue - 1) * end for end in ends), "assumed", "J")
    rows = [
        ("energy at the meter", [subject.total, " = ", Plain(watt_hours(subject.total))]),
        ("PUE (assumed)", [f"{assumed.pue:g}, adds ", Plain(more)]),
    ]
    if carbon.embodied.present:
        low, high = assumed.ends_kg
        rows += [
            ("hardware, embodied (assumed)", f"{assumed.embodied_kg:g} [{low:g}, {high:g}] kg"),
            ("life of it (assumed)", f"{assumed.life_hours:g} h"),
            ("reserved share (assumed)", f"{assumed.reserved_share:g}"),
            ("time in reserve", f"{digits(carbon.timeline.hours)} h"),
        ]
    if carbon.timeline.is_spread:
        rows.append(("note", "part of the joules has no series: taken at one moment"))
    return rows


def grid(subject):
    """The series themselves, and what another start would have saved; None without one."""
    if not subject.grid:
        return None
    rows, notes = [], []
    for series in subject.grid:
        found = getattr(subject.carbon, series.kind)
        step = "one value" if series.is_constant else f"{digits(series.step_ns * 1e-9)} s"
        estimated = percent(found.estimated_share) if found else "–"
        mean = f"{digits(found.mean_g_per_kwh, 4)} g/kWh" if found else "–"
        cells = [series.kind, series.place or "–", [Code(series.file), f", {series.column}"]]
        values = "1" if series.is_constant else str(len(series.time_ns))
        rows.append(("", [*cells, values, step, str(series.dropped), estimated, mean]))
        where = ", kept in the record" if series.is_stored else ""
        notes.append([f"{series.file}{where}: ", Code(series.digest)])
        notes += _hours(subject, series)
    notes += _start(subject)
    table = Table(
        ["Series", "Place", "File, column", "Values", "Step", "Dropped", "Estimated", "Mean here"],
        rows,
        "Grid intensity; a value holds until the next one",
        numeric=(3, 4, 5, 6, 7),
        ident="grid-series",
    )
    notes.append("Pauses taken: none is recorded.")
    return Section("grid", "Grid", [table, Bullets(notes)])


def _hours(subject, series):
    found = emissions.hours_of_day(subject.carbon.timeline, series)
    if not found:
        return []
    (low, clean), (high, dirty) = found
    return [
        f"{series.kind}: cleanest hour of the day {low:02d} UTC ({digits(clean)} g/kWh), dirtiest"
        f" {high:02d} UTC ({digits(dirty)} g/kWh)"
    ]


def _start(subject):
    """Decisions are made with marginal intensity; with the average where there is no other."""
    carbon = subject.carbon
    now = carbon.marginal or carbon.average
    if now is None or now.covered < 1 - 1e-9:
        return []
    best = emissions.best_start(carbon.timeline, now.series, subject.assumptions.pue)
    if best is None:
        return []
    hours, then = best
    saving = 1 - then.carbon.value / now.carbon.value if now.carbon.value > 0 else 0.0
    if hours == 0:
        return [f"best start within 24 h, {now.series.kind} intensity: the one that was taken"]
    return [
        f"best start within 24 h, {now.series.kind} intensity: {digits(hours)} h later, "
        f"{percent(saving)} less carbon"
    ]
