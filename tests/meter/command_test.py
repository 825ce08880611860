# SPDX-License-Identifier: BSD-3-Clause
"""`crossjoule meter -- CMD` as its users meet it: python3 command_test.py BINARY CONNECTOR."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py

BINARY = sys.argv.pop(1)
CONNECTOR = sys.argv.pop(1)
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
       "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1"}


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def meter(self, *words, **more):
        return subprocess.run([BINARY, "meter", *words], cwd=self.path, text=True, check=False,
                              capture_output=True, timeout=60, **more)


class Command(Folder):
    def test_exit_code_output_and_record(self):
        done = self.meter("--", "sh", "-c", "echo out; echo err >&2; exit 7")
        self.assertEqual(done.returncode, 7)
        self.assertEqual(done.stdout, "out\n")
        self.assertTrue(done.stderr.startswith("err\n"), done.stderr)
        self.assertIn("exit code 7", done.stderr)
        with h5py.File(self.path / "meter.h5") as record:
            self.assertEqual(record["/result/run"].attrs["exit_status"], 7)
            self.assertEqual(record["/result/run"].attrs["complete"], 1)
            self.assertIn("/energy/probe/status", record)

    def test_second_run_takes_the_next_name(self):
        self.meter("--", "true")
        self.meter("--", "true")
        self.assertTrue((self.path / "meter-2.h5").exists())

    def test_own_failures(self):
        for words, code in ((("--", "no-such-program"), 127), (("--", "/etc/passwd"), 126),
                            (("--bogus", "--", "true"), 125), (("--",), 125),
                            (("--idle", "x", "--", "true"), 125),
                            (("-o", "no/folder/x.h5", "--", "true"), 125),
                            (("--set", "meter.perod_s=1", "--", "true"), 125), (("--bogus",), 2)):
            done = self.meter(*words)
            self.assertEqual(done.returncode, code, (words, done.stderr))
            self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
            self.assertEqual(list(self.path.glob("*.h5")), [], words)

    def test_existing_output_is_kept_and_the_command_does_not_run(self):
        (self.path / "mine.h5").write_text("precious")
        done = self.meter("-o", "mine.h5", "--", "touch", "ran")
        self.assertEqual(done.returncode, 125)
        self.assertEqual((self.path / "mine.h5").read_text(), "precious")
        self.assertFalse((self.path / "ran").exists())
        self.assertEqual(self.meter("-o", "mine.h5", "--force", "--", "true").returncode, 0)

    def test_words_behind_the_dashes_are_the_commands(self):
        done = self.meter("-q", "-o", "none", "--", "echo", "--help", "--", "train", "-o", "x")
        self.assertEqual(done.stdout, "--help -- train -o x\n")
        self.assertEqual(done.stderr, "")
        self.assertEqual(list(self.path.glob("*.h5")), [])

    def test_json_has_stdout_for_itself(self):
        done = self.meter("--json", "--", "echo", "noise")
        document = json.loads(done.stdout)
        self.assertEqual(document["exit_status"], 0)
        self.assertEqual(document["command"], ["echo", "noise"])
        self.assertIn("noise", done.stderr)

    def test_killed_command(self):
        self.assertEqual(self.meter("--", "sh", "-c", "kill -9 $$").returncode, 128 + 9)

    def test_signals_are_forwarded(self):
        script = "trap 'echo got; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
        with subprocess.Popen([BINARY, "meter", "--", "sh", "-c", script], cwd=self.path, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            self.assertEqual(running.stdout.readline(), "ready\n")
            running.send_signal(signal.SIGTERM)
            self.assertEqual(running.stdout.readline(), "got\n")
            self.assertEqual(running.wait(20), 3)

    def test_orphans_are_followed_and_daemons_are_not(self):
        began = time.monotonic()
        self.assertEqual(self.meter("--", "sh", "-c", "(sleep 1; touch late) & exit 4").returncode, 4)
        self.assertTrue((self.path / "late").exists())
        self.assertGreater(time.monotonic() - began, 1)
        done = self.meter("--", "sh", "-c", "setsid sleep 5 >/dev/null 2>&1 & sleep 0.2")
        self.assertIn("sessions of their own", done.stderr)

    def test_make_with_jobs_and_a_child_that_forks_and_dies(self):
        (self.path / "Makefile").write_text("all: a b c\na b c:\n\t@sleep 0.1; echo $@ > $@.out\n")
        if shutil.which("make"):
            self.assertEqual(self.meter("--", "make", "-j2").returncode, 0)
            self.assertEqual(sorted(path.name for path in self.path.glob("*.out")),
                             ["a.out", "b.out", "c.out"])
        script = "for k in 1 2 3; do (sh -c 'kill -9 $$' &) ; done; sh -c 'kill -SEGV $$'; exit 5"
        self.assertEqual(self.meter("-q", "--", "sh", "-c", script).returncode, 5)

    def test_two_meters_at_once_weigh_each_their_own(self):
        both = [subprocess.Popen([BINARY, "meter", "-q", "-o", f"{k}.h5", "--", "sleep", "1"], cwd=self.path)
                for k in range(2)]
        self.assertEqual([one.wait(30) for one in both], [0, 0])
        for k in range(2):
            with h5py.File(self.path / f"{k}.h5") as record:
                self.assertEqual(len(record["/energy/node"]), 1)
                self.assertGreater(record["/result/run"].attrs["seconds"], 0.9)

    def test_sigkill_leaves_a_readable_file(self):
        with subprocess.Popen([BINARY, "meter", "-o", "k.h5", "--", "sleep", "30"], cwd=self.path,
                              stderr=subprocess.DEVNULL) as running:
            time.sleep(2.5)
            child = int(Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()[0])
            running.kill()
            running.wait(20)
            os.kill(child, signal.SIGKILL)
        with h5py.File(self.path / "k.h5") as record:
            self.assertEqual(record["/result/run"].attrs["complete"], 0)
            self.assertGreater(record["/result/run"].attrs["seconds"], 0.5)
        inspected = subprocess.run([BINARY, "inspect", "--check", "k.h5"], cwd=self.path, check=False,
                                   capture_output=True, text=True, timeout=60)
        self.assertNotEqual(inspected.returncode, 5, inspected.stderr)

    def test_require_measured(self):
        probe = json.loads(self.meter("--probe", "--json").stdout)
        if not probe["energy_source"].startswith("MODELLED"):
            self.skipTest("this machine has sensors")
        self.assertEqual(self.meter("--require-measured", "--", "touch", "ran").returncode, 125)
        self.assertFalse((self.path / "ran").exists())
        self.assertEqual(self.meter("--probe", "--require-measured").returncode, 3)

    def test_probe_lists_every_backend(self):
        rows = json.loads(self.meter("--probe", "--json").stdout)["sensors"]
        backends = {row["backend"] for row in rows}
        for backend in ("powercap", "perf", "nvml", "amd-smi", "hwmon", "cray", "jetson", "ipmi"):
            self.assertIn(backend, backends)
        for row in rows:
            self.assertIn(row["status"],
                          ("ok", "denied", "absent", "phantom", "frozen", "implausible"))

    def test_live_and_help_and_defaults(self):
        self.assertIn("total", self.meter("--live", "--", "sleep", "2.5").stderr)
        self.assertIn("Example: crossjoule meter", self.meter("--help").stdout)
        self.assertIn("sysfs_root", self.meter("--dump-default").stdout)


FEEDER = """
import os, sys, time
handle = os.open(sys.argv[1], os.O_WRONLY)
start = time.monotonic()
while True:
    os.pwrite(handle, b"%020d" % (10**6 + int(160e6 * (time.monotonic() - start))), 0)
    time.sleep(0.001)
