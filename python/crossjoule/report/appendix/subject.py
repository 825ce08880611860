# SPDX-License-Identifier: BSD-3-Clause
"""What an appendix is about: the metered records, their joint ledger, the emissions."""

import os
from dataclasses import dataclass, field
from functools import cached_property

from ... import emissions, ledger
from ...errors import BadInput
from ...quantity import MEASURED, Quantity, digits

#: Two records of one host whose times overlap by more than this weighed the same joules.
_OVERLAP_NS = 1_000_000_000


@dataclass
class Subject:
    """records: those with a ledger; others: the rest (estimates). carbon: emissions.Carbon of all
    of them together. warnings: what a reader has to know before using any sum."""

    records: list
    others: list
    ledgers: list
    carbon: object
    grid: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    def __post_init__(self):
        self.ledger = ledger.join(self.ledgers)
        self.total = self.ledger.sum()
        self.by_kind = self.ledger.by_kind()

    @property
    def assumptions(self):
        return self.carbon.assumptions

    @property
    def work_and_idle(self):
        """(joules without the idle baselines, joules of the baselines); the second is absent where
        no baseline was taken."""
        work, idle = [], []
        for record, book in zip(self.records, self.ledgers):
            has_baseline = record.exists("/energy/baseline/power_watt")
            work += book.of(skip=("idle",) if has_baseline else ())
            idle += book.of(phase="idle") if has_baseline else []
        return ledger.total(work), ledger.total(idle)

    @property
    def seconds(self):
        """Time of all records, one after another; of a record, that of its slowest node."""
        return sum(duration(book) for book in self.ledgers)

    def share(self, *kinds):
        """Share of the joules that are of these kinds."""
        if not self.total.value > 0:
            return 0.0
        return sum(self.by_kind[kind].value for kind in kinds if kind in self.by_kind) / (
            self.total.value
        )

    @property
    def measured_share(self):
        return self.share(*MEASURED)

    @cached_property
    def absent(self):
        """Counted devices without any joule: their energy is not 0, nobody knows it."""
        return [
            device
            for device in self.ledger.devices
            if device.counted and not self.ledger.of_device(device).present
        ]

    def facts(self, name):
        """An attribute of /result/run over all records, "; " between them, each once."""
        found = []
        for record in self.records:
            text = str(record.attributes("/result/run").get(name, ""))
            found += [part for part in text.split("; ") if part and part not in found]
        return found

    def labels(self):
        """(record, ledger, name) of each record."""
        return list(zip(self.records, self.ledgers, _names(self.records)))


def gather(records, grid, assumptions):
    """A Subject; `grid` are grid.Series. BadInput where no record holds joules, or one twice."""
    _refuse_twins(records)
    kept = [record for record in records if _has_joules(record)]
    others = [record for record in records if record not in kept]
    ledgers = [ledger.read(record, label) for record, label in zip(kept, _labels(kept))]
    if not kept:
        raise BadInput(
            f"{', '.join(record.path for record in records)}: no joules in there (the appendix is"
            " about metered runs) give a record of meter, train, infer or account"
        )
    carbon = emissions.carbon_of(emissions.timeline(kept), grid, assumptions)
    return Subject(kept, others, ledgers, carbon, grid, _warnings(kept, ledgers))


def _has_joules(record):
    book = ledger.read(record)
    return book is not None and book.sum().present


def _refuse_twins(records):
    seen = {}
    for record in records:
        digest = record.sha256()
        if digest in seen:
            raise BadInput(
                f"{record.path} and {seen[digest]} hold the same bytes (their joules would be"
                " counted twice) name one of them"
            )
        seen[digest] = record.path


def _names(records):
    names = [record.name for record in records]
    return [
        name if names.count(name) == 1 else os.path.join(os.path.basename(_folder(record)), name)
        for name, record in zip(names, records)
    ]


def _folder(record):
    return os.path.dirname(os.path.abspath(record.path))


def _labels(records):
    """Put before node names, so that they differ: "" for a single record."""
    if len(records) == 1:
        return [""]
    labels = [f"{os.path.splitext(name)[0]}: " for name in _names(records)]
    return [
        label if labels.count(label) == 1 else f"{index + 1} {label}"
        for index, label in enumerate(labels)
    ]


def _warnings(records, ledgers):
    found = _overlaps(records)
    unread = {}
    for record, book in zip(records, ledgers):
        run = record.attributes("/result/run")
        if "complete" in run and not run["complete"]:
            found.append(
                f"{record.name} is of a run that was killed: it ends where the record ends"
            )
        if float(run.get("coverage", 1.0)) < 0.999:
            found.append(
                f"{record.name} covers {digits(100 * run['coverage'])} % of its time only: its"
                " total is not complete"
            )
        for device in book.devices:
            if device.counted and not book.of_device(device).present:
                unread.setdefault(device.id, []).append(device.node)
    for name, nodes in unread.items():
        where = ", ".join(nodes) if len(nodes) < 5 else f"{len(nodes)} nodes"
        found.append(f"{name} of {where}: absent, in no sum (its energy is unknown, not 0)")
    terms = [str(record.attributes("/result/run").get("missing_terms", "")) for record in records]
    found += [f"no value for: {term}" for term in dict.fromkeys(terms) if term]
    return found


def _overlaps(records):
    """Records of one host at the same time, such as a program that weighed itself below another
    meter: their joules are the same ones."""
    spans, found = [], []
    for record in records:
        times = emissions.timeline([record])
        first, last = int(times.begin_ns.min()), int(times.end_ns.max())
        for host in record.strings("/energy/node"):
            for other, name, begin, end in spans:
                if name == host and min(last, end) - max(first, begin) > _OVERLAP_NS:
                    found.append(
                        f"{other} and {record.name} weighed {host} at the same time: the sum counts"
                        " its joules twice; give one of them"
                    )
            spans.append((record.name, host, first, last))
    return found


def duration(book):
    """Seconds of a ledger: its slowest node's."""
    return max(
        (sum(book.seconds.get((node, phase), 0) for phase in book.phases) for node in book.nodes),
        default=0.0,
    )


def watt_hours(joules):
    """The same energy in Wh."""
    ends = (end / 3600 for end in (joules.low, joules.value, joules.high))
    return Quantity(*ends, joules.kind, "Wh") if joules.present else Quantity(unit="Wh")


def clock(seconds):
    """41 min 12 s; 0.84 s."""
    if seconds < 100:
        return f"{digits(seconds)} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return " ".join(
        f"{number} {unit}"
        for number, unit in ((hours, "h"), (minutes, "min"), (rest, "s"))
        if number or unit == "s"
    )
