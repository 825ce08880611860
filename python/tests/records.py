# SPDX-License-Identifier: BSD-3-Clause
"""Synthetic records in the layout of docs/file_format.md, for tests: every number is invented."""

import h5py
import numpy as np

DIGEST = "0123456789abcdef0123456789abcdef"
OTHER_DIGEST = "fedcba9876543210fedcba9876543210"
CPU, CHIP = "Example CPU 2-core", "hermes-64"
GRAPH = "graph svdd\nlayer0 = linear(input) out_features=512 bias=true\nelu0 = elu(layer0)\n"
TOML = (
    '# a study, verbatim <with "odd" characters & more>\noutput = "infer.h5"\n[sweep]\nbatches ='
    " [1, 10]\n"
)
TEXTS = (
    "platform",
    "mode",
    "device",
    "precision",
    "boundary",
    "missing_terms",
    "assumed_terms",
    "note",
)
FIGURES = ("latency", "seconds_per_sample", "joules_per_sample", "idle_joules_per_sample")
ABSENT = (float("nan"),) * 3 + ("absent",)


class Writer:
    """The few calls of core::H5File that a record needs: units, descriptions, Fletcher32."""

    def __init__(self, path, verb, *, network="svdd", digest=DIGEST):
        self.file = h5py.File(path, "w", libver=("earliest", "v110"))
        self.attributes(
            "/meta",
            {
                "format": "crossjoule-record",
                "format_version": 1,
                "verb": verb,
                "created_utc": "2026-01-02T03:04:05Z",
                "command": f"crossjoule {verb} study.toml",
            },
        )
        self.attributes("/input", {"path": "study.toml"})
        self.text("/input/config", TOML)
        self.attributes("/build", {"version": "0.1.0", "compiler": "g++ 12.2", "tuned_for": "host"})
        self.attributes("/system", {"cpu": CPU, "cores": 2})
        if network:
            self.attributes(
                "/graph", {"name": network, "digest": digest, "params": 205325, "macs": 204416}
            )
            self.text("/graph/text", GRAPH)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def attributes(self, group, values):
        node = self.file[group] if group in self.file else self.file.require_group(group)
        for name, value in values.items():
            node.attrs[name] = np.bytes_(value.encode()) if isinstance(value, str) else value

    def array(self, name, values, unit="1", description="invented"):
        node = self.file.create_dataset(name, data=values, fletcher32=np.size(values) > 0 or None)
        node.attrs["unit"] = np.bytes_(unit)
        node.attrs["description"] = np.bytes_(description)

    def strings(self, name, values):
        encoded = [value.encode() for value in values]
        width = max([1, *map(len, encoded)])
        self.array(name, np.array(encoded, dtype=f"S{width}"))

    def text(self, name, value):
        self.array(name, np.frombuffer(value.encode(), dtype=np.uint8))

    def quantity(self, name, low, value, high, kind, unit):
        self.attributes(
            name,
            {
                "low": low,
                "value": value,
                "high": high,
                "kind": kind,
                "unit": unit,
                "description": "invented",
            },
        )

    def points(self, rows):
        """rows: dicts of the columns; figures are (low, value, high, kind)."""
        for name in TEXTS:
            self.strings(f"/result/points/{name}", [row.get(name, "") for row in rows])
        for name in ("batch", "ranks"):
            self.array(
                f"/result/points/{name}",
                np.array([row.get(name, 1) for row in rows], dtype=np.int64),
            )
        for name in FIGURES:
            figures = [row.get(name, ABSENT) for row in rows]
            for index, end in enumerate(("_low", "", "_high")):
                self.array(
                    f"/result/points/{name}{end}",
                    np.array([figure[index] for figure in figures], float),
                    "J" if "joules" in name else "s",
                )
            self.strings(f"/result/points/{name}_kind", [figure[3] for figure in figures])


def around(value, spread, kind):
    return value / spread, value, value * spread, kind


def digital_rows(kind="modelled", batches=(1, 10, 100, 1000, 10000, 100000), power=14.0):
    rows = []
    for mode, speed in (("one-network", 1.0), ("copy-per-core", 1.25)):
        for batch in batches:
            latency = (8e-6 + 4.6e-6 * batch) / speed
            per_sample = latency / batch
            for boundary, watt in (("chip", 0.8 * power), ("system", power)):
                spread = 2.0 if kind == "modelled" else 1.06
                rows.append(
                    dict(
                        platform=CPU,
                        mode=mode,
                        device="cpu",
                        precision="fp32",
                        batch=batch,
                        ranks=2,
                        boundary=boundary,
                        latency=around(latency, 1.04, "measured-counter"),
                        seconds_per_sample=around(per_sample, 1.05, "measured-counter"),
                        joules_per_sample=around(watt * per_sample, spread, kind),
                        idle_joules_per_sample=around(0.3 * watt * per_sample, spread, kind),
                        assumed_terms="rest of node excluded" if boundary == "system" else "",
                    )
                )
    return rows


