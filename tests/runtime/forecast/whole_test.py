# SPDX-License-Identifier: BSD-3-Clause
"""`train` on fields and `forecast` as their users meet them.

Run as: python3 whole_test.py BINARY [MPIRUN]"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

BINARY, MPIRUN = None, None
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1"}
STEPS, CHANNELS, ROWS, COLUMNS = 48, 2, 8, 16
NETWORK = ["network.kind=afno", f"network.rows={ROWS}", f"network.columns={COLUMNS}", "network.patch=2",
           "network.channels_in=2", "network.channels_out=2", "network.embed=16", "network.depth=1",
           "network.blocks=2"]
TRAINING = ["data.kind=fields", "training.epochs=2", "training.batch=6", "training.micro_batch=2",
            "training.learning_rate=2e-3", "training.clip_norm=0.5"]


def waves(steps=STEPS):
    """Waves that travel east, with a daily cycle: (time, channel, lat, lon)."""
    t = np.arange(steps)[:, None, None]
    lat = np.radians(np.linspace(80, -80, ROWS))[None, :, None]
    lon = 2 * np.pi * np.arange(COLUMNS)[None, None, :] / COLUMNS
    first = 280 + 9 * np.cos(lat) * np.cos(lon - 0.4 * t) + 2 * np.sin(2 * np.pi * t / 4)
    second = 5 * np.cos(lat) ** 2 * np.sin(2 * lon - 0.7 * t)
    return np.stack([first, second], axis=1).astype("f4")


def write_fields(path, values, begin=0.0):
    with h5py.File(path, "w") as file:
        file["fields"] = values
        file["timestamp"] = begin + 6 * 3600.0 * np.arange(len(values))
        file["channel"] = np.array(["t2m", "u10"], "S8")
        file["channel"].attrs["units"] = np.array(["K", "m s-1"], "S8")
        file["lat"] = np.linspace(80, -80, ROWS)
        file["lon"] = 360.0 * np.arange(COLUMNS) / COLUMNS


class Whole(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        write_fields(self.folder / "a.h5", waves())
        self.run_it("statistics", "a.h5", "--set", "climatology=hour-of-day", "--output", "stats")

    def run_it(self, *words, code=0, ranks=0, settings=()):
        command = [MPIRUN, "-n", str(ranks)] if ranks else []
        command += [BINARY, *map(str, words), "--quiet"]
        for setting in settings:
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False,
                              cwd=self.folder, env=ENVIRONMENT)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def train(self, *more, output="t.h5", **options):
        settings = [*NETWORK, *TRAINING, 'data.files=["a.h5"]', "data.statistics=stats", *more]
        return self.run_it("train", "--json", "--output", output, settings=settings, **options)

    def forecast(self, *more, output="f.h5", **options):
        settings = ["network=t.h5", 'data.files=["a.h5"]', "data.statistics=stats", "forecast.steps=3",
                    *more]
        return self.run_it("forecast", "--json", "--output", output, settings=settings, **options)

    def skill(self, output="f.h5"):
        with h5py.File(self.folder / output) as file:
            rows = file["result/skill"]
            text = zip(*([v.decode() for v in rows[n]] for n in ("method", "quantity", "channel")))
            return dict(zip(((*key, lead) for key, lead in zip(text, rows["lead"][:])), rows["value"][:]))

    # --- what must come out -------------------------------------------------------------------

    def test_scores_are_those_of_the_files_that_xarray_opens(self):
        import xarray as xr
        self.train()
        report = json.loads(self.forecast("fields.path=fields.h5", "fields.cases=1000").stdout)
        self.assertEqual(report["cases"], STEPS - 1)
        truth, skill = waves().astype("f8"), self.skill()
        weights = np.cos(np.radians(np.linspace(80, -80, ROWS)))[:, None]
        weights = weights / weights.mean()
        engines = [e for e in ("h5netcdf", "netcdf4") if e in xr.backends.list_engines()]
        self.assertTrue(engines, "xarray has no engine for HDF5 files")
        for engine in engines:
            with xr.open_dataset(self.folder / "fields.h5", engine=engine) as forecasts:
                self.assertEqual(forecasts.t2m.dims, ("time", "lead_time", "lat", "lon"))
                self.assertEqual(forecasts.t2m.attrs["units"], "K")
                self.assertEqual(forecasts.lat.attrs["units"], "degrees_north")
                self.assertEqual(str(forecasts.time.values[1])[:13], "1970-01-01T06")
                self.assertEqual(str(forecasts.valid_time.values[1, 2])[:13], "1970-01-02T00")
                values = forecasts.u10.values
        for place, lead in enumerate((6.0, 12.0, 18.0)):
            step = place + 1
            count = STEPS - step
            ours = values[:count, place] - truth[step:, 1]
            want = np.sqrt(np.mean(weights * ours**2))
            self.assertAlmostEqual(skill["network", "rmse", "u10", lead], want, delta=1e-4 * want)
            still = truth[:count, 1] - truth[step:, 1]
            want = np.sqrt(np.mean(weights * still**2))
            self.assertAlmostEqual(skill["persistence", "rmse", "u10", lead], want, delta=1e-4 * want)

    def test_a_roll_out_is_its_single_steps(self):
        self.train()
        self.forecast("fields.path=three.h5", "forecast.cases=1")
        with h5py.File(self.folder / "three.h5") as file:
            three = np.stack([file["t2m"][0], file["u10"][0]], axis=1)  # (lead, channel, lat, lon)
        # start a one-step forecast from the fields that the first step has made
        values = waves()
        values[1] = three[0]
        write_fields(self.folder / "b.h5", values)
        self.forecast("fields.path=one.h5", 'data.files=["b.h5"]', "data.first_step=1", "forecast.steps=1",
                      "forecast.cases=1", output="g.h5")
        with h5py.File(self.folder / "one.h5") as file:
            one = np.stack([file["t2m"][0, 0], file["u10"][0, 0]])
        # the way over the file rounds to float32 in K: not the last bits, but nothing more
        np.testing.assert_allclose(one, three[1], rtol=0, atol=2e-4 * np.abs(three[1]).max())

    def test_same_bits_for_any_number_of_ranks(self):
        if not MPIRUN:
            self.skipTest("no mpirun")
        digests, skills = [], []
        for ranks in (1, 2, 3, 4):
            done = self.train(output=f"t{ranks}.h5", ranks=ranks)
            report = json.loads(done.stdout)
            digests.append((report["weights_digest"], report["loss_digest"]))
            self.forecast("network=t1.h5", "ensemble.members=3", output=f"f{ranks}.h5", ranks=ranks)
            skills.append(self.skill(f"f{ranks}.h5"))
        self.assertEqual(len(set(digests)), 1, digests)
        for skill in skills[1:]:
            np.testing.assert_array_equal(list(skill.values()), list(skills[0].values()))
        other = json.loads(self.train("seed=2", output="o.h5").stdout)
        self.assertNotEqual(other["weights_digest"], digests[0][0])

    def test_fine_tuning_starts_from_an_earlier_run(self):
        first = json.loads(self.train().stdout)
        tuned = json.loads(self.train("network.steps=2", "training.start_from=t.h5", output="tuned.h5").stdout)
        self.assertLess(tuned["train_loss"][0] / 2, first["train_loss"][0])
        self.forecast("network=tuned.h5")
        with h5py.File(self.folder / "f.h5") as file:
            digest = file["graph"].attrs["digest"]
        self.assertEqual(digest.decode(), first["network"]["digest"])  # one step of the same network

    def test_memory_is_what_was_predicted(self):
        with h5py.File(self.folder / "large.h5", "w") as file:
            file["fields"] = np.random.default_rng(1).standard_normal((12, 8, 128, 256)).astype("f4")
            file["timestamp"] = 6 * 3600.0 * np.arange(12)
        self.run_it("statistics", "large.h5", "--set", "climatology=none", "--output", "large-stats")
        network = ["network.kind=afno", "network.rows=128", "network.columns=256", "network.patch=8",
                   "network.channels_in=8", "network.channels_out=8", "network.embed=256", "network.depth=6",
                   "network.blocks=8", "data.kind=fields", 'data.files=["large.h5"]',
                   "data.statistics=large-stats", "data.stride=3", "validation.first_step=8",
                   "validation.steps=4", "training.epochs=1", "training.batch=4", "training.micro_batch=4"]
        digests, peaks = [], []
        for recompute in ("false", "true"):
            done = self.run_it("train", "--json", "--output", "l.h5", "--force",
                               settings=[*network, f"training.recompute={recompute}"])
            digests.append(json.loads(done.stdout)["weights_digest"])
            with h5py.File(self.folder / "l.h5") as file:
                predicted, peak = (int(file["timing"].attrs[n]) for n in
                                   ("predicted_peak_bytes", "peak_resident_bytes"))
            peaks.append((predicted, peak))
        self.assertEqual(digests[0], digests[1])  # what is computed again has the same bits
        if any(name.endswith("SAN_OPTIONS") for name in os.environ):
            return  # a sanitizer keeps what is freed
        for predicted, peak in peaks:
            self.assertGreater(peak, 1.5e8)
            self.assertLess(abs(predicted - peak), 0.05 * peak, (predicted, peak))
        self.assertLess(peaks[1][1], 0.8 * peaks[0][1])

    def test_fine_tuning_with_planes_and_forcing(self):
        with h5py.File(self.folder / "still.h5", "w") as file:
            file["orog"] = np.add.outer(np.arange(ROWS), np.arange(COLUMNS)).astype("f4")
        planes = ["network.channels_in=5", "network.channels_out=1", 'data.channels_in=["t2m", "u10"]',
                  'data.channels_out=["t2m"]', 'data.constants=["still.h5:orog"]', 'data.clocks=["day"]']
        first = json.loads(self.train(*planes).stdout)
        settings = (*planes, "network.steps=2", "training.start_from=t.h5")
        tuned = json.loads(self.train(*settings, output="tuned.h5").stdout)
        self.assertLess(tuned["train_loss"][0] / 2, first["train_loss"][0])
        if MPIRUN:
            again = json.loads(self.train(*settings, output="tuned3.h5", ranks=3).stdout)
            self.assertEqual(again["weights_digest"], tuned["weights_digest"])
        self.forecast("network=tuned.h5")
        done = self.train(*planes[:2], *planes[4:], "network.steps=2", 'data.channels_in=["u10", "t2m"]',
                          'data.channels_out=["t2m"]', output="wrong.h5", code=2)
        self.assertIn("begin with data.channels_out", done.stderr)

    def lines(self, name, seed, count=24):
        """Series x(t + 1) = 2 x(t) - x(t - 1) of four steps: smooth states and slopes of their own, no state
        tells its slope. Returns the folder."""
        folder = self.folder / name
        folder.mkdir()
        random = np.random.default_rng(seed)
        lon = 2 * np.pi * np.arange(COLUMNS) / COLUMNS
        lat = np.radians(np.linspace(80, -80, ROWS))[:, None]
        for one in range(count):
            start, slope = (sum(random.normal() * np.cos(lat) ** k * np.cos(k * lon - random.uniform(0, 7))
                                for k in range(3)) for _ in range(2))
            series = [280 + 5 * start + 1.5 * slope * t for t in (-1.5, -0.5, 0.5, 1.5)]
            write_fields(folder / f"{1900 + one}.h5", np.stack([series, series], axis=1).astype("f4"))
        return folder

    def test_memory_of_many_open_files_is_predicted(self):
        self.lines("years", 3, 40)
        self.run_it("statistics", "years", "--set", "climatology=none", "--output", "years-stats")
        self.train('data.files=["years"]', "data.statistics=years-stats", "validation.years=[1900, 1901]")
        if any(name.endswith("SAN_OPTIONS") for name in os.environ):
            return  # a sanitizer keeps what is freed
        with h5py.File(self.folder / "t.h5") as file:
            timing = file["timing"].attrs
            self.assertLess(abs(timing["predicted_peak_bytes"] - timing["peak_resident_bytes"]), 8e6)

    def test_what_only_the_state_before_tells_is_learnt_with_a_history_alone(self):
        self.lines("learn", 1)
        self.lines("check", 2, 12)
        self.run_it("statistics", "learn", "--set", "climatology=none", "--output", "slopes")
        fields = ['data.channels_in=["t2m"]', "data.statistics=slopes"]
        ratio = {}
        for history in (1, 2):
            settings = [*NETWORK, *TRAINING, *fields, 'data.files=["learn"]', 'validation.files=["check"]',
                        f"data.history={history}", f"network.channels_in={history}", "network.channels_out=1",
                        "network.predict=change", "training.epochs=40", "training.learning_rate=5e-3"]
            self.run_it("train", "--output", f"h{history}.h5", settings=settings)
            # the second and third steps have a state before them and one after
            self.run_it("forecast", "--output", f"f{history}.h5", settings=[
                f"network=h{history}.h5", *fields, 'data.files=["check"]', "forecast.steps=1",
                'forecast.baselines=["persistence"]'])
            skill = self.skill(f"f{history}.h5")
            ratio[history] = skill["network", "rmse", "t2m", 6.0] / skill["persistence", "rmse", "t2m", 6.0]
        self.assertLess(ratio[2], 0.3, ratio)
        self.assertGreater(ratio[1], 0.8, ratio)

    def test_a_history_of_three_from_training_to_forecast(self):
        planes = ["network.channels_in=8", "network.channels_out=2", "data.history=3", 'data.clocks=["day"]',
                  "data.anomalies=stats", "network.predict=change", "data.steps=36", "validation.first_step=36",
                  "validation.steps=12"]
        first = json.loads(self.train(*planes).stdout)
        settings = (*planes, "network.steps=3", "training.start_from=t.h5")
        tuned = json.loads(self.train(*settings, output="tuned.h5").stdout)
        fresh = json.loads(self.train(*planes, "network.steps=3", output="fresh.h5").stdout)
        self.assertLess(tuned["train_loss"][0], fresh["train_loss"][0])
        with h5py.File(self.folder / "tuned.h5") as file:
            self.assertEqual(file["fields"].attrs["history"], 3)
        self.forecast("network=tuned.h5", "ensemble.members=3", "forecast.batch=2")
        report = json.loads(self.forecast("network=tuned.h5", "ensemble.members=3", "forecast.batch=3",
                                          output="g.h5").stdout)
        self.assertEqual(report["cases"], STEPS - 1 - 2)
        np.testing.assert_equal(self.skill("g.h5"), self.skill())
        self.assertGreater(self.skill()["ensemble", "spread", "t2m", 6.0], 0)
        with h5py.File(self.folder / "f.h5") as file:
            digest = file["graph"].attrs["digest"]
        self.assertEqual(digest.decode(), first["network"]["digest"])
        if not MPIRUN:
            return
        for ranks in (2, 3, 4):
            again = json.loads(self.train(*settings, output=f"r{ranks}.h5", ranks=ranks).stdout)
            self.assertEqual(again["weights_digest"], tuned["weights_digest"])
            self.assertEqual(again["loss_digest"], tuned["loss_digest"])
        self.forecast("network=tuned.h5", "ensemble.members=3", output="h.h5", ranks=3)
        np.testing.assert_equal(self.skill("h.h5"), self.skill())

    def test_planes_and_anomalies(self):
        self.train("network.channels_in=6", 'data.clocks=["day", "year"]', "data.anomalies=stats")
        self.forecast("ensemble.members=4", "forecast.batch=3", "fields.path=fields.h5",
                      'forecast.baselines=["persistence", "climatology", "anomaly persistence", "damped anomaly"]')
        skill = self.skill()
        self.assertGreater(skill["ensemble", "spread", "t2m", 6.0], 0)
        self.assertGreater(skill["network", "rmse", "t2m", 6.0], skill["ensemble", "fair_crps", "t2m", 6.0])
        self.assertLessEqual(skill["damped anomaly", "rmse", "u10", 6.0],
                             skill["anomaly persistence", "rmse", "u10", 6.0] * 1.001)
        with h5py.File(self.folder / "fields.h5") as file:
            self.assertEqual(file["t2m"].shape, (1, 4, 3, ROWS, COLUMNS))

    # --- what must be refused -----------------------------------------------------------------

    def refused(self, done, *parts):
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_bad_input_is_one_line(self):
        self.refused(self.train("network.channels_in=3", code=2), "channels_in = 2")
        self.refused(self.train("network.rows=6", code=2), "network.rows = 8")
        self.refused(self.train("network.patch=3", "network.rows=9", "network.columns=18", code=2), "patch")
        self.refused(self.train("data.history=3", code=2), "4 of the states before", "network.channels_in = 6")
        self.refused(self.train("data.history=3", "network.channels_in=6", "data.steps=3", "validation.first_step=9",
                                "validation.steps=9", code=2), "no sample", "4 steps", "3 states", "data.history")
        self.refused(self.train("data.history=9", code=2), "data.history", "1", "8")
        self.refused(self.train("data.history=2", "validation.history=3", "network.channels_in=4", code=2),
                     "history = 3", "2 states")
        self.refused(self.train("data.statistics=", code=2), "data.statistics")
        self.refused(self.train('data.clocks=["week"]', code=2), "week")
        values = waves()
        values[17, 1, 2, 3] = np.nan
        write_fields(self.folder / "nan.h5", values)
        self.refused(self.train('data.files=["nan.h5"]', code=2), "nan.h5", "u10", "1970-01-05T06")
        self.assertFalse((self.folder / "t.h5").exists())

    def test_a_forecast_refuses_what_the_network_was_not_trained_on(self):
        self.train()
        self.refused(self.forecast('data.channels_in=["u10", "t2m"]', code=2), "trained on")
        self.refused(self.forecast("data.lead=2", code=2), "12 h", "6 h")
        self.refused(self.forecast("data.history=2", code=2), "history = 2", "trained on 1 state")
        self.refused(self.forecast('forecast.baselines=["zero"]', code=2), "zero", "persistence")
        self.refused(self.forecast("network=stats/statistics.h5", code=2), "/fields")
        self.refused(self.train("network.embed=32", "training.start_from=t.h5", output="u.h5", code=2),
                     "another network")


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    if len(sys.argv) > 1 and not sys.argv[1].startswith(("-", "Whole")):
        MPIRUN = sys.argv.pop(1)
    unittest.main()
