# SPDX-License-Identifier: BSD-3-Clause
"""How far to believe it: sensors, uncertainty by term, cross-checks, model inputs, level."""

import math

from ... import ledger
from ...quantity import MEASURED, Quantity, digits
from ..document import Banner, Bold, Bullets, Code, Folded, Pairs, Paragraph, Section, Table
from ..html import KIND_WORDS
from .joules import largest_term
from .statement import percent

#: Two figures of one energy that differ by more are suspect (meter/cross_check.hpp).
_TOLERANCE = 0.1


def sensors(subject):
    rows = [("", _sensor(subject, device)) for device in subject.ledger.devices]
    read = Table(
        ["Node", "Device", "Source", "Kind", "Update", "Reads", "Faults", "Covered", "Accuracy"],
        rows,
        "What was read",
        numeric=(4, 5, 7, 8),
        css="facts-table probe",
        ident="sensors-read",
    )
    blocks = [read, *_checks(subject), *_probe(subject)]
    events = [
        f"{host}: {text}"
        for record, _, _ in subject.labels()
        for host in record.strings("/energy/node")
        for text in [str(record.attributes(f"/energy/nodes/{host}").get("events", ""))]
        if text
    ]
    if events:
        blocks.insert(1, Bullets(events))
    return Section("sensors", "Sensors", blocks)


def _sensor(subject, device):
    facts = device.facts
    faults = [
        f"{words} {int(facts[name])}"
        for name, words in (
            ("failed_reads", "failed"),
            ("resets", "resets"),
            ("gaps", "gaps"),
            ("wraps", "wraps"),
        )
        if facts.get(name)
    ]
    seconds = sum(subject.ledger.seconds.get((device.node, p), 0) for p in subject.ledger.phases)
    covered = float(facts.get("covered_s", math.nan))
    joules = subject.ledger.of_device(device)
    use = "" if device.counted else " (cross-check)"
    return [
        device.node,
        [
            device.id,
            f", {device.facts['name']}" if facts.get("name", device.id) != device.id else "",
        ],
        [str(facts.get("backend", "–")), " ", Code(str(facts.get("path", "–"))), _unit(facts)],
        (KIND_WORDS[device.kind] if joules.present else "absent") + use,
        f"{digits(float(facts['update_s']) * 1e3)} ms" if facts.get("update_s") else "–",
        str(int(facts["reads"])) if "reads" in facts else "–",
        ", ".join(faults) or "none",
        percent(min(1.0, covered / seconds)) if covered >= 0 and seconds > 0 else "–",
        _accuracy(device),
    ]


def _unit(facts):
    return f" in {facts['unit']}" if facts.get("unit") else ""


def _accuracy(device):
    if device.kind not in MEASURED:
        return "model"
    gain = device.facts.get("accuracy")
    return f"±{digits(100 * float(gain), 2)} % (assumed)" if gain is not None else "–"


def _checks(subject):
    rows = []
    for record, book, _ in subject.labels():
        for host, node in zip(record.strings("/energy/node"), book.nodes):
            path = f"/energy/nodes/{host}/cross_checks"
            if not record.exists(f"{path}/what"):
                continue
            ratios = record.array(f"{path}/ratio").values
            for what, ratio in zip(record.strings(f"{path}/what"), ratios):
                off = abs(ratio - 1)
                word = "more than 10 % off" if off > _TOLERANCE else "agree"
                rows.append(("", [node, what, digits(float(ratio), 4), word]))
    if not rows:
        text = "No two sensors weighed the same thing here: nothing could be cross-checked."
        return [Paragraph(text, css="reading")]
    return [
        Table(["Node", "Ratio of", "Value", ""], rows, "Cross-checks between sensors", numeric=(2,))
    ]


def _probe(subject):
    probes = {}
    for record, _, name in subject.labels():
        group = "/energy/probe"
        if not record.exists(f"{group}/backend"):
            continue
        columns = ("host", "backend", "id", "path", "status", "role", "advice")
        cells = [
            (
                record.strings(f"{group}/{one}")
                if record.exists(f"{group}/{one}")
                else ["-"] * len(record.strings(f"{group}/backend"))
            )
            for one in columns
        ]
        rows = tuple(tuple("" if cell == "-" else cell for cell in row) for row in zip(*cells))
        probes.setdefault(rows, []).append(name)
    tables = [
        Table(
            ["Node", "Backend", "Sensor", "Where", "Status", "Role", "Why not, what to do"],
            [("", list(row)) for row in rows],
            f"Every backend that was tried, {', '.join(names)}",
            css="facts-table probe",
        )
        for rows, names in probes.items()
    ]
    if not tables:
        text = "No probe is stored: the readings come from another tool's log."
        return [Paragraph(text, css="reading")]
    return [Folded("Looked for, denied and absent", tables)]


