# SPDX-License-Identifier: BSD-3-Clause
"""`crossjoule verify` as its users meet it: sound files of any size pass, damaged ones do not.

Run as: python3 verify_test.py BINARY [SHARED], SHARED being the folder of the reference data."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

import reference_files

BINARY, SHARED = None, None


def run(*arguments):
    return subprocess.run([BINARY, "verify", *map(str, arguments)], capture_output=True, text=True,
                          timeout=100, check=False)


class Verify(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "reference.h5"

    def sound(self, kind="svdd", widths=(7, 11, 5, 3), batch=9, **options):
        return reference_files.write(self.path, kind, widths, batch, **options)

    def change(self, action):
        with h5py.File(self.path, "r+") as file:
            action(file)

    def report(self, exit_code):
        done = run(self.path, "--json")
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def failed(self):
        return {row["dataset"] for row in self.report(1)["comparisons"]
                if not row["passed"] and row["precision"] == "fp64"}

    def refused(self, *parts, codes=(2,)):
        done = run(self.path)
        self.assertIn(done.returncode, codes, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
        for part in (str(self.path), *parts):
            self.assertIn(part, done.stderr)
        self.assertEqual(done.stdout, "")

    # --- what must pass ---------------------------------------------------------------------

    def test_networks_of_any_size_pass(self):
        cases = [("svdd", (76, 512, 256, 128, 5), 3, {}), ("svdd", (1, 1), 1, {}),
                 ("svdd", (13, 7, 2), 65, {"centre": -1.5, "r_max": 0.3}),
                 ("svdd", (57, 64, 34), 31, {"centre": 10.0}), ("svdd", (5, 3, 4), 2, {"biases": False}),
                 ("autoencoder", (57, 16, 3, 16, 57), 17, {"biases": False}),
                 ("autoencoder", (11, 5, 11), 1, {}), ("autoencoder", (3, 3), 129, {})]
        for seed, (kind, widths, batch, options) in enumerate(cases):
            with self.subTest(kind=kind, widths=widths, batch=batch):
                names = self.sound(kind, widths, batch, seed=seed, **options)
                report = self.report(0)
                rows = {(row["dataset"], row["precision"]) for row in report["comparisons"]}
                self.assertEqual(rows, {(name, p) for name in names for p in ("fp64", "fp32")})
                self.assertEqual(report["network"]["macs"],
                                 sum(a * b for a, b in zip(widths[:-1], widths[1:])))
                self.path.unlink()

    def test_other_names_and_optional_attributes(self):
        self.sound()

        def rename(file):
            for group in ("parameters", "gradients"):
                for old in list(file[group]):
                    file.move(f"{group}/{old}", f"{group}/z{9 - int(file[group][old].attrs['index'])}")
            del file.attrs["batch"], file.attrs["widths"], file.attrs["nonlinearity"]
        self.change(rename)
        self.report(0)

    def test_table_names_every_dataset(self):
        names = self.sound()
        done = run(self.path)
        self.assertEqual(done.returncode, 0)
        for name in names:
            self.assertEqual(sum(name + " " in line for line in done.stdout.splitlines()), 2, name)

    def test_shared_files_pass(self):
        files = [Path(SHARED or "absent") / "data/golden" / name for name in ("svdd-z13.h5", "ae-57.h5")]
        if not all(file.exists() for file in files):
            self.skipTest("the shared reference files are absent")
        for file in files:
            done = run(file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    # --- what must fail: exit code 1 --------------------------------------------------------

    def test_one_wrong_gradient_is_found(self):
        self.sound()
        self.change(lambda file: file["gradients/layer1.w"].__setitem__((2, 3), file["gradients/layer1.w"][2, 3] + 1e-3))
        self.assertEqual(self.failed(), {"gradients/layer1.w"})

    def test_every_expected_dataset_is_compared(self):
        for name in self.sound():
            with self.subTest(name=name):
                self.sound()
                self.change(lambda file: file[name].__setitem__(..., file[name][...] * (1 + 1e-5)))
                self.assertEqual(self.failed(), {name})

    def test_swapped_weights_are_found(self):
        self.sound()

        def swap(file):
            weights = file["parameters/layer0.w"]
            weights[0, 0], weights[0, 1] = weights[0, 1], weights[0, 0]
        self.change(swap)
        self.assertIn("output", self.failed())

    def test_other_centre_and_radius_are_found(self):
        self.sound()
        self.change(lambda file: file.attrs.__setitem__("centre", 0.26))
        self.assertIn("loss", self.failed())
        self.change(lambda file: file.attrs.__setitem__("centre", 0.25))
        self.change(lambda file: file.attrs.__setitem__("r_max", 2.001))
        self.assertEqual(self.failed(), {"score"})

    def test_wrong_nonlinearity_is_found(self):
        self.sound()
        self.change(lambda file: file.attrs.__setitem__("nonlinearity", "relu"))
        self.assertIn("output", self.failed())

    # --- what is refused: exit code 2, or 5 for damage --------------------------------------

    def test_truncated_file(self):
        self.sound(widths=(76, 64, 13), batch=64)
        whole = self.path.read_bytes()
        for share in (0.3, 0.7, 0.99):
            self.path.write_bytes(whole[:int(share * len(whole))])
            self.refused(codes=(2, 5))

    def test_not_hdf5_and_absent(self):
        self.path.write_text("no network here\n")
        self.refused()
        self.path.unlink()
        self.refused()

    def test_missing_datasets(self):
        for name in ("input", "output", "loss", "score", "gradients", "activations", "parameters"):
            with self.subTest(name=name):
                self.sound()
                self.change(lambda file: file.__delitem__(name))
                self.refused(f"'{name}'", "missing")

    def test_missing_members_and_attributes(self):
        for group in ("gradients", "activations"):
            self.sound()
            self.change(lambda file: file.__delitem__(f"{group}/" + max(file[group], key=lambda n: file[group][n].attrs["index"])))
            self.refused(f"'{group}'")
        for attribute in ("kind", "centre", "r_max"):
            self.sound()
            self.change(lambda file: file.attrs.__delitem__(attribute))
            self.refused(f"'{attribute}'", "missing")

    def test_unknown_datasets_and_kinds(self):
        self.sound()
        self.change(lambda file: file.__setitem__("hessian", np.eye(2)))
        self.refused("'hessian'", "not known")
        self.sound()
        self.change(lambda file: file.__setitem__("adam/loss", np.ones(2)))
        self.refused("'adam/loss'", "not known")
        self.sound()
        self.change(lambda file: file.attrs.__setitem__("kind", "afno2"))
        self.refused("'afno2'", "afno, autoencoder, svdd")

    def test_wrong_shapes(self):
        def replace(name, array):
            def action(file):
                index = file[name].attrs.get("index")
                del file[name]
                file[name] = array
                if index is not None:
                    file[name].attrs["index"] = index
            return action
        for name, array in (("input", np.ones(5)), ("input", np.ones((0, 7))), ("output", np.ones((9, 4))),
                            ("loss", np.ones(2)), ("score", np.ones(8)), ("parameters/layer1.w", np.ones((5, 12))),
                            ("parameters/layer1.b", np.ones(6)), ("gradients/layer0.w", np.ones((7, 11))),
                            ("activations/layer0", np.ones((9, 5))), ("score", np.ones(9, dtype=np.int64))):
            with self.subTest(name=name, shape=array.shape):
                self.sound()
                self.change(replace(name, array))
                self.refused(name.split("/")[0])

    def test_numbers_that_are_none(self):
        for name in ("input", "parameters/layer0.w", "gradients/layer2.b", "output"):
            with self.subTest(name=name):
                self.sound()
                self.change(lambda file: file[name].__setitem__((0,) * file[name].ndim, np.nan))
                self.refused(f"'{name}'", "finite")
        self.sound()
        self.change(lambda file: file.attrs.__setitem__("r_max", 0.0))
        self.refused("r_max")

    def test_other_numbers_of_files(self):
        self.sound()
        self.assertEqual(run().returncode, 2)
        self.assertEqual(run(self.path, self.path).returncode, 2)


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv[1])
    SHARED = sys.argv[2] if len(sys.argv) > 2 else None
    unittest.main(argv=sys.argv[:1], verbosity=2)
