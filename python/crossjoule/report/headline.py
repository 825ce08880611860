# SPDX-License-Identifier: BSD-3-Clause
"""The table people read first: seconds and joules of each platform, and the honest ratio."""

from .html import escape, figure, kind_badge, ratio, table

NOTHING_MEASURED = "NO JOULE IN THIS TABLE WAS MEASURED"
BOUNDARY_MEANING = {
    "device": "the arithmetic alone: arrays with DAC and ADC",
    "chip": (
        "with digital units, on-chip links and static power: a CPU package, a GPU board, a whole"
        " chip"
    ),
    "system": "with DRAM, host link, host idle and the rest of the node",
}
_HEADINGS = (
    "Platform and mode",
    "Batch",
    "Latency of a batch",
    "Samples per second",
    "Energy per sample",
    ("Energy ratio", "most efficient digital ÷ this"),
    ("at equal batch", "best digital at this batch ÷ this"),
    ("Time ratio", "fastest digital ÷ this"),
)
_NUMERIC = range(1, 8)


def section(chapter):
    """The headline table, or None where the network has no points."""
    if not chapter.points:
        return None
    remarks = _remarks(chapter.comparison)
    return "".join([banner(chapter), _cards(chapter), _table(chapter), remarks, _reading()])


def banner(chapter):
    """The warning above a table without a measured joule, else nothing."""
    if chapter.comparison.any_measured:
        return ""
    return (
        f'<p class="banner" role="note"><strong>{NOTHING_MEASURED}.</strong> No energy sensor was'
        " read: the joules come from models, and every ratio carries a band of at least a factor 2"
        " either way.</p>"
    )


def everything(chapter):
    """All points, as a second table further down."""
    if not chapter.points:
        return None
    body = [
        (_boundary(name), [(_style(line), _cells(line)) for line in lines])
        for name, lines in chapter.comparison.lines.items()
    ]
    return table(
        _HEADINGS, body, _title(chapter, "Every point of the records"), numeric=_NUMERIC, css="wide"
    )


def _title(chapter, words):
    warning = "" if chapter.comparison.any_measured else f" <strong>{NOTHING_MEASURED}</strong>"
    return f"{escape(words)}: {escape(chapter.name)}.{warning}"


def _table(chapter):
    body = []
    for name, lines in chapter.comparison.lines.items():
        chosen = sorted((line for line in lines if in_headline(line, lines)), key=_order)
        body.append((_boundary(name), [(_style(line), _cells(line)) for line in chosen]))
    return table(
        _HEADINGS,
        body,
        _title(chapter, "Seconds and joules"),
        numeric=_NUMERIC,
        css="headline",
        ident=chapter.ident("table-headline"),
    )


def _order(line):
    joules = line.point.joules_per_sample
    return line.point.analog, joules.value if joules.present else float("inf")


def in_headline(line, lines):
    """Of each configuration its smallest batch and its most efficient one, and the references."""
    same = [
        other.point
        for other in lines
        if other.point.configuration == line.point.configuration
        and other.point.record == line.point.record
    ]
    cost = [point for point in same if point.joules_per_sample.present] or same
    return (
        bool(line.role)
        or line.point is min(same, key=lambda point: point.batch)
        or line.point is min(
            cost,
            key=lambda point: (
                point.joules_per_sample.value
                if point.joules_per_sample.present
                else point.seconds_per_sample.value
            ),
        )
    )


def _boundary(name):
    return (
        f"<b>{escape(name.capitalize())} boundary</b> <span>{escape(BOUNDARY_MEANING[name])}</span>"
    )


def _style(line):
    if line.point.analog:
        return "analog"
    return (
        "best"
        if line.role.startswith("most efficient digital") and "batch 1" not in line.role
        else ""
    )


def _cells(line):
    point = line.point
    copies = f", {point.ranks} {'copies' if point.analog else 'ranks'}" if point.ranks > 1 else ""
    name = (
        f"{escape(point.platform)} <span class='mode'>{escape(point.mode)},"
        f" {escape(point.device)}, {escape(point.precision)}{copies}</span>"
    )
    name += "".join(
        f' <span class="role">{escape(role)}</span>' for role in line.role.split(", ") if role
    )
    name += f'<span class="note">{escape(point.note)}</span>' if point.note else ""
    none = f'<span class="none">{escape(line.why_no_ratio)}</span>' if line.why_no_ratio else None
    energy = figure(line.joules)
    if point.missing_terms and line.joules.present:
        energy += '<span class="note">partial sum</span>'
    return [
        name,
        f"{point.batch:,}".replace(",", " "),
        figure(point.latency),
        figure(point.seconds_per_sample.inverse("1/s")),
        energy,
        none
        or _ratio_or(
            line.energy_to_best,
            "most efficient digital" in line.role and "batch 1" not in line.role,
        ),
        none
        or _ratio_or(
            line.energy_to_same_batch,
            not point.analog
            and line.energy_to_same_batch is not None
            and line.energy_to_same_batch.value == 1,
        ),
        _ratio_or(line.time_to_best, "fastest digital" in line.role, "less time", "more time"),
    ]