"""


class FakeTree(Folder):
    """A package of 160 W, renewed a thousand times a second."""

    def setUp(self):
        super().setUp()
        zone = self.path / "root/sys/class/powercap/intel-rapl:0"
        zone.mkdir(parents=True)
        (zone / "name").write_text("package-0\n")
        (zone / "max_energy_range_uj").write_text("262143328850\n")
        (zone / "energy_uj").write_text("1000000\n")
        self.feeder = subprocess.Popen([sys.executable, "-c", FEEDER, str(zone / "energy_uj")])
        time.sleep(0.3)

    def tearDown(self):
        self.feeder.kill()
        self.feeder.wait()
        super().tearDown()

    def test_energy_of_a_fake_tree(self):
        document = json.loads(self.meter("--sysfs-root", "root", "--json", "--", "sleep", "2").stdout)
        self.assertEqual(document["chip"]["kind"], "measured-counter")
        self.assertAlmostEqual(document["chip"]["value"] / document["seconds"] / 160, 1, delta=0.05)

    def test_a_stopped_meter_goes_on_and_loses_nothing(self):
        words = [BINARY, "meter", "--sysfs-root", "root", "--json", "-o", "none", "--", "sleep", "2"]
        with subprocess.Popen(words, cwd=self.path, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as running:
            time.sleep(0.5)
            running.send_signal(signal.SIGSTOP)
            time.sleep(1)
            running.send_signal(signal.SIGCONT)
            document = json.loads(running.communicate(timeout=30)[0])
        self.assertEqual(document["exit_status"], 0)
        self.assertAlmostEqual(document["chip"]["value"] / document["seconds"] / 160, 1, delta=0.05)

    def test_recording_is_played(self):
        (self.path / "t.csv").write_text("# device = package\nt_ns,watts\n" + "".join(
            f"{k}00000000,{100 if k % 2 else 100}\n" for k in range(1, 200)))
        done = self.meter("--trace", "replay:t.csv", "--json", "--", "sleep", "1")
        document = json.loads(done.stdout)
        self.assertEqual(document["chip"]["kind"], "measured-sampled")
        self.assertAlmostEqual(document["chip"]["value"] / document["seconds"], 100, delta=3)


HOOKS = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
library.kokkosp_init_library(0, ctypes.c_uint64(20210225), ctypes.c_uint32(0), None)
number = ctypes.c_uint64()
library.kokkosp_push_profile_region(b"train")
for _ in range(1000):
    library.kokkosp_begin_parallel_for(b"my kernel", ctypes.c_uint32(0), ctypes.byref(number))
    library.kokkosp_end_parallel_for(number)
library.kokkosp_pop_profile_region()
library.kokkosp_pop_profile_region()
library.kokkosp_finalize_library()
"""


