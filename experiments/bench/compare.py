# SPDX-License-Identifier: BSD-3-Clause
"""Paired timings: this project's plans beside other engines, one core, interleaved, min against min.

Every case goes round the engines several times; an engine's time is its shortest call over all
rounds, so that a disturbance of the machine hits all of them alike or is left out. p50 and p99 are
those of the round with the smallest median.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

PEERS = ["ONNX Runtime", "OpenVINO", "PyTorch", "PyTorch compiled"]

# task, network, batch -> the bar: our time over the best other engine's (README.md says why)
BARS = {
    ("infer", "svdd", 1): 0.65, ("infer", "svdd", 10): 1 / 1.15, ("infer", "svdd", 100): 1.0,
    ("infer", "svdd", 1000): 1.0, ("infer", "svdd", 10000): 1.0, ("infer", "svdd", 100000): 1.0,
    ("infer", "autoencoder", 1): None, ("infer", "autoencoder", 10): 1 / 1.3,
    ("infer", "autoencoder", 100): 1 / 1.3, ("infer", "autoencoder", 1000): 1 / 1.5,
    ("infer", "autoencoder", 10000): 1 / 1.5, ("infer", "autoencoder", 100000): 1 / 1.5,
    ("train", "svdd", 1024): 1 / 1.2, ("train", "autoencoder", 1024): 1 / 2.0,
}


class Engine:
    """A process that answers timing requests: plan_server or `peers.py NAME`."""

    def __init__(self, name, command):
        self.name, self.command, self.process, self.skipped = name, command, None, {}

    def measure(self, case, seconds):
        """(shortest, median, p99) in seconds, or None with the reason in `skipped`."""
        if case in self.skipped:
            return None
        if not self.process:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True)
        try:
            self.process.stdin.write(" ".join(map(str, case)) + f" {seconds}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line and not line.startswith("none"):
            return tuple(map(float, line.split()[:3]))
        self.skipped[case] = line[5:].strip() if line else f"ended with code {self.process.wait()}"
        if not line:
            self.process = None  # a fresh one for the next case
        return None


def best_round(rounds):
    """Shortest call of all rounds; median and p99 of the calmest one."""
    calm = min(rounds, key=lambda r: r[1])
    return min(r[0] for r in rounds), calm[1], calm[2]


def run_case(case, engines, rounds, seconds):
    all_rounds = {}
    for _ in range(rounds):
        for engine in engines:
            times = engine.measure(case, seconds)
            if times:
                all_rounds.setdefault(engine.name, []).append(times)
    return {name: best_round(r) for name, r in all_rounds.items()}


def row(case, result):
    task, network, batch = case
    mine = result["crossjoule"]
    others = {name: times[0] for name, times in result.items() if name != "crossjoule"}
    cells = [f"{task:5} {network:11} {batch:>6}  {mine[0] * 1e6:>11.2f} {mine[2] / mine[1]:>8.2f}"]
    if not others:
        return cells[0] + "   (no other engine here)"
    best = min(others, key=others.get)
    ratio, bar = mine[0] / others[best], BARS[case]
    cells.append(f"{others[best] * 1e6:>11.2f} {best:16} {ratio:>6.2f}")
    cells.append("     -" if bar is None else f"{bar:>6.2f}  {'reached' if ratio <= bar else 'MISSED'}")
    return " ".join(cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", help="path of plan_server")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.25, help="per engine and round")
    parser.add_argument("--only", default="", help="cases whose name contains this, e.g. 'infer svdd'")
    parser.add_argument("--compile", action="store_true", help="PyTorch compiled too (minutes more)")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--json", help="write all times to this file")
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.core})

    engines = [Engine("crossjoule", [options.server])]
    peers = Path(__file__).with_name("peers.py")
    engines += [Engine(name, [sys.executable, peers, name]) for name in PEERS
                if options.compile or name != "PyTorch compiled"]
    results = {}
    print(f"one core (number {options.core}), shortest call in us; ratio: ours over the best other engine")
    print(f"{'task':5} {'network':11} {'batch':>6}  {'ours':>11} {'p99/p50':>8} {'best other':>11} "
          f"{'which':16} {'ratio':>6} {'bar':>6}")
    for case in BARS:
        if options.only not in " ".join(map(str, case)):
            continue
        results[case] = run_case(case, engines, options.rounds, options.seconds)
        if "crossjoule" not in results[case]:
            sys.exit("compare.py: plan_server gave no time")
        print(row(case, results[case]), flush=True)
    for engine in engines:
        for case, why in engine.skipped.items():
            if case[0] == "infer" or "does not" not in why:
                print(f"skipped: {engine.name}, {' '.join(map(str, case))} ({why})")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({" ".join(map(str, case)): r for case, r in results.items()}, file, indent=1)


if __name__ == "__main__":
    main()