def uncertainty(subject):
    """The interval of the total by device and term. Terms of one device add in squares; devices
    add linearly, since one constant (a vendor's gain) may drive them all."""
    rows, widths = [], []
    for device in (one for one in subject.ledger.devices if one.counted):
        joules = subject.ledger.of_device(device)
        if not joules.present:
            continue
        for name, half in terms(device, joules):
            widths.append(half)
            rows.append((half, [device.node, device.id, name, _half(half, joules)]))
    rows.sort(key=lambda row: -row[0])
    everything = sum(widths) or 1.0
    shown = [("", [*cells, percent(half / everything)]) for half, cells in rows[:16]]
    device, term = largest_term(subject)
    budget = Table(
        ["Node", "Device", "Term", "± joules", "Share"],
        shown,
        "Uncertainty budget, coverage factor 2, largest first",
        numeric=(3, 4),
        ident="budget",
    )
    of = f" of {device}" if device else ""
    blocks = [
        Paragraph(
            [Bold("Largest term: "), f"{term}{of}. ", Bold("What would halve it: ")]
            + [halving(term)]
        ),
        budget,
    ]
    if any(device.kind in MEASURED for device in subject.ledger.devices):
        text = (
            "Gains are what vendors and literature state. None was checked against an external"
            " meter here: they are assumed."
        )
        blocks.append(Paragraph(text, css="reading"))
    return Section("uncertainty", "Uncertainty", blocks)


def terms(device, joules):
    """[(term, half width in J)] of one device's total, from what the record has of it; what is
    left of the stated interval is the last one."""
    half = 0.5 * (joules.high - joules.low)
    if device.kind not in MEASURED:
        return [(str(device.facts.get("largest_error_term") or "model"), half)]
    facts = device.facts
    seconds = float(facts.get("covered_s", 0.0))
    update = float(facts.get("update_s", 0.0))
    watt = joules.value / seconds if seconds > 0 else 0.0
    found = [
        (
            f"gain (±{digits(100 * float(facts.get('accuracy', 0)), 2)} %)",
            float(facts.get("accuracy", 0)) * joules.value,
        )
    ]
    if facts.get("quantum_joule"):
        found.append(
            ("quantum of the counter", 2 * float(facts["quantum_joule"]) * (2 / 12) ** 0.5)
        )
    found.append(("update period at both edges", 2 * watt * update * (2 / 12) ** 0.5))
    square = half**2 - sum(one**2 for _, one in found)
    if square > (1e-3 * half) ** 2:
        found.append(("sampling, duty cycle, gaps and short regions", math.sqrt(square)))
    return found


def _half(half, joules):
    return Quantity(half, half, half, joules.kind, "J")


def halving(term):
    """What to do about a term of meter/uncertainty.cpp."""
    words = term.lower()
    if "load model" in words or "model" == words:
        return (
            "a readable counter (see the advice in the table of sensors); on bare metal, not a"
            " guest."
        )
    if "gb of dram" in words:
        return "a DRAM counter, or memory_gb set to what the job was given."
    if "hidden" in words:
        return "a sensor that shows the hidden boards, or a node meter."
    if "gain" in words:
        return "one comparison with an external meter (IPMI, PDU), which replaces the stated gain."
    if "update" in words or "quantum" in words:
        return "a run twice as long: edges and quanta do not grow with it."
    if "fail" in words or "gap" in words or "reset" in words:
        return "a run without failed reads; the table of sensors counts them."
    if "sampling" in words or "duty" in words:
        return "an energy counter instead of sampled power, or four times the time."
    if "short" in words:
        return "fewer, longer regions, or regions repeated within one."
    return "the record does not say what makes it."


def model(subject):
    """Inputs of the modelled figures, or None where nothing is modelled."""
    blocks = []
    for record, book, name in subject.labels():
        for host, node in zip(record.strings("/energy/node"), book.nodes):
            modelled = any(d.node == node and d.kind == "modelled" for d in book.devices)
            found = record.attributes(f"/energy/nodes/{host}/headline")
            facts = [
                (k[6:].replace("_", " "), str(v)) for k, v in found.items() if k[:6] == "model_"
            ]
            if modelled and facts:
                blocks.append(Folded(f"Inputs of the model on {node}", [Pairs(facts)]))
    if not blocks and not any(d.kind == "modelled" for d in subject.ledger.devices):
        return None
    formula = (
        "P = P_idle + (P_max − P_idle) u^a with the load u of /proc/stat; low, value and high of"
        " each constant give the interval, never narrower than a factor 2 either way. DRAM: watts"
        " per GB of allocated memory (docs/energy.md)."
    )
    return Section("model", "Model inputs", [Paragraph(formula), *blocks])


_LEVELS = {
    0: "below level 1",
    1: "level 1",
    2: "level 2",
    3: "level 3",
}


def level(subject):
    rows = []
    for record, book, _ in subject.labels():
        for host, node in zip(record.strings(f"{ledger.ROOT}/node"), book.nodes):
            found = record.attributes(f"{ledger.ROOT}/nodes/{host}")
            number = found.get("eehpcwg_level")
            words = _LEVELS.get(number, "not recorded")
            why = str(found.get("eehpcwg_why_not_next", "") or "–")
            rows.append(("", [node, words, why]))
    text = (
        "Which level of the EE HPC WG power-measurement methodology this measurement would meet,"
        " and why not the next one. The level is of the measurement, not of the machine."
    )
    return Section(
        "level",
        "EE HPC WG level",
        [
            Paragraph(text),
            Table(["Node", "Would meet", "Why not the next"], rows, "Level of each node"),
        ],
    )


def banner_if_denied(subject):
    """A Banner where a sensor is there and may not be read, else nothing."""
    denied = []
    for record in subject.records:
        if record.exists("/energy/probe/status"):
            backends = record.strings("/energy/probe/backend")
            status = record.strings("/energy/probe/status")
            denied += [backend for backend, word in zip(backends, status) if word == "denied"]
    if not denied:
        return []
    text = (
        f"{', '.join(dict.fromkeys(denied))} is there, but this user may not read it; see Sensors"
    )
    return [Banner([Bold("A sensor was denied: "), text, "."])]