def analog_rows(missing="host_idle_watts", batches=(1, 10, 100, 1000, 10000, 100000)):
    rows = []
    for mode, step, joules in (
        ("four-phase", 521e-9, 5.3e-7),
        ("one-phase (peak)", 133e-9, 1.35e-7),
    ):
        for batch in batches:
            for boundary in ("device", "chip", "system"):
                rows.append(
                    dict(
                        platform=CHIP,
                        mode=mode,
                        device="analog",
                        precision="8 bit in, 8 bit out",
                        batch=batch,
                        boundary=boundary,
                        latency=around((batch + 3) * step, 1.003, "modelled"),
                        seconds_per_sample=around((batch + 3) * step / batch, 1.003, "modelled"),
                        joules_per_sample=around(
                            joules * (1 + 2 * (boundary != "device")), 1.3, "modelled"
                        ),
                        missing_terms=missing if boundary == "system" else "",
                        assumed_terms="digital_joules_per_output" if boundary != "device" else "",
                    )
                )
        rows.append(
            dict(
                rows[-1],
                mode=f"{mode}, at 40.0 MHz",
                batch=1,
                ranks=21,
                note="single samples at a fixed rate on 21 powered copies",
            )
        )
    return rows


def write_infer(
    path, *, kind="modelled", network="svdd", digest=DIGEST, accuracy=True, energy=True
):
    with Writer(path, "infer", network=network, digest=digest) as record:
        record.points(digital_rows(kind))
        if accuracy:
            write_accuracy(record)
        if energy:
            write_energy(record, kind)
    return str(path)


def write_estimate(path, *, missing="host_idle_watts", network="svdd", digest=DIGEST):
    with Writer(path, "estimate", network=network, digest=digest) as record:
        rows = analog_rows(missing)
        record.points(rows)
        for mode, joules in (("four-phase", 5.3e-7), ("one-phase", 1.35e-7)):
            _write_estimate(record, f"/result/estimate/{CHIP}/{mode}", mode, joules)
    return str(path)


def _write_estimate(record, group, mode, joules):
    record.attributes(
        group,
        {
            "chip": CHIP,
            "mode": mode + (" (peak)" if mode == "one-phase" else ""),
            "standing": "sustained",
            "tiles": 10,
            "chips": 1,
            "weights": 204416,
            "utilisation": 0.312,
            "depth": 4,
            "rate_hz": 1.92e6,
            "fixed_rate_hz": 4e7,
            "fixed_rate_replicas": 21,
            "fixed_rate_chips": 4,
        },
    )
    record.quantity(f"{group}/product", 5.2e-7, 5.21e-7, 5.22e-7, "modelled", "s")
    record.quantity(f"{group}/interval", 5.2e-7, 5.21e-7, 5.22e-7, "modelled", "s")
    record.quantity(f"{group}/product_energy", 5.2e-8, 5.285e-8, 5.3e-8, "modelled", "J")
    record.quantity(f"{group}/chip_area", 40.0, 40.25, 40.5, "modelled", "mm2")
    record.strings(f"{group}/layers/name", ["layer0", "layer1", "layer2", "layer3"])
    sizes = {
        "inputs": [77, 513, 257, 129],
        "outputs": [512, 256, 128, 13],
        "row_tiles": [1, 3, 2, 1],
        "column_tiles": [2, 1, 1, 1],
        "vectors": [1, 1, 1, 1],
    }
    for name, values in sizes.items():
        record.array(f"{group}/layers/{name}", np.array(values, dtype=np.int64))
    for name, kind in (("digital_joules_per_output", "assumed"), ("host_idle_watts", "absent")):
        record.attributes(
            f"{group}/terms/{name}",
            {
                "kind": kind,
                "unit": "J",
                "boundary": "chip",
                "description": "what the digital units take",
            },
        )
    record.attributes(
        f"{group}/terms/digital_joules_per_output",
        {"low": 1e-12, "value": 2e-12, "high": 4e-12, "citation": "a reason"},
    )
    record.array(f"{group}/parts/batch", np.array([1, 10, 100], dtype=np.int64))
    share = {"mvm": 1.0, "digital": 0.4, "links": 0.1, "static": 0.7, "host_link": 0.3}
    nothing = np.full(3, np.nan)
    for boundary, parts in (
        ("device", ["mvm"]),
        ("chip", ["mvm", "digital", "links", "static"]),
        ("system", ["mvm", "digital", "links", "static", "host_link"]),
    ):
        for name in (*share, "host_idle"):
            value = np.full(3, joules * share[name]) if name in parts else nothing
            for end, factor in (("low", 0.8), ("value", 1.0), ("high", 1.3)):
                record.array(f"{group}/parts/{boundary}/{name}_{end}", value * factor, "J")


