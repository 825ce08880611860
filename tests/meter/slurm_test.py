# SPDX-License-Identifier: BSD-3-Clause
"""The prolog and epilog as slurmd runs them, without one: python3 slurm_test.py BINARY FOLDER."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py

BINARY = sys.argv.pop(1)
SCRIPTS = Path(sys.argv.pop(1))


class Slurm(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        (self.path / "keep").mkdir()
        # what slurmd gives: a bare environment with the job's variables
        self.environment = {"PATH": "/usr/bin:/bin", "SLURM_JOB_ID": "4711",
                            "SLURM_JOB_UID": str(os.getuid()), "SLURM_JOB_USER": "someone",
                            "SLURM_NODELIST": "n01", "CROSSJOULE": BINARY,
                            "CROSSJOULE_METER_FOLDER": str(self.path / "spool"),
                            "CROSSJOULE_METER_KEEP": str(self.path / "keep")}

    def tearDown(self):
        self.folder.cleanup()

    def script(self, name, **more):
        began = time.monotonic()
        done = subprocess.run([str(SCRIPTS / name)], env={**self.environment, **more}, cwd="/",
                              capture_output=True, text=True, timeout=60, check=False)
        return done, time.monotonic() - began

    def test_a_job_gets_its_record(self):
        done, seconds = self.script("prolog.sh")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertLess(seconds, 5, "a prolog must not hold the job up")
        subprocess.run(["sh", "-c", "sleep 1.5"], check=True)  # the user's script, untouched
        done, _ = self.script("epilog.sh")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        records = list((self.path / "keep").glob("job-4711-*.h5"))
        self.assertEqual(len(records), 1, list((self.path / "spool").iterdir()))
        with h5py.File(records[0]) as record:
            self.assertEqual(record["/result/run"].attrs["complete"], 1)
            self.assertGreater(record["/result/run"].attrs["seconds"], 1)
            node = record["/energy/nodes"][next(iter(record["/energy/nodes"]))]
            self.assertIn("eehpcwg_level", node.attrs)
            self.assertTrue(node.attrs["eehpcwg_why_not_next"])
        self.assertEqual(list((self.path / "spool").iterdir()), [], "nothing is left behind")

    def test_nothing_here_fails_a_job(self):
        for more in ({"SLURM_JOB_ID": ""}, {"SLURM_JOB_ID": "1; rm -rf /"},
                     {"CROSSJOULE": "/no/such/binary"}, {"CROSSJOULE_METER_FOLDER": "/proc/no"}):
            for name in ("prolog.sh", "epilog.sh"):
                self.assertEqual(self.script(name, **more)[0].returncode, 0, (name, more))


if __name__ == "__main__":
    unittest.main()
