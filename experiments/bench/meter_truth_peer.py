# SPDX-License-Identifier: BSD-3-Clause
"""One energy tool weighs one span of a fake tree: meter_truth_peer.py NAME ROOT GO STAMPS LENGTH.

Every path below /sys/class/powercap that the tool opens, lists or looks at is led to the tree; nothing of
the tool itself is changed. Prints `JOULES x`: what it says of the CPU, without a PUE.
"""

import builtins
import io
import os
import re
import sys
import tempfile
import time
from pathlib import Path

NAME, ROOT, GO, STAMPS, LENGTH = *sys.argv[1:5], float(sys.argv[5])
FAKED = ("/sys/class/powercap", "/sys/devices/virtual/powercap")


def lead(path):
    try:
        text = os.fspath(path)
    except TypeError:  # a descriptor
        return path
    return ROOT + text if isinstance(text, str) and text.startswith(FAKED) else path


def redirect():
    """Leads what Python opens; the tools read with nothing else."""
    for module, names in ((os, ("open", "stat", "lstat", "listdir", "scandir", "access", "readlink")),
                          (io, ("open",))):
        for name in names:
            real = getattr(module, name)

            def led(path=".", *words, _real=real, **keys):
                return _real(lead(path), *words, **keys)
            setattr(module, name, led)
    builtins.open = io.open


def clock():
    return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)


def work():
    """What is weighed: says go, waits for the load to pass, leaves its stamps."""
    begin = clock()
    with open(GO, "w", encoding="ascii"):
        pass
    while clock() < begin + LENGTH + 0.3:
        time.sleep(0.001)
    Path(STAMPS).write_text(f"{begin} {clock()}", encoding="ascii")


def run_perun():
    import perun
    found = []

    def collect(node):
        """Joules of the devices of group cpu, wherever they stand in the tree of results."""
        from perun.data_model.data import MetricType, NodeType
        if node.type == NodeType.DEVICE_GROUP and MetricType.ENERGY in node.metrics and "cpu" in node.id.lower():
            metric = node.metrics[MetricType.ENERGY]
            value = getattr(metric, "sum", None)
            value = metric.value if value is None else value
            found.append(float(value) * metric.metric_md.mag.value)
        for child in node.nodes.values():
            collect(child)

    def tracked():
        perun.register_callback(collect)  # there is somebody to register with only now
        work()
    folder = tempfile.mkdtemp()
    perun.perun(data_out=folder, format="json", sampling_period=1, rounds=1, warmup_rounds=0)(tracked)()
    return found[0] if found else 0.0


def run_codecarbon():
    from codecarbon import OfflineEmissionsTracker
    tracker = OfflineEmissionsTracker(country_iso_code="DEU", measure_power_secs=1, save_to_file=False,
                                      log_level="error", allow_multiple_runs=True, tracking_mode="machine")
    tracker.start()
    work()
    tracker.stop()
    return tracker.final_emissions_data.cpu_energy * 3.6e6


def run_carbontracker():
    from carbontracker import constants
    from carbontracker.tracker import CarbonTracker
    folder = tempfile.mkdtemp()
    tracker = CarbonTracker(epochs=1, components="cpu", update_interval=1, log_dir=folder, verbose=0,
                            epochs_before_pred=0, monitor_epochs=1)
    tracker.epoch_start()
    work()
    tracker.epoch_end()
    tracker.stop()
    for path in sorted(Path(folder).rglob("*.log")):
        text = path.read_text(encoding="utf-8")
        if found := re.search(r"Actual consumption.*?Energy:\s*([0-9.eE+-]+) kWh", text, re.S):
            pue = [value for name, value in vars(constants).items() if name.startswith("PUE")][-1]
            return float(found.group(1)) * 3.6e6 / float(pue)
    raise RuntimeError("no consumption in its log")


if __name__ == "__main__":
    redirect()
    joules = {"perun": run_perun, "codecarbon": run_codecarbon, "carbontracker": run_carbontracker}[NAME]()
    print(f"JOULES {joules}", flush=True)