def _ratio_or(quantity, is_reference, *words):
    if is_reference:
        return '<span class="none">1, the reference</span>'
    return ratio(quantity, *words)


def _cards(chapter):
    """The same figures in large print, digital and analog alike, whoever wins."""
    boundary = card_boundary(chapter.comparison)
    lines = chapter.comparison.lines[boundary]
    best = [line for line in lines if _style(line) == "best"]
    analog = {}
    for line in lines:
        if line.point.analog and not line.point.at_fixed_rate:
            key = line.point.configuration
            if key not in analog or _order(line) < _order(analog[key]):
                analog[key] = line
    cards = [_card("Most efficient digital", line, boundary) for line in best]
    cards += [_card("Analog estimate", line, boundary) for line in analog.values()]
    return f'<div class="cards">{"".join(cards)}</div>' if cards else ""


def card_boundary(comparison):
    """The widest boundary where an analog line has a ratio, else the widest with digital joules."""
    for wanted in (
        lambda line: line.point.analog and line.energy_to_best is not None,
        lambda line: line.role.startswith("most efficient digital"),
    ):
        for name, lines in comparison.lines.items():
            if any(wanted(line) for line in lines):
                return name
    return next(iter(comparison.lines))


def _card(title, line, boundary):
    point = line.point
    words = f"{point.platform}, {point.mode}, batch {point.batch}, {point.precision}"
    below, partial = "", ""
    if point.missing_terms:
        title, partial = f"{title}, partial sum", " partial"
    if point.analog:
        than = "than the most efficient digital"
        words_of = (
            f"less energy {than}",
            f"more energy {than}",
            "the energy of the most efficient digital ÷ this: undecided",
        )
        below = (
            f'<p class="against">{ratio(line.energy_to_best, *words_of)}</p>'
            if line.energy_to_best
            else f'<p class="against none">{escape(line.why_no_ratio)}</p>'
        )
    return (
        f'<div class="card {"analog" if point.analog else "digital"}{partial}">'
        f'<h4>{escape(title)}</h4><p class="big">{figure(line.joules)}</p>'
        f'<p>per sample, {escape(boundary)} boundary</p><p class="who">{escape(words)}</p>'
        f"<p>latency {figure(point.latency)}</p>"
        f'<p>throughput {figure(point.seconds_per_sample.inverse("1/s"))}</p>{below}</div>'
    )


def _remarks(comparison):
    """Under the table: which terms close which boundary to ratios, and which are assumptions."""
    found = {}
    for boundary, lines in comparison.lines.items():
        for point in (line.point for line in lines):
            for words, terms in (
                ("no value yet for", point.missing_terms),
                ("assumed", point.assumed_terms),
            ):
                who = f"{point.platform} {point.mode.split(', at ')[0]}"
                if terms:
                    found.setdefault((boundary, words, terms), {})[who] = None
    items = "".join(
        f"<li>{escape(boundary.capitalize())} boundary, {words}"
        f" <b>{escape(terms.replace('_', ' '))}</b>: {escape(', '.join(who))}.</li>"
        for (boundary, words, terms), who in found.items()
    )
    return f'<ul class="remarks">{items}</ul>' if items else ""


def _reading():
    kinds = " ".join(
        kind_badge(kind) for kind in ("measured-counter", "measured-sampled", "modelled", "assumed")
    )
    return (
        '<details class="reading" open><summary>How to read this table</summary><p>A figure is'
        f" printed as value [low, high] with its kind: {kinds}. Ratios are formed within one"
        " boundary only, gross on both sides (idle power is subtracted nowhere). Above 1 the row"
        " takes less than the reference, below 1 more; <i>undecided</i> means that the interval"
        " includes 1. The headline ratio is against the most efficient digital line of all"
        " batches, precisions and devices; the ratio at equal batch stands beside it, never alone."
        " A boundary of which a term has no value yet shows its numbers, a partial sum, and no"
        " ratio. Accuracy on the analog chip is not part of this table.</p></details>"
    )
