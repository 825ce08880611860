# SPDX-License-Identifier: BSD-3-Clause
"""A synthetic metered record with everything in it: two nodes, every kind of joule, a wrap, a
denied sensor, a device without any reading, spans of phases. Every number is invented."""

import numpy as np
import records

#: 2022-10-01 12:00 UTC, and a steady clock that started 5 000 s before.
START_NS = 1_664_625_600_000_000_000
STEADY_NS = 5_000_000_000_000
SECOND = 1_000_000_000
PHASES = records.PHASES[:-1] + ("disputed", "unattributed")
#: What a node does: (phase, seconds, watts of package, GPU, DRAM).
SCHEDULE = (
    ("init", 20, 90.0, 80.0, 9.0),
    ("data", 60, 160.0, 90.0, 9.0),
    ("train", 300, 210.0, 620.0, 9.0),
    ("communication", 40, 140.0, 150.0, 9.0),
    ("train", 300, 210.0, 640.0, 9.0),
    ("checkpoint", 15, 110.0, 85.0, 9.0),
    ("idle", 25, 70.0, 75.0, 9.0),
)
MODULUS, QUANTUM = 2**32 // 4096, 0.25
TRUTH = {
    device: {
        phase: sum(row[1] * row[column] for row in SCHEDULE if row[0] == phase)
        for phase in dict.fromkeys(row[0] for row in SCHEDULE)
    }
    for device, column in (("package-0", 2), ("gpu-GPU-1a2b", 3), ("dram-model", 4))
}
KINDS = {
    "package-0": ("measured-counter", 0.05),
    "psys": ("measured-counter", 0.05),
    "gpu-GPU-1a2b": ("measured-sampled", 0.05),
    "gpu-GPU-idle": ("measured-sampled", 0.05),
    "dram-model": ("modelled", 0.6),
    "rest": ("assumed", 0.5),
    "package-1": ("measured-counter", 0.05),
}
IDLE_GPU, REST = 65.0, 40.0


def write(path, *, hosts=("node-a", "node-b"), series=True, spans=True, complete=1, scale=1.0):
    with records.Writer(path, "meter") as record:
        devices = list(KINDS)
        for host in hosts:
            _node(record, host, devices, series, spans, scale)
        _joules(record, hosts, devices, scale)
        record.strings("/energy/phases/name", PHASES)
        seconds = [sum(row[1] for row in SCHEDULE if row[0] == phase) for phase in PHASES]
        record.array("/energy/phases/seconds", np.array([seconds] * len(hosts), float), "s")
        record.strings("/energy/node", hosts)
        record.strings("/energy/device_order", [" ".join(devices)] * len(hosts))
        record.text("/energy/headline", "RAPL package, NVML; DRAM modelled")
        _probe(record, hosts)
        _baseline(record, hosts)
        record.attributes("/energy", {"format": 1})
        record.text("/result/run/command", "./train <svdd> & friends")
        record.attributes(
            "/result/run",
            {
                "complete": complete,
                "exit_status": 0,
                "seconds": 760.0,
                "user_s": 1400.0,
                "system_s": 12.0,
                "coverage": 0.998,
                "missing_terms": "package-1 (no good reading)",
                "assumed_terms": "rest of the node left out; 0.3725 W per GB",
                "largest_error_term": "gain of gpu-GPU-1a2b (+-5 %)",
            },
        )
    return str(path)


def joules(device, phase):
    """Truth of one device of one node; None for one that was never read."""
    if device == "package-1":
        return None
    seconds = sum(row[1] for row in SCHEDULE if row[0] == phase)
    if device in TRUTH:
        return TRUTH[device].get(phase, 0.0)
    if device == "psys":
        return 1.1 * sum(TRUTH[one].get(phase, 0.0) for one in ("package-0", "dram-model"))
    return seconds * (IDLE_GPU if device == "gpu-GPU-idle" else REST)


