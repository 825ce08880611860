# SPDX-License-Identifier: BSD-3-Clause
"""PyTorch running the AFNO of the bench.

    python3 peer.py eager|compiled [cpu|cuda] [--threads N]

answers timing requests as afno_server does: "infer|train ROWS COLUMNS PATCH IN OUT EMBED DEPTH BLOCKS
BATCH SECONDS" in, "shortest median calls" (seconds) out, or "none REASON". On CUDA the network runs
under bf16 autocast with fused Adam, and `compiled` uses CUDA graphs; `joules` per call follow where
the device has a counter.
"""

import argparse
import os
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mode", choices=["eager", "compiled"])
    parser.add_argument("device", nargs="?", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


OPTIONS = arguments()
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(OPTIONS.threads)

import torch  # noqa: E402  # the number of threads must be set before

from network import Afno, relative_error  # noqa: E402

torch.set_num_threads(OPTIONS.threads)


class Joules:
    """Energy counter of the GPU in millijoules, where NVML has one."""

    def __init__(self):
        self.handle = None
        try:
            import pynvml
            pynvml.nvmlInit()
            self.nvml, self.handle = pynvml, pynvml.nvmlDeviceGetHandleByIndex(0)
            self.read()
        except Exception:  # pylint: disable=broad-except  # no library, no counter: no joules
            self.handle = None

    def read(self):
        return self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.handle) * 1e-3


def make_call(task, rows, columns, patch, inputs, outputs, embed, depth, blocks, batch):
    torch.manual_seed(1)
    device = torch.device(OPTIONS.device)
    net = Afno(rows, columns, inputs, outputs, patch, embed, depth, blocks).to(device)
    x = torch.randn(batch, inputs, rows, columns, device=device)
    y = torch.randn(batch, outputs, rows, columns, device=device)
    run = net
    if OPTIONS.mode == "compiled":
        run = torch.compile(net, mode="reduce-overhead" if device.type == "cuda" else "default")
    cast = torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda")

    def infer():
        with torch.inference_mode(), cast:
            run(x)

    if task == "infer":
        return infer
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-4, fused=device.type == "cuda" or None)

    def train():
        optimizer.zero_grad(set_to_none=True)
        with cast:
            loss = relative_error(run(x).float(), y)
        loss.backward()
        optimizer.step()
    return train


def wait():
    if OPTIONS.device == "cuda":
        torch.cuda.synchronize()


def timed(call, seconds):
    """Sorted seconds of each call for about `seconds`, at least three; some before to warm up."""
    for _ in range(10 if OPTIONS.device == "cuda" else 1):
        call()
    wait()
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < seconds or len(times) < 3:
        start = time.perf_counter()
        call()
        wait()
        times.append(time.perf_counter() - start)
    return sorted(times)


def answer(line, made, joules):
    task, *numbers, seconds = line.split()
    case = (task, *map(int, numbers))
    if case not in made:
        made.clear()
        made[case] = make_call(*case)
    before = joules.read() if joules and joules.handle else None
    begin = time.perf_counter()
    times = timed(made[case], float(seconds))
    text = f"{times[0]:.9g} {times[len(times) // 2]:.9g} {len(times)}"
    if before is not None:
        # warm-up calls are weighed too: joules per second of the whole, times the median call
        watt = (joules.read() - before) / (time.perf_counter() - begin)
        text += f" joules {watt * times[len(times) // 2]:.4g}"
    return text


def main():
    made = {}
    joules = Joules() if OPTIONS.device == "cuda" else None
    for line in sys.stdin:
        try:
            print(answer(line, made, joules), flush=True)
        except Exception as problem:  # pylint: disable=broad-except  # any engine error: no figure
            reason = (str(problem).splitlines() or ["unknown"])[0]
            print(f"none {type(problem).__name__}: {reason}", flush=True)


if __name__ == "__main__":
    main()
