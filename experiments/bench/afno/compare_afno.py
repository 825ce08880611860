# SPDX-License-Identifier: BSD-3-Clause
"""Paired timings of AFNO: this project's plans beside PyTorch, one core (or on as many as
`--ranks` says, a rank each beside that many threads), interleaved.

Every case goes round the engines several times; an engine's time is its shortest call over all
rounds. The better of PyTorch eager and compiled counts. The FMA peak is that of multiply-adds in
registers, the fastest of the same rounds.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

#: name: rows, columns, patch, channels in and out, embed, depth, blocks, batch; bars of infer, train
SIZES = {
    "A": ((64, 128, 4, 5, 5, 128, 4, 8, 4), 1.6, 1.6),
    "B": ((128, 256, 8, 20, 20, 256, 6, 8, 2), 1.4, 1.4),
    "C": ((180, 360, 4, 20, 20, 256, 6, 8, 1), 1.8, 1.5),
    "D": ((360, 720, 8, 20, 20, 384, 8, 8, 1), 1.4, 1.3),
    "standard": ((720, 1440, 8, 20, 20, 768, 12, 8, 1), 1.4, 1.5),
}

#: Open MPI starts in containers too
OPEN_MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
#: the bar of ranks beside threads
SHARED_BAR = 1.4


class Engine:
    """A process that answers timing requests: afno_server or peer.py."""

    def __init__(self, name, command, environment=None):
        self.name, self.command, self.process = name, command, None
        self.waits_busily = command[0] == "mpirun"
        self.environment = {**os.environ, **(environment or {})}
        self.skipped = {}

    def measure(self, request):
        """The words of the answer, or None with the reason in `skipped`."""
        if request in self.skipped:
            return None
        if not self.process:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, env=self.environment,
                                            stdout=subprocess.PIPE, text=True)
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line and not line.startswith("none"):
            return line.split()
        self.skipped[request] = line[5:].strip() if line else f"ended with {self.process.wait()}"
        if not line:
            self.process = None
        return None

    def stop(self):
        """End the process: sizes of the standard network do not fit the memory twice."""
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


def run_case(request, engines, rounds, alone):
    """{engine: (shortest, calls' FLOPs or None)} over all rounds, and the peak in FLOPs a second."""
    found, peak = {}, 0.0
    for _ in range(rounds):
        for engine in engines:
            words = engine.measure(request)
            if engine.name == "crossjoule" and words:
                seconds, _, _, flops, _ = engine.measure("peak 0.2")
                peak = max(peak, float(flops) / float(seconds))
            if alone or engine.waits_busily:
                engine.stop()
            if words:
                before = found.get(engine.name, (float("inf"), None))
                flops = float(words[3]) if engine.name == "crossjoule" else None
                found[engine.name] = (min(before[0], float(words[0])), flops)
    return found, peak


def row(task, name, bar, found, peak):
    if "crossjoule" not in found:
        return f"{task:5} {name:9} crossjoule gave no time"
    mine, flops = found["crossjoule"]
    rate = flops / mine
    cells = f"{task:5} {name:9} {mine * 1e3:>10.2f} {rate / 1e9:>8.1f}"
    cells += f" {100 * rate / peak:>5.0f} %"
    others = {engine: times[0] for engine, times in found.items() if engine != "crossjoule"}
    if not others:
        return cells + "   (no PyTorch here)"
    best = min(others, key=others.get)
    ratio = others[best] / mine
    reached = "reached" if ratio >= bar else "MISSED"
    return cells + f" {others[best] * 1e3:>10.2f} {best:9} {ratio:>5.2f}x  bar {bar}x {reached}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", help="path of afno_server")
    parser.add_argument("--peer", default=sys.executable, help="a Python with torch; none: no peer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="per engine and round")
    parser.add_argument("--only", default="A,B,C,D", help="sizes; `standard` takes half an hour")
    parser.add_argument("--tasks", default="infer,train")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--ranks", type=int, default=1,
                        help="so many ranks beside PyTorch with so many threads, each of the size's batch")
    parser.add_argument("--json", help="write all times to this file")
    options = parser.parse_args()
    many = str(options.ranks)
    if options.ranks == 1:
        os.sched_setaffinity(0, {options.core})
    launcher = [] if options.ranks == 1 else ["mpirun", "-n", many, "--bind-to", "core"]
    engines = [Engine("crossjoule", [*launcher, options.server], OPEN_MPI)]
    peer = str(Path(__file__).with_name("peer.py"))
    if options.peer != "none":
        engines += [Engine(mode, [options.peer, peer, mode, "--threads", many])
                    for mode in ("eager", "compiled")]
    place = f"one core (number {options.core})" if options.ranks == 1 else f"{many} cores"
    print(f"{place}, shortest call; ratio: PyTorch's better time over ours")
    print("task  size        ours ms     GF/s  peak    peer ms which     ratio")
    results = {}
    for name in options.only.split(","):
        (*size, batch), *bars = SIZES[name]
        size += [batch * options.ranks]
        if options.ranks > 1:
            bars = (SHARED_BAR, SHARED_BAR)
        for task, bar in zip(("infer", "train"), bars):
            if task not in options.tasks.split(","):
                continue
            request = " ".join(map(str, (task, *size, options.seconds)))
            found, peak = run_case(request, engines, options.rounds, name == "standard")
            results[f"{task} {name}"] = found
            print(row(task, name, bar, found, peak), flush=True)
    for engine in engines:
        for request, why in engine.skipped.items():
            print(f"skipped: {engine.name}, {request} ({why})")
        engine.stop()
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
