# SPDX-License-Identifier: BSD-3-Clause
"""`crossjoule statistics` as its users meet it: files of h5py against numpy, on any number of ranks.

Run as: python3 statistics_test.py BINARY MPIRUN, MPIRUN being "" in a build without MPI."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

BINARY, MPIRUN = None, None
DAY = 86400


def fields(steps, seed=1):
    random = np.random.default_rng(seed)
    mean = np.array([101325.0, 280.0, 3.0]).reshape(1, 3, 1, 1)
    return (mean + random.normal(size=(steps, 3, 5, 9))).astype(np.float32)


class Statistics(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, values, first=0, hours=6, stamps=True, names=("sp", "t2m", "u10")):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        with h5py.File(path, "w") as file:
            file["fields"] = values
            if stamps:
                file["time"] = first + np.arange(len(values)) * hours
                file["time"].attrs["units"] = "hours since 2000-01-01"
                file["channel"] = np.array(names, dtype="S8")
        return path

    def run_verb(self, *arguments, ranks=0):
        launcher = [MPIRUN, "-n", str(ranks)] if ranks else []
        return subprocess.run([*launcher, BINARY, "statistics", *map(str, arguments), "--json", "--quiet"],
                              capture_output=True, text=True, timeout=100, check=False, cwd=self.folder)

    def sound(self, *arguments, **options):
        done = self.run_verb(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, *arguments, parts, code=2):
        done = self.run_verb(*arguments, "-o", self.folder / "out")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_agrees_with_numpy(self):
        values = np.concatenate([fields(40), fields(36, seed=2)])
        self.write("years/2000.h5", values[:40])
        self.write("years/2001.h5", values[40:], first=366 * 24)
        found = self.sound(self.folder / "years", "-o", "stats", "--set", "climatology=hour-of-day")
        wide = values.astype(np.float64)
        self.assertEqual((found["steps"], found["bins"]), (76, 4))
        self.assertEqual(found["first"], "2000-01-01T00:00Z")
        for channel, name in enumerate(("sp", "t2m", "u10")):
            row = found["channels"][channel]
            self.assertEqual(row["name"], name)
            self.assertAlmostEqual(row["mean"], wide[:, channel].mean(), delta=1e-9 * abs(row["mean"]))
            self.assertAlmostEqual(row["deviation"], wide[:, channel].std(), delta=1e-9)
            self.assertEqual(row["maximum"], wide[:, channel].max())
        stats = self.folder / "stats"
        means, stds = np.load(stats / "global_means.npy"), np.load(stats / "global_stds.npy")
        self.assertEqual((means.shape, means.dtype), ((1, 3, 1, 1), np.float32))
        np.testing.assert_allclose(means.ravel(), wide.mean((0, 2, 3)), rtol=1e-7)
        np.testing.assert_allclose(stds.ravel(), wide.std((0, 2, 3)), rtol=1e-6)
        time_means = np.load(stats / "time_means.npy")
        np.testing.assert_allclose(time_means, wide.mean(0, keepdims=True), rtol=1e-6)
        with h5py.File(stats / "statistics.h5") as file:
            values_of = file["climatology/values"]
            self.assertEqual([dim[0].name for dim in values_of.dims],
                             [f"/climatology/{axis}" for axis in ("bin", "channel", "lat", "lon")])
            # both files begin at midnight and have a multiple of four steps
            np.testing.assert_allclose(values_of[1], wide[1::4].mean(0), rtol=1e-6)
            self.assertEqual(list(file["climatology/count"]), [19] * 4)

    def test_xarray_opens_every_group(self):
        try:
            import h5netcdf  # noqa: F401
            import xarray
        except ImportError:
            self.skipTest("no xarray with h5netcdf")
        self.sound(self.write("a.h5", fields(8)), "-o", "s", "--set", "baselines.leads=[1]")
        for name, group, variable, axes in (
                ("statistics.h5", "climatology", "values", ("bin", "channel", "lat", "lon")),
                ("statistics.h5", "statistics", "mean", ("channel",)),
                ("baselines.h5", "baselines", "rmse", ("row",))):
            with xarray.open_dataset(self.folder / "s" / name, group=group, engine="h5netcdf") as found:
                self.assertEqual(found[variable].dims, axes)

    def test_any_number_of_ranks_writes_the_same_bytes(self):
        if not MPIRUN:
            self.skipTest("a build without MPI")
        path = self.write("a.h5", fields(203))
        for ranks in (1, 2, 3, 4):
            self.sound(path, "-o", f"r{ranks}", "--set", "baselines.leads=[1, 4]", ranks=ranks)
            for name in ("global_means.npy", "global_stds.npy", "time_means.npy"):
                self.assertEqual((self.folder / "r1" / name).read_bytes(),
                                 (self.folder / f"r{ranks}" / name).read_bytes())
            for name in ("statistics.h5", "baselines.h5"):
                with h5py.File(self.folder / "r1" / name) as a, \
                        h5py.File(self.folder / f"r{ranks}" / name) as b:
                    groups = [g for g in ("climatology", "statistics", "baselines") if g in a]
                    for group in groups:
                        for dataset in a[group]:
                            self.assertEqual(a[group][dataset][()].tobytes(),
                                             b[group][dataset][()].tobytes(), dataset)

    def test_baselines_and_ranges(self):
        values = fields(60)
        path = self.write("a.h5", values, hours=12)
        found = self.sound(path, "-o", "s", "--set", "data.until=2000-01-21", "--set",
                           "baselines.leads=[2]", "--set", "baselines.from=2000-01-21")
        self.assertEqual(found["steps"], 40)
        score = {(row["method"], row["channel"]): row for row in found["baselines"]}
        wide = values.astype(np.float64)[40:]
        row = score[("persistence", "t2m")]
        self.assertEqual(row["targets"], 18)
        # no coordinates: all rows weigh the same
        self.assertAlmostEqual(row["rmse"], np.sqrt(((wide[2:, 1] - wide[:-2, 1]) ** 2).mean()), places=6)

    def test_a_configuration_and_existing_outputs(self):
        self.write("a.h5", fields(8))
        (self.folder / "f.toml").write_text('output = "s"\n[data]\nfiles = ["a.h5"]\nsteps = 4\n')
        self.assertEqual(self.sound("f.toml")["steps"], 4)
        before = (self.folder / "s" / "global_means.npy").read_bytes()
        again = self.run_verb("f.toml", "--set", "data.steps=3")
        self.assertEqual(again.returncode, 2)
        self.assertIn("--force", again.stderr)
        self.assertEqual(before, (self.folder / "s" / "global_means.npy").read_bytes())
        self.assertEqual(self.sound("f.toml", "--set", "data.steps=3", "--force")["steps"], 3)
        self.assertNotEqual(before, (self.folder / "s" / "global_means.npy").read_bytes())

    def test_bad_input_is_one_line(self):
        self.refused(parts=["files"])
        self.refused(self.folder / "none", parts=["none", "absent"])
        (self.folder / "empty").mkdir()
        self.refused(self.folder / "empty", parts=["no year files", "????.h5"])
        self.write("y/1979.h5", fields(4), stamps=False)
        self.write("y/1980.h5", fields(4)[:, :2], stamps=False)
        self.refused(self.folder / "y", parts=["1979.h5", "1980.h5", "3 of", "2 channels"])
        values = fields(9)
        values[5, 1, 2, 3] = np.nan
        nan = self.write("nan.h5", values)
        self.refused(nan, parts=["nan.h5", "t2m", "2000-01-02T06:00Z", "row 2, column 3"])
        gap = self.write("gap.h5", fields(9))
        with h5py.File(gap, "r+") as file:
            file["time"][6:] += 6
        self.refused(gap, parts=["gap.h5", "2000-01-02T06:00Z", "2000-01-02T18:00Z"])
        cut = self.write("cut.h5", fields(40))
        cut.write_bytes(cut.read_bytes()[:9000])
        self.refused(cut, parts=["cut.h5"], code=5)
        self.refused(nan, "--set", "climatology=weekly", parts=["weekly", "hour-of-day"])
        self.refused(nan, "--set", "data.untill=2000", parts=["untill", "until"])
        self.refused(nan, "--set", "data.until=1999-01-01", parts=["no step", "2000-01-01"])

    def test_constant_channels_are_named(self):
        values = fields(8)
        values[:, 2] = 7
        done = self.run_verb(self.write("a.h5", values), "-o", "s")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 of 3 channels are constant: u10", done.stderr)
        self.assertEqual(json.loads(done.stdout)["channels"][2]["deviation"], 0)


if __name__ == "__main__":
    BINARY, MPIRUN = sys.argv[1], sys.argv[2]
    unittest.main(argv=sys.argv[:1])
