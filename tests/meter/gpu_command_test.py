# SPDX-License-Identifier: BSD-3-Clause
"""`crossjoule meter` with a driver's library that follows a script: python3 gpu_command_test.py BINARY
FOLDER-OF-libnvidia-ml.so.1. No GPU is needed; where there is one, the script's boards stand before it."""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py

BINARY = sys.argv.pop(1)
DRIVER = sys.argv.pop(1)
SQUARE = "load 0 300\nload 0.25 60\nperiod 0.5\n"  # 180 W on average


class Boards(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def meter(self, script, *words, **more):
        (self.path / "gpus.txt").write_text(script)
        zero = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - 20 * 10**9
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("SLURM", "CUDA_VISIBLE", "NVIDIA_VISIBLE", "ROCR_VISIBLE"))}
        environment |= {"LD_LIBRARY_PATH": DRIVER, "CROSSJOULE_FAKE_GPUS": str(self.path / "gpus.txt"),
                        "CROSSJOULE_FAKE_GPUS_ZERO": str(zero), **more}
        done = subprocess.run([BINARY, "meter", *words], cwd=self.path, env=environment, text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def device(self, document, name):
        return next(device for device in document["devices"] if device["id"] == name)

    def test_counter_of_a_square_wave(self):
        done = self.meter("board GPU-a H100 counter\n" + SQUARE, "--json", "-o", "g.h5", "--", "sleep", "3")
        document = json.loads(done.stdout)
        joules = self.device(document, "gpu-GPU-a")["joules"]
        self.assertEqual(joules["kind"], "measured-counter")
        with h5py.File(self.path / "g.h5") as record:
            node = record["/energy/nodes"][next(iter(record["/energy/nodes"]))]
            counter = node["devices/gpu-GPU-a/counter"][:]
            stamps = node["devices/gpu-GPU-a/t_ns"][:]
        truth = 180 * (stamps[-1] - stamps[0]) * 1e-9
        self.assertAlmostEqual((counter[-1] - counter[0]) * 1e-3, truth, delta=35)
        self.assertLess(joules["low"], truth)
        self.assertGreater(joules["high"], truth)

    def test_boards_that_tell_power_alone_or_nothing(self):
        script = ("board GPU-a A100 power\nload 0 250\nboard GPU-b T4 unsupported\nload 0 70\n"
                  "board GPU-c T4 denied\nload 0 70\n")
        document = json.loads(self.meter(script, "--json", "-o", "none", "--", "sleep", "2").stdout)
        joules = self.device(document, "gpu-GPU-a")["joules"]
        self.assertEqual(joules["kind"], "measured-sampled")
        self.assertAlmostEqual(joules["value"] / document["seconds"], 250, delta=25)
        self.assertEqual([d["id"] for d in document["devices"] if d["class"] == "gpu" and d["use"] == "counted"],
                         ["gpu-GPU-a"])
        rows = json.loads(self.meter(script, "--probe", "--json").stdout)["sensors"]
        status = {row["id"]: row["status"] for row in rows if row["backend"] == "nvml"}
        self.assertEqual(status["gpu-GPU-a"], "ok")
        self.assertEqual((status["gpu-GPU-b"], status["gpu-GPU-c"]), ("absent", "denied"))

    def test_module_scope_is_a_cross_check(self):
        script = "board GPU-a GH200 counter\nload 0 400\nmodule 650\n"
        document = json.loads(self.meter(script, "--json", "-o", "none", "--", "sleep", "1.5").stdout)
        self.assertEqual(self.device(document, "module-of-gpu-GPU-a")["use"], "cross-check")
        self.assertEqual(self.device(document, "gpu-GPU-a")["use"], "counted")

    def test_reset_is_no_joule(self):
        script = "board GPU-a H100 counter\nload 0 300\nreset 21.5\n"  # the script began 20 s ago
        document = json.loads(self.meter(script, "--json", "-o", "none", "--", "sleep", "3").stdout)
        device = self.device(document, "gpu-GPU-a")
        self.assertEqual(device["resets"], 1)
        self.assertAlmostEqual(device["joules"]["value"] / document["seconds"], 300, delta=45)
        self.assertLess(document["coverage"], 1)

    def test_used_idle_and_unallocated_boards(self):
        script = "".join(f"board GPU-{name} H100 counter\nload 0 {watt}\nbusy {busy}\n"
                         for name, watt, busy in (("a", 400, 90), ("b", 70, 0), ("c", 60, 0), ("d", 60, 0)))
        done = self.meter(script, "-o", "g.h5", "--", "sleep", "1.5", SLURM_JOB_GPUS="0,1")
        self.assertRegex(done.stderr, r"accelerators: 1 used .*1 idle-allocated .*2 idle-unallocated")
        with h5py.File(self.path / "g.h5") as record:
            table = record["/energy/accelerators"]
            self.assertEqual([text.decode() for text in table["standing"]],
                             ["used", "idle-allocated", "idle-unallocated"])
            self.assertEqual(list(table["count"]), [1, 1, 2])
            node = record["/energy/nodes"][next(iter(record["/energy/nodes"]))]
            self.assertEqual(node["devices/gpu-GPU-d"].attrs["standing"], b"idle-unallocated")


if __name__ == "__main__":
    unittest.main()
