# SPDX-License-Identifier: BSD-3-Clause
"""Where the joules went: phase x device x node, closing to the total, kinds apart."""

from ... import ledger
from ...quantity import KINDS, Quantity, digits, prefix
from .. import figures
from ..document import Banner, Bold, Folded, Paragraph, Picture, Plain, Section, Table, as_text
from ..html import KIND_WORDS
from .statement import percent

#: Two sums of the same joules may differ by this share: rounding of a million terms.
CLOSURE = 1e-6


def section(subject):
    blocks = [*_plot(subject), _by_phase(subject), *_closure(subject)]
    blocks.append(Folded("Every phase, device and node", [_everything(subject)]))
    regions = _regions(subject)
    if regions:
        blocks.append(Folded("Named regions", regions))
    blocks += _accelerators(subject)
    if len(subject.ledger.nodes) > 1:
        blocks.append(_by_node(subject))
    return Section("joules", "Where the joules went", blocks)


def _plot(subject):
    """A bar per phase and device class of node, kinds side by side and never in one bar."""
    book = subject.ledger
    bars = []
    for phase in book.used_phases():
        for device in dict.fromkeys(one.id for one in book.devices if one.counted):
            for kind in KINDS[:-1]:
                joules = book.sum(phase=phase, device=device, kind=kind)
                if joules.present and joules.high > 0:
                    bars.append((f"{phase} · {device}", joules))
    if not bars:
        return [Paragraph("Every joule of these records is 0: nothing to draw.", css="reading")]
    hidden = sorted(bars, key=lambda bar: -bar[1].value)[24:]
    bars = [bar for bar in bars if bar not in hidden][::-1]
    scale, unit = prefix(max(joules.value for _, joules in bars), "J")
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(9.6, 0.32 * len(bars) + 1.0)
        handles = {}
        for row, (_, joules) in enumerate(bars):
            handles[joules.kind] = figures.bar(axes, row, joules, scale, unit)
        axes.set_yticks(range(len(bars)), [label for label, _ in bars])
        axes.set_xlim(0, 1.18 * max(joules.high for _, joules in bars) / scale)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0, labelcolor=figures.INK)
        axes.set_xlabel(f"energy in {unit}")
        axes.legend(
            [handles[kind] for kind in KINDS if kind in handles],
            [KIND_WORDS[kind] for kind in KINDS if kind in handles],
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncol=4,
        )
    said = "; ".join(
        f"{label}: {digits(joules.value / scale)} {unit}, {KIND_WORDS[joules.kind]}"
        for label, joules in bars[::-1]
    )
    more = f" {len(hidden)} smaller ones are in the table alone." if hidden else ""
    title = "Joules by phase and device"
    svg = figures.inline(drawing, "plot-energy-joules", title, f"{title}. {said}.")
    caption = [
        Bold(f"{title}, "),
        "all nodes together. Colour is the kind of joule, the black line",
    ]
    return [Picture(svg, [*caption, f" its interval.{more}"], f"{title}. {said}.")]


def _by_phase(subject):
    """Phases down, kinds across: the kinds are added up apart."""
    book, kinds = subject.ledger, list(subject.by_kind)
    rows = []
    for phase in book.used_phases():
        seconds = sum(book.seconds.get((node, phase), 0) for node in book.nodes)
        cells = [book.sum(phase=phase, kind=kind) for kind in kinds]
        present = [one for one in cells if one.present]
        share = _share(ledger.total(present), subject.total)
        rows.append(("", [phase, f"{digits(seconds)} s", *map(_cell, cells), share]))
    seconds = sum(book.seconds.values())
    sums = [subject.by_kind[kind] for kind in kinds]
    rows.append(("best", ["sum", f"{digits(seconds)} s", *sums, "100 %"]))
    return Table(
        ["Phase", "Node time", *(KIND_WORDS[kind] for kind in kinds), "Share"],
        rows,
        "Joules by phase; each column is one kind and is added up alone",
        numeric=tuple(range(1, len(kinds) + 3)),
        css="facts-table compact",
        ident="ledger-by-kind",
    )


def _share(part, whole):
    return percent(part.value / whole.value) if part.present and whole.value > 0 else "–"


def _cell(joules):
    return joules if joules.present else "–"


def _closure(subject):
    """The phases against the named regions, an account of its own of the same joules."""
    blocks = []
    whole = subject.total
    words = [Bold("The phases add up to the total: "), Plain(whole)]
    if len(subject.by_kind) > 1:
        parts = ", ".join(
            as_text([Plain(joules), f" {KIND_WORDS[kind]}"])
            for kind, joules in subject.by_kind.items()
        )
        words += [f" ({parts})"]
    measured = _by_regions(subject)
    if measured is not None:
        regions, phases = measured
        off = abs(regions - phases)
        words += [f". Named regions hold {_j(regions)}, the phases of the same nodes"]
        words += [f" {_j(phases)}: a difference of {_j(off)}"]
        if off > CLOSURE * max(phases, 1e-12):
            text = f"named regions hold {_j(regions)}, phases {_j(phases)}: a part is lost"
            blocks.append(Banner([Bold("THE LEDGER DOES NOT CLOSE: "), text, "."]))
    device, term = largest_term(subject)
    words += [". Largest term of its uncertainty: ", Bold(f"{term} ({device})" if device else term)]
    return [Paragraph([*words, "."]), *blocks]


