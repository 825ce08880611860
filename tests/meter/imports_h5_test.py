# SPDX-License-Identifier: BSD-3-Clause
"""Results of perun and of Slurm's energy profile, written as those tools write them, into our books:
python3 imports_h5_test.py BINARY."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

BINARY = sys.argv.pop(1)


class Imports(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name, "log.h5")

    def tearDown(self):
        self.folder.cleanup()

    def account(self, *more):
        done = subprocess.run([BINARY, "account", str(self.file), "--json", *more], text=True,
                              cwd=self.folder.name, capture_output=True, timeout=60, check=False)
        return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr

    def test_perun(self):
        with h5py.File(self.file, "w") as out:
            node = out.create_group("app/nodes/run/nodes/0/nodes/host7")
            for name, joule in (("cpu", 536.0), ("gpu", 1200.0), ("ram", 0.0)):
                metrics = node.create_group(f"nodes/{name}/metrics/ENERGY")
                metrics.attrs.update({"value": joule, "unit": "J", "mag": 1})
                raw = node.create_group(f"nodes/{name}/nodes/{name}_0/raw_data")
                raw["timesteps"] = np.arange(5, dtype=np.float32)
            node.create_group("metrics/RUNTIME").attrs.update({"value": 3.35, "unit": "s"})
        code, document = self.account()
        self.assertEqual(code, 0, document)
        devices = {row["id"]: row["joules"]["value"] for row in document["logs"][0]["nodes"][0]["devices"]}
        self.assertEqual(devices, {"cpu": 536.0, "gpu": 1200.0})
        self.assertTrue(any("no sensor" in remark for remark in document["logs"][0]["remarks"]))

    def test_slurm_profile(self):
        with h5py.File(self.file, "w") as out:
            table = np.zeros(11, dtype=[("ElapsedTime", "u8"), ("EpochTime", "u8"), ("Power", "u8")])
            table["EpochTime"] = 1_700_000_000 + 10 * np.arange(11)
            table["Power"] = 400
            table["Power"][5] = 0
            out.create_dataset("Steps/0/Nodes/n01/Energy", data=table)
        code, document = self.account()
        self.assertEqual(code, 0, document)
        node = document["logs"][0]["nodes"][0]
        self.assertEqual(node["host"], "n01")
        self.assertAlmostEqual(node["devices"][0]["joules"]["value"], 40_000, delta=1)
        self.assertEqual(node["devices"][0]["joules"]["kind"], "measured-sampled")

    def test_strangers_are_refused(self):
        with h5py.File(self.file, "w") as out:
            out["x"] = 1
        code, message = self.account()
        self.assertEqual(code, 2)
        self.assertIn("perun", message)
        self.file.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 200)
        self.assertIn(self.account()[0], (2, 5))


if __name__ == "__main__":
    unittest.main()
