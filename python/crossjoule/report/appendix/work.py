# SPDX-License-Identifier: BSD-3-Clause
"""Hardware, software, work done, repeats, scaling, the analog estimate, life cycle, recomputing."""

import math
import os
import shlex

from ... import emissions, ledger
from ...quantity import Quantity, digits
from ..document import Bold, Code, Folded, Pairs, Paragraph, Section, Table, Verbatim
from .subject import clock, duration

#: 97.5th percentiles of Student's t for 1 to 30 degrees of freedom, then the normal one.
_T = (
    "12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 2.160 2.145 2.131"
    " 2.120 2.110 2.101 2.093 2.086 2.080 2.074 2.069 2.064 2.060 2.056 2.052 2.048 2.045 2.042"
).split()


def hardware(subject):
    blocks = []
    for record, _, name in subject.labels():
        facts = [("command", Code(str(record.meta.get("command", "not recorded"))))]
        facts += [(f"system: {key}", str(value)) for key, value in record.system.items()]
        facts += [(f"build: {key}", str(value)) for key, value in record.build.items()]
        facts.append(("created", str(record.meta.get("created_utc", "not recorded"))))
        facts.append(("file SHA-256", Code(record.sha256())))
        blocks.append(Folded(f"{name} ({record.verb})", [Pairs(facts)]))
    return Section("hardware", "Hardware and software", blocks)


def work(subject):
    rows = []
    for record, book, name in subject.labels():
        joules, seconds = book.sum(), duration(book)
        done = _done(record, book)
        edp = Quantity(*(end * seconds for end in _ends(joules)), joules.kind, "J s")
        rows.append(("", [name, clock(seconds), joules, edp, *done]))
    blocks = [
        Table(
            ["Record", "Time", "Energy", "Energy x time (EDP)", "Work", "Energy per unit of work"],
            rows,
            "Work done",
            numeric=(1, 2, 3),
            ident="work-table",
        ),
        *_repeats(subject),
    ]
    return Section("work", "Work", blocks)


def _ends(quantity):
    return quantity.low, quantity.value, quantity.high


def _over(quantity, count, unit="J"):
    return Quantity(*(end / count for end in _ends(quantity)), quantity.kind, unit)


def _done(record, book):
    """[what was done, its energy per unit] as lines."""
    timing = record.attributes("/timing")
    if record.verb == "train" and timing.get("train_seconds"):
        samples = float(timing.get("samples_per_second", 0)) * float(timing["train_seconds"])
        epochs = (
            len(record.array("/result/train_loss")) if record.exists("/result/train_loss") else 0
        )
        joules = book.sum(phase="train")
        if samples >= 1 and joules.present:
            line = [_over(joules, samples), " per sample of training"]
            flops = record.attributes("/cost/forward").get("flops", 0)
            flops += record.attributes("/cost/backward").get("flops", 0)
            if flops:
                each = _over(joules, samples * flops)
                line += [", ", each, " per FLOP"]
            return [f"{samples:.0f} samples in {epochs} epochs", line]
    if record.exists("/result/points/joules_per_sample"):
        values = record.array("/result/points/joules_per_sample").values
        kinds = record.strings("/result/points/joules_per_sample_kind")
        boundary = record.strings("/result/points/boundary")
        batch = record.array("/result/points/batch").values
        low = record.array("/result/points/joules_per_sample_low").values
        high = record.array("/result/points/joules_per_sample_high").values
        rows = [
            k for k in range(len(values)) if math.isfinite(values[k]) and boundary[k] == "system"
        ]
        if rows:
            best = min(rows, key=lambda k: values[k])
            figure = Quantity(
                float(low[best]), float(values[best]), float(high[best]), kinds[best], "J"
            )
            line = [figure, f" per sample (best of {len(rows)}, batch {int(batch[best])}, system)"]
            return [f"sweep of {len(rows)} points", line]
    run = record.attributes("/result/run")
    if "exit_status" in run:
        cpu = float(run.get("user_s", 0)) + float(run.get("system_s", 0))
        return [f"a command, exit code {run['exit_status']}, {digits(cpu)} s of CPU", "–"]
    return ["not recorded", "–"]


def _groups(subject):
    """Records of the same work: verb, network and ranks."""
    groups = {}
    for record, book, name in subject.labels():
        what = record.network.digest if record.network else record.meta.get("command", name)
        ranks = int(record.attributes("/result").get("ranks", 1))
        groups.setdefault((record.verb, what), {}).setdefault(ranks, []).append((record, book))
    return groups


