# SPDX-License-Identifier: BSD-3-Clause
"""One trace, many meters: a fake powercap tree with known joules, read on the real clock.

    python3 experiments/bench/meter_truth.py build/crossjoule [--runs 4] [--peers PYTHON] [--json FILE]

A feeder moves a package counter by a known load, a thousand times a second; each meter weighs the same
span of it. Ours reads the tree through --sysfs-root; perun, CodeCarbon and carbontracker run from their
own packages, with what they open below /sys/class/powercap led to the tree (meter_truth_peer.py).
PYTHON is the interpreter that has them (default: the environment that CROSSJOULE_PEERS names, else this
one); a peer whose package is absent is skipped with a message. What this proves is arithmetic and
timing, not the accuracy of a sensor.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

RANGE_UJ = 262143328850
MODULUS_UJ = RANGE_UJ + 61
BASE_W = 1  # before and after the load, so that a probe sees the counter move
# name, [(seconds, watts)], microjoules before the wrap at the start, seconds at which a read fails
CASES = [
    ("constant 160 W, 3.35 s", [(3.35, 160)], 10**11, None),
    ("4 x (0.7 s 300 W, 1.1 s 60 W)", [(0.7, 300), (1.1, 60)] * 4, 10**11, None),
    ("clean wrap, 100 W, 4 s", [(4.0, 100)], 200 * 10**6, None),
    ("one failed read, 100 W, 4 s", [(4.0, 100)], 10**11, 2.0),
]
PEERS = ("perun", "codecarbon", "carbontracker")
FEEDER = """
import json, os, sys, time
path, go, steps, start, modulus, base, fails = json.loads(sys.argv[1])
handle = os.open(path, os.O_WRONLY)
begin, loaded = time.clock_gettime(time.CLOCK_MONOTONIC_RAW), None
print("feeding", flush=True)
length = sum(seconds for seconds, _ in steps)
def joule(now):
    total = 0.0
    for seconds, watts in steps:
        total, now = total + (watts - base) * min(max(now, 0.0), seconds), now - seconds
    return total
while True:
    now = time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    if loaded is None and os.path.exists(go):
        loaded = now
    grown = base * (now - begin) + (joule(now - loaded) if loaded else 0.0)
    failing = fails is not None and loaded is not None and abs(now - loaded - fails) < 0.55
    text = b"                    " if failing else b"%020d" % ((start + int(grown * 1e6)) % modulus)
    os.pwrite(handle, text, 0)
    time.sleep(0.001)
"""
# what is weighed: says go, waits for the load to pass, leaves its own stamps
WAIT = """
import sys, time
go, stamps, length = sys.argv[1], sys.argv[2], float(sys.argv[3])
clock = lambda: time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
begin = clock()
open(go, "w").close()
while clock() < begin + length + 0.3: time.sleep(0.001)
open(stamps, "w").write(f"{begin} {clock()}")
"""


class Tree:
    """A folder that looks like one socket's powercap, fed with a load from the moment of `go`."""

    def __init__(self, steps, to_wrap, fails):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.root = Path(self.folder.name)
        zone = self.root / "sys/class/powercap/intel-rapl:0"
        zone.mkdir(parents=True)
        (zone.parent / "intel-rapl").mkdir()  # CodeCarbon takes this way round
        (zone.parent / "intel-rapl/subsystem").symlink_to("..")
        start = MODULUS_UJ - to_wrap
        (zone / "name").write_text("package-0\n")
        (zone / "max_energy_range_uj").write_text(f"{RANGE_UJ}\n")
        (zone / "energy_uj").write_text(f"{start:020d}\n")
        self.go, self.stamps = self.root / "go", self.root / "stamps"
        self.steps, self.length = steps, sum(seconds for seconds, _ in steps)
        words = json.dumps([str(zone / "energy_uj"), str(self.go), steps, start, MODULUS_UJ, BASE_W, fails])
        self.feeder = subprocess.Popen([sys.executable, "-c", FEEDER, words], stdout=subprocess.PIPE, text=True)
        self.feeder.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.feeder.kill()
        self.feeder.wait()
        self.folder.cleanup()

    def span(self):
        begin, end = (float(word) for word in self.stamps.read_text().split())
        return end - begin

    def truth(self, seconds):
        """Joules of a span that holds the whole load."""
        return sum(part * watts for part, watts in self.steps) + BASE_W * (seconds - self.length)