def thread_sanitizer():
    """The run time of a ThreadSanitizer that the connector was built with: it must come first."""
    needed = subprocess.run(["ldd", CONNECTOR], capture_output=True, text=True, check=False).stdout
    return {"LD_PRELOAD": line.split()[2] for line in needed.splitlines() if "libtsan" in line}


class Connector(Folder):
    def run_hooks(self, **more):
        more |= thread_sanitizer()
        return subprocess.run([sys.executable, "-c", HOOKS, CONNECTOR], cwd=self.path, text=True,
                              env={**os.environ, **more}, capture_output=True, timeout=60, check=False)

    def test_regions_and_kernels_by_name(self):
        done = self.run_hooks(CROSSJOULE_METER_OUTPUT="k.h5")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("record k.h5", done.stderr)
        with h5py.File(self.path / "k.h5") as record:
            node = record["/energy/nodes"][next(iter(record["/energy/nodes"]))]
            regions = dict(zip((name.decode() for name in node["regions/name"]), node["regions/count"]))
            phases = dict(zip(node["regions/name"], node["regions/phase"]))
        self.assertEqual((regions["train"], regions["my kernel"]), (1, 1000))
        self.assertEqual(phases[b"train"], b"train")

    def test_kernels_can_be_left_out_and_no_record_written(self):
        done = self.run_hooks(CROSSJOULE_METER_OUTPUT="", CROSSJOULE_METER_KERNELS="0")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(self.path.glob("*.h5")), [])

    def test_library_shows_its_own_functions_alone(self):
        shown = subprocess.run(["nm", "-D", "--defined-only", CONNECTOR], capture_output=True, text=True,
                               check=False).stdout
        names = {line.split()[-1] for line in shown.splitlines() if " T " in line}
        if names:
            self.assertEqual([name for name in names if not name.startswith(("crossjoule_", "kokkosp_"))
                              and not name.startswith("_")], [])
            self.assertLessEqual(len([name for name in names if name.startswith("crossjoule_")]), 10)


class Ranks(Folder):
    def test_node_counts_once(self):
        if os.environ.get("CROSSJOULE_MPI") != "1":
            self.skipTest("built without MPI")
        done = subprocess.run(["mpirun", "-n", "2", BINARY, "meter", "-o", "m.h5", "--", "sh", "-c",
                               "sleep $((OMPI_COMM_WORLD_RANK * 2)).5; exit 0"],
                              cwd=self.path, env={**os.environ, **MPI}, text=True,
                              capture_output=True, timeout=100, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(list(self.path.glob("*.h5"))), 1)
        self.assertEqual(done.stderr.count("record:"), 1, done.stderr)
        with h5py.File(self.path / "m.h5") as record:
            self.assertEqual(len(record["/energy/node"]), 1)
            # it waited for the slower command; half a second more or less is the machine's load
            self.assertGreater(record["/result/run"].attrs["seconds"], 1.5)


if __name__ == "__main__":
    unittest.main()