def _repeats(subject):
    rows = []
    for (verb, _), by_ranks in _groups(subject).items():
        for ranks, runs in by_ranks.items():
            if len(runs) < 2:
                continue
            joules = [book.sum().value for _, book in runs]
            mean = sum(joules) / len(joules)
            spread = math.sqrt(sum((one - mean) ** 2 for one in joules) / (len(joules) - 1))
            half = _student(len(joules) - 1) * spread / math.sqrt(len(joules))
            kind = ledger.total([book.sum() for _, book in runs]).kind
            figure = Quantity(mean - half, mean, mean + half, kind, "J")
            rows.append(("", [verb, str(ranks), str(len(runs)), figure, _olympic(runs)]))
    if not rows:
        return [Paragraph("No work was repeated: there is no interval over runs.", css="reading")]
    return [
        Table(
            ["Verb", "Ranks", "Repeats", "Mean energy, 95 % over runs", "Olympic mean"],
            rows,
            "Repeats of the same work",
            numeric=(1, 2, 3, 4),
        )
    ]


def _olympic(runs):
    """Mean energy without the fastest and the slowest run (MLPerf); needs three."""
    if len(runs) < 3:
        return "needs 3 runs"
    ordered = sorted(runs, key=lambda run: duration(run[1]))[1:-1]
    return _over(ledger.total([book.sum() for _, book in ordered]), len(ordered))


def _student(degrees):
    return float(_T[degrees - 1]) if degrees <= len(_T) else 1.96


def scaling(subject):
    """Energy against ranks, or None where all records have the same number."""
    rows = []
    for (verb, _), by_ranks in _groups(subject).items():
        if len(by_ranks) < 2:
            continue
        first = min(by_ranks)
        base = by_ranks[first][0][1]
        for ranks in sorted(by_ranks):
            book = by_ranks[ranks][0][1]
            joules, seconds = book.sum(), duration(book)
            speed = duration(base) * first / (seconds * ranks) if seconds > 0 else math.nan
            ratio = base.sum().value / joules.value if joules.value > 0 else math.nan
            cells = [verb, str(ranks), clock(seconds), joules, digits(speed), digits(ratio)]
            rows.append(("", cells))
    if not rows:
        return None
    return Section(
        "scaling",
        "Scaling of energy",
        [
            Table(
                ["Verb", "Ranks p", "Time", "Energy E(p)", "Efficiency of time", "E(1) / E(p)"],
                rows,
                "The same work on several numbers of ranks",
                numeric=(1, 2, 3, 4, 5),
            )
        ],
    )


def analog(subject):
    """Chips of estimate records, chip alone and whole system apart; None without such a record."""
    rows = []
    for record in subject.others:
        group = "/result/points"
        if record.verb != "estimate" or not record.exists(f"{group}/joules_per_sample"):
            continue
        points = record.group(group)
        text = {
            name: record.strings(f"{group}/{name}")
            for name in ("platform", "mode", "boundary", "joules_per_sample_kind", "missing_terms")
        }
        for index in range(len(text["platform"])):
            if text["boundary"][index] not in ("chip", "system") or points.batch[index] != 1:
                continue
            ends = [
                float(points["joules_per_sample" + end][index]) for end in ("_low", "", "_high")
            ]
            figure = Quantity(*ends, text["joules_per_sample_kind"][index], "J")
            missing = text["missing_terms"][index]
            cells = [f"{text['platform'][index]}, {text['mode'][index]}", text["boundary"][index]]
            rows.append(("", [*cells, figure, f"partial: {missing}" if missing else "all terms"]))
    if not rows:
        return None
    note = (
        "Each is an estimate compared with a measurement (where the runs above were measured):"
        " computed from published figures of chips, assumptions included, no joule of it read from"
        " a device. A partial line lacks the terms it names and gives no ratio; crossjoule compare"
        " forms ratios within one boundary, with their intervals."
    )
    return Section(
        "analog",
        "Analog estimate",
        [
            Paragraph([Bold("An estimate compared with a measurement. "), note]),
            Table(
                ["Chip", "Boundary", "Energy per sample, batch 1", "Terms"],
                rows[:40],
                "Analog in-memory chips",
                numeric=(2,),
            ),
        ],
    )