def ours(binary, tree):
    """What `crossjoule meter` says, and the truth of the very span that it weighed."""
    done = subprocess.run([binary, "meter", "--json", "--output", "none", "--sysfs-root", str(tree.root), "--",
                           sys.executable, "-c", WAIT, str(tree.go), str(tree.stamps), str(tree.length)],
                          capture_output=True, text=True, check=True, timeout=60)
    document = json.loads(done.stdout)
    said = document["chip"]
    return said["value"], tree.truth(document["seconds"]), (said["low"], said["high"])


def peer(python, name, tree):
    """The same of a peer; RuntimeError with its last words where it fails."""
    script = Path(__file__).with_name("meter_truth_peer.py")
    done = subprocess.run([python, str(script), name, str(tree.root), str(tree.go), str(tree.stamps),
                           str(tree.length)], capture_output=True, text=True, check=False, timeout=120,
                          cwd=tree.root)
    for line in done.stdout.splitlines():
        if line.startswith("JOULES "):
            return float(line.split()[1]), tree.truth(tree.span()), None
    lines = (done.stderr.strip() or done.stdout.strip() or "no figure").splitlines()
    errors = [line for line in lines if re.match(r"\w+(Error|Exception): ", line)]
    raise RuntimeError(f"exit code {done.returncode}: {(errors or lines)[-1]}")


def peers_python(given):
    home = os.environ.get("CROSSJOULE_PEERS", os.path.expanduser("~/.cache/crossjoule/peers"))
    for candidate in (given, os.path.join(home, "bin/python3"), sys.executable):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    return sys.executable


def versions(python):
    """Name -> version of the peers that this interpreter has."""
    code = ("import importlib.metadata as m, json\nfound = {}\n"
            f"for name in {PEERS!r}:\n    try: found[name] = m.version(name)\n    except Exception: pass\n"
            "print(json.dumps(found))")
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return json.loads(done.stdout or "{}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("binary")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--peers", help="interpreter that has the peers")
    parser.add_argument("--only", default="", help="meters whose name holds this")
    parser.add_argument("--json", help="write the rows to this file")
    options = parser.parse_args()
    binary, python = os.path.abspath(options.binary), peers_python(options.peers)
    present = versions(python)
    meters = [("crossjoule", lambda tree: ours(binary, tree))]
    meters += [(f"{name} {present[name]}", lambda tree, name=name: peer(python, name, tree))
               for name in PEERS if name in present]
    meters = [meter for meter in meters if options.only in meter[0]]
    print(f"load average {os.getloadavg()[0]:.1f} (the feeder is a process as well: a busy machine feeds late)")
    print(f"{'case':34} {'meter':22} {'truth J':>9} {'said J':>10} {'error':>10}  interval holds truth")
    rows = []
    for case, steps, to_wrap, fails in CASES:
        for name, weigh in meters:
            for _ in range(options.runs):
                with Tree(steps, to_wrap, fails) as tree:
                    try:
                        said, true, interval = weigh(tree)
                    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                        print(f"{case:34} {name:22} failed: {error}")
                        break
                holds = "none given" if interval is None else str(interval[0] <= true <= interval[1])
                rows.append({"case": case, "meter": name, "truth_j": true, "said_j": said, "holds": holds})
                print(f"{case:34} {name:22} {true:9.1f} {said:10.1f} {said / true - 1:+10.2%}  {holds}", flush=True)
    for name in PEERS:
        if name not in present:
            print(f"{name}: skipped (no such package in {python}; pip install {name} there)")
    print("carbontracker multiplies by a PUE of its own; here it is divided out.")
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")
    misses = [row for row in rows if row["meter"] == "crossjoule" and row["holds"] != "True"]
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
