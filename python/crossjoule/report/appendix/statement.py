# SPDX-License-Identifier: BSD-3-Clause
"""The statement to paste into a paper: summary, impact, BibTeX."""

from ... import ledger
from ...quantity import Quantity, digits
from ..document import Banner, Bold, Bullets, Cards, Paragraph, Plain, Quotation, Section, Verbatim
from .subject import clock, watt_hours

NOTHING_MEASURED = "NO JOULE OF THIS RUN WAS MEASURED"

_BIBTEX = """@software{{crossjoule,
  title   = {{crossjoule: seconds and joules of one network on CPU, GPU
             and analog in-memory hardware}},
  author  = {{{{The crossjoule authors}}}},
  version = {{{version}}},
  year    = {{{year}}},
  note    = {{energy appendix of {files}}}
}}"""

#: Below this share of the joules a series is not said to cover a run.
_COVERED = 0.999

_WORDS = {
    "measured-counter": "measured by counters",
    "measured-sampled": "measured by sampled power",
    "modelled": "modelled",
    "assumed": "assumed",
}


def summary(subject):
    blocks = []
    if subject.measured_share == 0:
        blocks.append(
            Banner(
                [Bold(NOTHING_MEASURED), ": every figure is a model with the interval it states."]
            )
        )
    if subject.warnings:
        blocks.append(Banner([Bold("Read first: "), "; ".join(subject.warnings), "."]))
    blocks.append(Cards(_cards(subject)))
    blocks.append(Paragraph("The statement, to be pasted (a click selects it):", css="reading"))
    blocks.append(Quotation("statement", [sentences(subject)]))
    return Section("summary", "Summary", blocks)


def _cards(subject):
    kinds = ", ".join(f"{percent(subject.share(kind))} {_WORDS[kind]}" for kind in subject.by_kind)
    work, idle = subject.work_and_idle
    energy = [kinds, ["in watt-hours: ", Plain(watt_hours(subject.total))]]
    if idle.present:
        energy.append(["the work itself ", Plain(work), ", idle baselines ", Plain(idle)])
    if len(subject.by_kind) > 1:
        energy[0] = f"{kinds}; labelled by its worst part"
    together = ", all kinds together" if len(subject.by_kind) > 1 else ""
    cards = [("", f"Energy at the meter{together}", subject.total, energy)]
    for name, words in (("average", "for attribution"), ("marginal", "for decisions")):
        found = getattr(subject.carbon, name)
        if found:
            lines = [f"{words}; PUE {subject.assumptions.pue:g} (assumed)", _place(found.series)]
            cards.append(("", f"Carbon, {name} intensity", found.carbon, lines))
    if not subject.grid:
        cards.append(
            ("", "Carbon", Quantity(unit="g"), ["no grid-intensity series was given (--grid FILE)"])
        )
    if subject.carbon.embodied.present:
        hours = f"{digits(subject.carbon.timeline.hours)} h of reserved hardware"
        cards.append(("", "Embodied share", subject.carbon.embodied, [hours]))
    if subject.carbon.sci.present:
        units = f"SCI, R = {subject.assumptions.units:g} functional units"
        cards.append(("", "Carbon per unit", subject.carbon.sci, [units]))
    return cards


def _place(series):
    return series.place or series.file


def percent(share):
    """A share in words; what is there never reads 0, what is not all never reads 100."""
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share < 1 - 1e-12:
        return ">99.9 %"
    return f"{digits(100 * share)} %" if share > 0 else "0 %"


def sentences(subject):
    """The model text of the summary with this run's numbers, as one line."""
    used = [
        f"{doing(subject)} on {_nodes(subject)} took {clock(subject.seconds)} and used ",
        Plain(subject.total),
        " (",
        Plain(watt_hours(subject.total)),
        "; interval with coverage factor 2) within the boundary stated below: ",
        ", ".join(f"{percent(subject.share(kind))} {_WORDS[kind]}" for kind in subject.by_kind),
        ".",
    ]
    return used + _absent(subject) + _overhead(subject) + _idle(subject) + _carbon(subject)


def _absent(subject):
    names = ", ".join(f"{device.node} {device.id}" for device in subject.absent)
    return [f" Absent, and in no sum: {names}."] if names else []


def _overhead(subject):
    pue = subject.assumptions.pue
    if pue == 1:
        return [" No overhead of the data centre is added (PUE 1, assumed)."]
    ends = ((pue - 1) * end for end in (subject.total.low, subject.total.value, subject.total.high))
    more = watt_hours(Quantity(*ends, "assumed", "J"))
    return [f" PUE {pue:g} (assumed) adds ", Plain(more), "."]


def _idle(subject):
    _, idle = subject.work_and_idle
    said = [" Of this ", Plain(idle), " are idle baselines taken apart from the work."]
    said = said if idle.present else []
    read = [d for d in subject.ledger.devices if d.counted and d not in subject.absent]
    boards = [d for d in read if str(d.facts.get("standing", "")).startswith("idle")]
    if boards:
        figure = ledger.total([subject.ledger.of_device(device) for device in boards])
        plural = "s" if len(boards) > 1 else ""
        said += [" Of this ", Plain(figure), f" went into {len(boards)} idle accelerator{plural}."]
    return said