def _j(joules):
    scale, unit = prefix(joules, "J")
    return f"{digits(joules / scale, 4)} {unit or 'J'}"


def largest_term(subject):
    """(device, words) of the term that makes most of the total's interval."""
    widest, found = -1.0, ("", "not recorded")
    for device in (one for one in subject.ledger.devices if one.counted):
        joules = subject.ledger.of_device(device)
        if joules.present and joules.high - joules.low > widest:
            term = str(device.facts.get("largest_error_term", "")) or "not recorded"
            name = "" if device.id in term else device.id
            widest, found = joules.high - joules.low, (name, term)
    return found


def _by_regions(subject):
    """(joules by regions, joules by phases) of the counted devices of all nodes that have regions,
    or None where none has."""
    regions, phases, any_node = 0.0, 0.0, False
    for record, book in zip(subject.records, subject.ledgers):
        hosts = record.strings(f"{ledger.ROOT}/node")
        for host, node in zip(hosts, book.nodes):
            path = f"{ledger.ROOT}/nodes/{host}/regions/joules"
            if not record.exists(path):
                continue
            cube = record.array(path).values
            order = [one for one in book.devices if one.node == node]
            for column, device in enumerate(order[: cube.shape[1]]):
                total = book.of_device(device)
                if device.counted and total.present:
                    any_node = True
                    phases += total.value
                    regions += float(cube[:, column][cube[:, column] == cube[:, column]].sum())
    return (regions, phases) if any_node else None


def _everything(subject):
    book, rows = subject.ledger, []
    phases = book.used_phases()
    for device in book.devices:
        for phase in phases:
            joules = book.joules.get((device.node, device.id, phase), Quantity(unit="J"))
            if joules.present and (
                joules.high > 0 or book.seconds.get((device.node, phase), 0) > 0
            ):
                use = "counted" if device.counted else "cross-check, in no sum"
                rows.append(("", [phase, device.node, device.id, use, joules]))
        whole = book.of_device(device)
        use = "counted" if device.counted else "cross-check, in no sum"
        rows.append(("best", ["all phases", device.node, device.id, use, whole]))
    return Table(
        ["Phase", "Node", "Device", "Use", "Energy"],
        rows,
        "The ledger: phase x device x node",
        numeric=(4,),
        css="facts-table ledger",
        ident="ledger",
    )


def _accelerators(subject):
    """Boards by what they were to the job; whoever reserves a board is charged for it."""
    standings = {}
    for device in subject.ledger.devices:
        if device.counted and device.facts.get("standing"):
            standings.setdefault(str(device.facts["standing"]), []).append(device)
    if not standings:
        return []
    rows = [
        ("", [name, str(len(some)), ledger.total([subject.ledger.of_device(d) for d in some])])
        for name, some in standings.items()
    ]
    return [Table(["Standing", "Boards", "Energy"], rows, "Accelerators", numeric=(1, 2))]


def _by_node(subject):
    rows = [
        ("", [node, *(_cell(subject.ledger.sum(nodes=(node,), kind=k)) for k in subject.by_kind)])
        for node in subject.ledger.nodes
    ]
    kinds = [KIND_WORDS[kind] for kind in subject.by_kind]
    rows.append(("best", ["all nodes", *subject.by_kind.values()]))
    return Table(
        ["Node", *kinds],
        rows,
        "Joules by node",
        numeric=tuple(range(1, len(kinds) + 1)),
        css="facts-table compact",
    )


def _regions(subject):
    tables = []
    for record, book in zip(subject.records, subject.ledgers):
        for host, node in zip(record.strings(f"{ledger.ROOT}/node"), book.nodes):
            path = f"{ledger.ROOT}/nodes/{host}/regions"
            if not record.exists(f"{path}/joules"):
                continue
            tables.append(_region_table(record, book, node, path))
    return tables


def _region_table(record, book, node, path):
    names, phases = record.strings(f"{path}/name"), record.strings(f"{path}/phase")
    cubes = [record.array(f"{path}/joules{end}").values for end in ("_low", "", "_high")]
    seconds, count = record.array(f"{path}/seconds").values, record.array(f"{path}/count").values
    devices = [one for one in book.devices if one.node == node]
    kinds = [kind for kind in KINDS if any(d.counted and d.kind == kind for d in devices)]
    rows = []
    for row, name in enumerate(names[:40]):
        parts = [
            Quantity(*(float(cube[row, column]) for cube in cubes), device.kind, "J")
            for column, device in enumerate(devices[: cubes[1].shape[1]])
            if device.counted and cubes[1][row, column] == cubes[1][row, column]
        ]
        cells = [name, phases[row], str(int(count[row])), f"{digits(float(seconds[row]))} s"]
        sums = [ledger.total([one for one in parts if one.kind == kind]) for kind in kinds]
        rows.append(("", [*cells, *map(_cell, sums)]))
    more = f" (the first 40 of {len(names)})" if len(names) > 40 else ""
    return Table(
        ["Region", "Phase", "Opened", "Innermost for", *(KIND_WORDS[kind] for kind in kinds)],
        rows,
        f"Regions of {node}{more}: joules while each was innermost",
        numeric=tuple(range(2, 4 + len(kinds))),
        css="facts-table compact",
    )