def counted_total(hosts=2):
    """Joules of all counted devices of all nodes."""
    counted = [device for device in KINDS if device not in ("psys", "package-1")]
    return hosts * sum(joules(device, phase) for device in counted for phase in PHASES)


def _joules(record, hosts, devices, scale):
    for kind in ("measured-counter", "measured-sampled", "modelled", "assumed"):
        cubes = np.full((3, len(hosts), len(devices), len(PHASES)), np.nan)
        for column, device in enumerate(devices):
            own, spread = KINDS[device]
            for row, phase in enumerate(PHASES):
                value = joules(device, phase)
                if own == kind and value is not None:
                    ends = (1 - spread, 1.0, 1 + spread)
                    cubes[:, :, column, row] = np.array([scale * value * end for end in ends])[
                        :, None
                    ]
        for end, cube in zip(("_low", "", "_high"), cubes):
            record.array(f"/energy/joules/{kind.replace('-', '_')}{end}", cube, "J")


def _node(record, host, devices, series, spans, scale):
    path = f"/energy/nodes/{host}"
    for device in devices:
        _device(record, f"{path}/devices/{device}", device, series, scale)
    record.text(f"{path}/headline", "RAPL package, NVML; DRAM modelled")
    record.attributes(f"{path}/headline", {"model_rule": "64 GB at 0.14 W", "model_version": "1"})
    record.attributes(
        path,
        {
            "utc_minus_steady_ns": START_NS - STEADY_NS,
            "device_order": " ".join(devices),
            "eehpcwg_level": 0,
            "eehpcwg_why_not_next": "part of the energy is modelled",
            "events": "package-0 froze, package-0-by-powercap took over",
        },
    )
    names = ["(outside)", *dict.fromkeys(row[0] for row in SCHEDULE)]
    record.strings(f"{path}/regions/name", names)
    record.strings(f"{path}/regions/phase", ["unattributed", *names[1:]])
    record.array(f"{path}/regions/count", np.ones(len(names), dtype=np.int64))
    record.array(f"{path}/regions/seconds", np.ones(len(names)), "s")
    table = [
        [
            scale * (joules(device, name) or 0) if device != "package-1" else np.nan
            for device in devices
        ]
        for name in ["-", *names[1:]]
    ]
    for end, factor in (("_low", 0.9), ("", 1.0), ("_high", 1.1)):
        record.array(f"{path}/regions/joules{end}", factor * np.array(table), "J")
    record.strings(
        f"{path}/cross_checks/what", ["package-0-by-powercap / package-0", "parts / psys"]
    )
    record.array(f"{path}/cross_checks/ratio", np.array([1.004, 0.72]))
    if spans:
        edges = STEADY_NS + SECOND * np.cumsum([0] + [row[1] for row in SCHEDULE])
        record.array(f"{path}/spans/begin_ns", edges[:-1].astype(np.int64), "ns")
        record.array(f"{path}/spans/end_ns", edges[1:].astype(np.int64), "ns")
        codes = [PHASES.index(row[0]) for row in SCHEDULE]
        record.array(f"{path}/spans/phase", np.array(codes, dtype=np.uint8))