def _carbon(subject):
    carbon, said = subject.carbon, []
    if carbon.average:
        said += [" Location-based carbon: ", Plain(carbon.average.carbon), " CO2e"]
        said += [f" (average intensity, {_series(carbon.average)})"]
    if carbon.marginal:
        said += [" and " if said else " Carbon by marginal intensity: "]
        said += [Plain(carbon.marginal.carbon), f" CO2e (marginal, {_series(carbon.marginal)})"]
    said += ["."] if said else [" Emissions are not stated: no grid-intensity series was given."]
    if carbon.embodied.present:
        said += [" Embodied share: ", Plain(carbon.embodied), " CO2e (assumed)."]
    if carbon.sci.present:
        said += [" SCI: ", Plain(carbon.sci), f" CO2e per unit, R = {carbon.assumptions.units:g}."]
    return said


def _series(found):
    place = f"{found.series.place}, " if found.series.place else ""
    method, _, digest = found.series.digest.partition(" ")
    part = ""
    if found.covered < _COVERED:
        part = f"; the series covers {percent(found.covered)} of the joules, the rest is its mean"
    mean = f"{digits(found.mean_g_per_kwh)} g/kWh"
    return f"{mean}, {place}{found.series.file}, {method} {digest[:12]}{part}"


def doing(subject):
    """What ran, as the start of a sentence."""
    verbs = {record.verb for record in subject.records}
    networks = list(dict.fromkeys(r.network.name for r in subject.records if r.network))
    of = f" of {', '.join(networks)}" if networks else ""
    if len(verbs) > 1 or len(subject.records) > 1:
        count = len(subject.records)
        return f"{count} runs ({', '.join(sorted(verbs))}){of}"
    record = subject.records[0]
    if record.verb == "meter" and record.exists("/result/run/command"):
        command = " ".join(record.text("/result/run/command").split())
        return f"The command “{command if len(command) < 90 else command[:87] + '…'}”"
    names = {
        "train": "Training",
        "infer": "Inference",
        "account": "The work in logs of other tools",
    }
    return names.get(record.verb, f"The verb {record.verb}") + of


def _nodes(subject):
    hosts = {device.host for device in subject.ledger.devices}
    hardware = {  # a node that was weighed twice is one node
        (device.host, device.id): device.name
        for device in subject.ledger.devices
        if device.counted
        and device.facts.get("class") in ("package", "gpu", "module")
        and device.name != device.id
    }
    models = list(hardware.values())
    kinds = [
        f"{models.count(name)} x {name}" if models.count(name) > 1 else name
        for name in dict.fromkeys(models)
    ]
    count = f"{len(hosts)} node{'s' if len(hosts) != 1 else ''}"
    return f"{count} ({', '.join(kinds[:6])})" if kinds else count


def impact(subject):
    """Two sentences for the impact statement, and a reference."""
    from ... import __version__

    emitted = ["No statement on emissions is made, as no grid intensity was known."]
    if subject.carbon.average:
        emitted = [
            "With the average grid intensity of the place and time this is ",
            Plain(subject.carbon.average.carbon),
            " CO2e at the meter and the assumed overhead of the data centre, embodied carbon",
            " included apart." if subject.carbon.embodied.present else " left out.",
        ]
    first = [
        "The experiments reported here used ",
        Plain(subject.total),
        (
            f" of electrical energy ({percent(subject.measured_share)} measured,"
            f" {percent(1 - subject.measured_share)} modelled or assumed). "
        ),
    ]
    created = sorted(str(r.meta.get("created_utc", ""))[:4] for r in subject.records)[-1]
    files = ", ".join(record.name for record in subject.records)
    bibtex = _BIBTEX.format(version=__version__, year=created or "n.d.", files=files)
    return Section(
        "impact",
        "Impact statement",
        [
            Paragraph("Two sentences to paste:", css="reading"),
            Quotation("impact-statement", [first + emitted]),
            Paragraph("Reference (BibTeX):", css="reading"),
            Verbatim("bibtex", bibtex),
        ],
    )


def boundary(subject):
    """What is inside, and what is not."""
    devices = [d for d in subject.ledger.devices if d.counted and d not in subject.absent]
    classes = {}
    for device in devices:
        classes.setdefault(str(device.facts.get("class", "device")), []).append(device)
    inside = [
        f"{name}: {', '.join(dict.fromkeys(device.id for device in some))}"
        for name, some in classes.items()
    ]
    outside = subject.facts("missing_terms") + [
        term for term in subject.facts("assumed_terms") if "left out" in term
    ]
    if "node" not in classes and not any("rest of the node" in term for term in outside):
        outside.append("what no counted device covers: fans, network, disks, losses of the supply")
    checks = [d.id for d in subject.ledger.devices if not d.counted]
    blocks = [
        Paragraph([Bold("Included: "), "; ".join(inside), "."]),
        Paragraph(
            [
                Bold("Excluded: "),
                "; ".join(outside + ["switches, storage and cooling beyond the PUE"]),
                ".",
            ]
        ),
    ]
    if checks:
        names = ", ".join(dict.fromkeys(checks))
        text = "Read but inside of what is included, so in no sum: "
        blocks.append(Paragraph([Bold("Cross-checks: "), text, names, "."]))
    assumed = [term for term in subject.facts("assumed_terms") if "left out" not in term]
    if assumed:
        blocks.append(Paragraph([Bold("Assumed terms: "), "; ".join(assumed), "."]))
    heads = {record.text("/energy/headline") for record in subject.records}
    blocks.append(Bullets([["weighed by: ", head] for head in sorted(heads)]))
    return Section("boundary", "Boundary", blocks)