def write_train(path, *, network="svdd", digest=DIGEST, epochs=10):
    with Writer(path, "train", network=network, digest=digest) as record:
        epoch = np.arange(epochs)
        record.array("/result/train_loss", 2.2 * np.exp(-0.5 * epoch) + 0.21)
        record.array("/result/validation_loss", 2.1 * np.exp(-0.45 * epoch) + 0.23)
        record.attributes("/result", {"best_epoch": epochs, "reduce": "exact", "ranks": 2})
        write_energy(record, "modelled", "train")
    return str(path)


SIGNALS = {"A -> 4l": 0.951, "h0 -> tau tau": 0.873, "h+- -> tau nu": 0.942, "leptoquark": 0.914}
PHASES = (
    "init",
    "data",
    "train",
    "inference",
    "communication",
    "checkpoint",
    "idle",
    "meter",
    "unattributed",
)


def write_accuracy(record):
    """/result/accuracy: a row per signal and false-positive rate."""
    group, rates = "/result/accuracy", (1e-4, 1e-5)
    record.attributes(
        group,
        {
            "background_events": 2_000_000,
            "background_score_mean": 0.41,
            "background_score_deviation": 0.13,
        },
    )
    rows = [(name, auc, rate) for name, auc in SIGNALS.items() for rate in rates]
    record.strings(f"{group}/signal", [name for name, _, _ in rows])
    record.array(f"{group}/events", np.full(len(rows), 50_000, dtype=np.int64))
    record.array(f"{group}/false_positive_rate", np.array([rate for _, _, rate in rows]))
    for end, shift in (("_low", -0.002), ("", 0.0), ("_high", 0.002)):
        record.array(f"{group}/auc{end}", np.array([auc + shift for _, auc, _ in rows]))
        record.array(
            f"{group}/true_positive_rate{end}",
            np.array([0.03 * auc * (1 + 20 * shift) for _, auc, _ in rows]),
        )
    record.strings(f"{group}/refused", ["" for _ in rows])


def write_energy(record, kind, phase="inference"):
    """/energy: two counted devices and one cross-check, by phase."""
    devices = ["cpu", "dram", "psys"]
    cube = np.full((1, len(devices), len(PHASES)), np.nan)
    for device, watt in enumerate((12.0, 2.0, 20.0)):
        cube[0, device] = 0
        for name, seconds in (("init", 0.2), ("data", 1.4), (phase, 42.0), ("unattributed", 0.3)):
            cube[0, device, PHASES.index(name)] = watt * seconds
    spread = 2.0 if kind == "modelled" else 1.05
    stem = f"/energy/joules/{kind.replace('-', '_')}"
    for end, factor in (("_low", 1 / spread), ("", 1.0), ("_high", spread)):
        record.array(stem + end, cube * factor, "J")
    record.strings("/energy/phases/name", PHASES)
    record.array("/energy/phases/seconds", np.array([[0.2, 1.4, 0, 0, 0, 0, 0, 0, 0.3]]), "s")
    record.strings("/energy/node", ["host-a"])
    record.strings("/energy/device_order", [" ".join(devices)])
    for device in devices:
        record.attributes(
            f"/energy/nodes/host-a/devices/{device}",
            {"kind": kind, "use": "cross-check" if device == "psys" else "counted"},
        )
    record.text(
        "/energy/headline",
        (
            "MODELLED (no sensor: a guest cannot see host joules)"
            if kind == "modelled"
            else "RAPL package + dram, measured-counter"
        ),
    )
    for name, values in (
        ("backend", ["powercap", "nvml"]),
        ("id", ["-", "-"]),
        ("status", ["absent", "absent"]),
        ("role", ["not used", "not used"]),
        ("advice", ["run on bare metal", "-"]),
    ):
        record.strings(f"/energy/probe/{name}", values)