def _device(record, path, device, series, scale):
    kind, _ = KINDS[device]
    kinds = {
        "package": "package",
        "gpu": "gpu",
        "dram": "dram",
        "psys": "platform",
        "rest": "other",
    }
    facts = {
        "kind": kind,
        "class": kinds[device.split("-")[0]],
        "use": "cross-check" if device == "psys" else "counted",
        "backend": "nvml" if "gpu" in device else "model" if kind == "modelled" else "powercap",
        "path": f"/sys/class/{device}",
        "name": {"package-0": "EPYC 9654", "gpu-GPU-1a2b": "NVIDIA H200"}.get(device, device),
        "quantum_joule": QUANTUM if kind == "measured-counter" else 0.0,
        "update_s": 0.001,
        "accuracy": 0.05,
        "modulus": str(MODULUS) if kind == "measured-counter" else "0",
        "reads": 761,
        "failed_reads": 2 if device == "package-0" else 0,
        "resets": 0,
        "gaps": 0,
        "wraps": 1 if device == "package-0" else 0,
        "covered_s": 758.0,
        "unit": "uJ",
        "largest_error_term": (
            "watts per GB of DRAM" if kind == "modelled" else f"gain of {device} (+-5 %)"
        ),
    }
    if "gpu" in device:
        facts["standing"] = "used"
    if device == "gpu-GPU-idle":
        facts["standing"] = "idle-allocated"
    record.attributes(path, facts)
    if not series or device == "package-1":
        return
    watts = []
    for _, seconds, package, gpu, dram in SCHEDULE:
        watt = {"package-0": package, "gpu-GPU-1a2b": gpu, "dram-model": dram}.get(device)
        watt = 1.1 * (package + dram) if device == "psys" else watt
        watt = IDLE_GPU if device == "gpu-GPU-idle" else REST if device == "rest" else watt
        watts += [watt * scale] * seconds
    times = STEADY_NS + SECOND * np.arange(len(watts) + 1, dtype=np.int64)
    record.array(f"{path}/t_ns", times, "ns")
    if kind == "measured-counter":
        counts = MODULUS - 40_000 + np.concatenate([[0], np.cumsum(np.array(watts) / QUANTUM)])
        record.array(f"{path}/counter", (counts.astype(np.uint64) % np.uint64(MODULUS)))
    else:
        record.array(f"{path}/power_watt", np.array(watts + watts[-1:], dtype=np.float32), "W")


def _probe(record, hosts):
    rows = (
        ("powercap", "package-0", "ok", "counted", "-"),
        ("powercap", "package-1", "denied", "not used", "a udev rule with a site group"),
        ("nvml", "gpu-GPU-1a2b", "ok", "counted", "-"),
        ("cray", "-", "absent", "not used", "no HPE Cray blade controller here"),
    )
    rows = [(host, *row) for host in hosts for row in rows]
    for column, name in enumerate(("host", "backend", "id", "status", "role", "advice")):
        record.strings(f"/energy/probe/{name}", [row[column] for row in rows])
    record.strings("/energy/probe/path", ["/sys/class/powercap"] * len(rows))


def _baseline(record, hosts):
    devices = ["package-0", "gpu-GPU-1a2b", "gpu-GPU-idle", "dram-model", "rest"]
    watts = np.array([70.0, 75.0, IDLE_GPU, 9.0, REST] * len(hosts))
    record.strings("/energy/baseline/host", [host for host in hosts for _ in devices])
    record.strings("/energy/baseline/device", devices * len(hosts))
    for end, factor in (("_low", 0.9), ("", 1.0), ("_high", 1.1)):
        record.array(f"/energy/baseline/power_watt{end}", factor * watts, "W")


def keep_carbon(path, label="default"):
    """What `crossjoule carbon --write` adds to a record: figures, assumptions, series."""
    import h5py

    def text(node, **values):
        for name, value in values.items():
            node.attrs[name] = np.bytes_(value) if isinstance(value, str) else value

    with h5py.File(path, "r+") as file:
        group = file.create_group(f"/energy/carbon/{label}")
        text(group, pue=1.4, embodied_kg=0.0, computed_utc="2022-10-05T00:00:00Z", format=1)
        figure = dict(low=40.0, value=45.0, high=50.0, kind="assumed", unit="g", description="x")
        text(group.create_group("average"), **figure)
        for name in ("marginal", "embodied"):
            text(group.create_group(name), kind="absent", unit="g", description="x")
        series = group.create_group("grid/average")
        text(series, file="grids/es.csv", file_xxh3="ab12", column="direct", place="ES")
        text(series, step_s=3600.0, dropped=3)
        for name, values in (
            ("t_utc_ns", [START_NS - 600 * SECOND]),
            ("g_per_kwh", [180.0]),
            ("estimated", np.array([1], dtype=np.uint8)),
        ):
            series[name] = values
    return path