def life_cycle(subject):
    parts, idle = [], _idle(subject)
    whole = subject.total
    if idle.present:
        dynamic = max(0.0, whole.value - idle.value)
        low, high = max(0.0, whole.low - idle.high), max(0.0, whole.high - idle.low)
        parts.append(("dynamic (total less idle)", Quantity(low, dynamic, high, idle.kind, "J")))
        parts.append(("idle power x time", idle))
    else:
        parts.append(("dynamic and idle", "not split: no idle baseline and no model of it"))
    embodied = subject.carbon.embodied
    parts.append(
        ("embodied, in carbon", embodied if embodied.present else "left out (--embodied-kg)")
    )
    rows = [("", [name, book.sum(), record.verb]) for record, book, name in subject.labels()]
    rows.append(("best", ["all records given", subject.total, ""]))
    blocks = [
        Pairs(parts),
        Table(["Record", "Energy", "Verb"], rows, "This run and those given with it", numeric=(1,)),
        *_break_even(subject),
    ]
    return Section("life-cycle", "Life-cycle ledger", blocks)


def _idle(subject):
    """Idle power x time of the records that tell it, absent as soon as one does not."""
    found = []
    for record, book in zip(subject.records, subject.ledgers):
        path = "/energy/baseline"
        if not record.exists(f"{path}/power_watt"):
            return Quantity(unit="J")
        ends = [record.array(f"{path}/power_watt{end}").values for end in ("_low", "", "_high")]
        hosts, names = record.strings(f"{path}/host"), record.strings(f"{path}/device")
        counted = {(d.host, d.id): d for d in book.devices if d.counted}
        for index, key in enumerate(zip(hosts, names)):
            if key in counted:
                device = counted[key]
                seconds = sum(book.seconds.get((device.node, phase), 0) for phase in book.phases)
                low, value, high = (float(end[index]) * seconds for end in ends)
                found.append(Quantity(low, value, high, device.kind, "J"))
    return ledger.total(found)


def _break_even(subject):
    """How many inferences take as much as the training did."""
    training = [b.sum() for r, b, _ in subject.labels() if r.verb == "train"]
    each = [
        done[1][0]
        for record, book, _ in subject.labels()
        if record.verb == "infer"
        for done in [_done(record, book)]
        if isinstance(done[1], list) and done[1][0].value > 0
    ]
    if not training or not each:
        return []
    cost, one = ledger.total(training), each[0]
    count, low, high = cost.value / one.value, cost.low / one.high, cost.high / one.low
    said = (
        f"{digits(count)} [{digits(low)}, {digits(high)}] inferences take as much as the training"
    )
    return [Paragraph([Bold("Break-even: "), said, "."])]


def recompute(subject, options):
    """The commands that rebuild every figure with other assumptions."""
    assumed = subject.assumptions
    words = ["crossjoule-report", "--energy"]
    words += [os.path.basename(path) for path in options.records]
    for path in options.grid:
        words += ["--grid", os.path.basename(path)]
    words += ["--pue", f"{assumed.pue:g}"]
    if options.column != "direct":
        words += ["--column", options.column]
    if options.label != "default":
        words += ["--label", options.label]
    if options.place:
        words += ["--place", options.place]
    if assumed.embodied_kg or options.embodied_kg:
        words += ["--embodied-kg", f"{assumed.embodied_kg:g}"]
    for name in ("embodied_low_kg", "embodied_high_kg"):
        if getattr(assumed, name) is not None:
            words += [f"--{name.replace('_', '-')}", f"{getattr(assumed, name):g}"]
    words += ["--life-hours", f"{assumed.life_hours:g}"]
    words += ["--reserved-share", f"{assumed.reserved_share:g}"]
    if assumed.units:
        words += ["--units", f"{assumed.units:g}"]
    words += ["-o", os.path.basename(options.output)]
    lines = [" ".join(map(shlex.quote, words))]
    lines += [_verb(record, options, assumed) for record in subject.records]
    text = (
        "The records hold joules and time stamps; carbon is computed from them at every call."
        " Change a number and every figure above changes with it. No file was altered for this"
        " page."
    )
    return Section(
        "recompute",
        "How to recompute",
        [Paragraph(text), Verbatim("recompute-command", "\n".join(lines))],
    )


def _verb(record, options, assumed):
    """The same with the C++ program; a table by country is no series for it."""
    words = ["crossjoule", "carbon", os.path.basename(record.path)]
    keys = []
    if options.grid and not options.place:
        names = ", ".join(f'"{os.path.basename(path)}"' for path in options.grid)
        keys.append(f"grid=[{names}]")
    if options.column != "direct":
        keys.append(f"column={options.column}")
    plain = emissions.Assumptions()
    for name in emissions.Assumptions.__dataclass_fields__:
        value = getattr(assumed, name)
        if name == "pue" or (value is not None and value != getattr(plain, name)):
            keys.append(f"{name}={value:g}")
    for key in keys:
        words += ["--set", key]
    return " ".join(map(shlex.quote, words))
