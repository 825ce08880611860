# SPDX-License-Identifier: BSD-3-Clause
"""`crossjoule verify` on AFNO reference files: any geometry passes, one wrong number anywhere does not.

Files are made by the Python package, whose NumPy network shares no code with the binary and is
itself tested against the golden files and central differences.

Run as: python3 verify_afno_test.py BINARY PACKAGE [SHARED], PACKAGE being the folder python/."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

BINARY, SHARED, AFNO = None, None, None

GEOMETRIES = [
    dict(rows=14, columns=6, patch=2, fraction=0.6),        # taller than wide, f < 1
    dict(rows=15, columns=21, patch=3, fraction=1.0),       # odd numbers of tokens
    dict(rows=2, columns=22, patch=2, fraction=1.0),        # one token high
    dict(rows=14, columns=2, patch=2, fraction=1.0),        # one token wide: row and Nyquist alone
    dict(rows=8, columns=12, patch=1, fraction=0.4, blocks=1, depth=1),
    dict(rows=26, columns=10, patch=2, fraction=0.5, blocks=4, embed=8, mlp_ratio=1.5),
    dict(rows=12, columns=8, patch=4, fraction=1.0, batch=1, double_skip=False),
    dict(rows=16, columns=8, patch=2, fraction=1.0, sparsity=0.0, epsilon=1e-3),
    dict(rows=14, columns=6, patch=2, fraction=0.6, rule="low"),
    dict(rows=13, columns=19, patch=1, fraction=0.3, rule="low", depth=1),
    dict(rows=5, columns=206, patch=1, fraction=1.0, depth=1, batch=1),    # twice the prime 103
    dict(rows=257, columns=4, patch=1, fraction=0.7, depth=1, batch=1),
]


def write(path, rows, columns, patch, fraction, channels_in=2, channels_out=3, embed=6, depth=2,
          blocks=3, mlp_ratio=2.0, sparsity=0.05, epsilon=1e-6, batch=2, double_skip=True, norm=True,
          rule="upstream", seed=1):
    """A sound reference file with random parameters of ordinary size."""
    random = np.random.default_rng(seed)
    width, hidden = embed // blocks, int(embed * mlp_ratio)
    shapes = {
        "norm1.w": (embed,), "norm1.b": (embed,), "w1": (2, blocks, width, width),
        "b1": (2, blocks, width), "w2": (2, blocks, width, width), "b2": (2, blocks, width),
        "norm2.w": (embed,), "norm2.b": (embed,), "fc1.w": (hidden, embed), "fc1.b": (hidden,),
        "fc2.w": (embed, hidden), "fc2.b": (embed,), "norm.w": (embed,), "norm.b": (embed,),
        "pos_embed": (1, rows // patch * (columns // patch), embed),
        "patch.w": (embed, channels_in, patch, patch), "patch.b": (embed,),
        "head.w": (channels_out * patch**2, embed),
    }
    parameters = {}
    for name, _ in AFNO.afno.parameter_names(depth, norm):
        shape = shapes[name.split(".", 1)[1] if name.startswith("block") else name]
        parameters[name] = random.uniform(-0.5, 0.5, shape)
        if name.endswith(("norm1.w", "norm2.w")):
            parameters[name] += 1
    images = random.normal(size=(batch, channels_in, rows, columns))
    targets = random.normal(size=(batch, channels_out, rows, columns))
    AFNO.dump_afno_reference(path, parameters, images, targets, sparsity=sparsity, epsilon=epsilon,
                             hard_thresholding_fraction=fraction, double_skip=double_skip, kept_rows=rule,
                             force=True)


def datasets(path):
    """Every dataset of a file."""
    found = []
    with h5py.File(path) as file:
        file.visititems(lambda name, node: found.append(name) if isinstance(node, h5py.Dataset) else None)
    return found


class VerifyAfno(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "reference.h5"

    def sound(self, **options):
        write(self.path, **{**GEOMETRIES[0], **options})

    def change(self, action):
        with h5py.File(self.path, "r+") as file:
            action(file)

    def run_verify(self, *arguments, path=None):
        return subprocess.run([BINARY, "verify", str(path or self.path), *arguments],
                              capture_output=True, text=True, timeout=100, check=False)

    def failed(self):
        done = self.run_verify("--json")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return {row["dataset"] for row in json.loads(done.stdout)["comparisons"]
                if not row["passed"] and row["precision"] == "fp64"}

    def refused(self, *parts):
        done = self.run_verify()
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
        for part in (str(self.path), *parts):
            self.assertIn(part, done.stderr)

    def test_any_geometry_passes(self):
        for seed, geometry in enumerate(GEOMETRIES):
            for norm in (True, False):
                with self.subTest(**geometry, norm=norm):
                    write(self.path, **geometry, norm=norm, seed=seed)
                    done = self.run_verify("--json")
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    compared = {row["dataset"] for row in json.loads(done.stdout)["comparisons"]}
                    given = {name for name in datasets(self.path)
                             if name not in ("input", "target") and not name.startswith("parameters/")}
                    self.assertEqual(compared, given)

    def test_a_single_skip_may_name_what_follows_its_filter(self):
        self.sound(double_skip=False)
        def name_it(file):
            activations, count = file["activations"], len(file["activations"])
            for block in range(2):
                name = f"block{block}.after_filter"
                activations[name] = activations[f"block{block}.filter_out"][:]
                activations[name].attrs["index"] = np.int64(count + block)
        self.change(name_it)
        done = self.run_verify("--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        def change_it(file):
            file["activations/block1.after_filter"][0, 0, 0, 0] += 1e-3
        self.change(change_it)
        self.assertEqual(self.failed(), {"activations/block1.after_filter"})

    def test_golden_files_pass(self):
        files = sorted((Path(SHARED or "absent") / "data/golden").glob("afno-*.h5"))
        if not files:
            self.skipTest("the shared reference files are absent")
        for file in files:
            done = self.run_verify(path=file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_one_changed_number_is_found_wherever_it_is(self):
        self.sound(rows=6, columns=4, depth=1)
        whole = self.path.with_suffix(".whole")
        shutil.copy(self.path, whole)
        for name in datasets(whole):
            with self.subTest(name=name):
                shutil.copy(whole, self.path)

                def flip(file):
                    values = file[name][()]
                    place = np.unravel_index(np.argmax(np.abs(values)), values.shape)
                    if name.startswith(("gradients/norm.",)):
                        values[place] = 1e-9  # the final norm has no gradient at all
                    else:
                        values[place] = -values[place] if values[place] else 1.0
                    file[name][...] = values
                self.change(flip)
                if name.startswith("parameters/norm."):  # never applied: only the trained copy knows
                    self.assertEqual(self.failed(), {"adam/" + name})
                elif name in ("input", "target") or name.startswith("parameters/"):
                    self.assertTrue(self.failed())
                else:
                    self.assertEqual(self.failed(), {name})

    def test_other_hyper_parameters_are_found(self):
        for name, value in (("softshrink_lambda", 0.051), ("layer_norm_epsilon", 1e-4)):
            self.sound()
            self.change(lambda file: file.attrs.__setitem__(name, value))
            self.assertIn("output", self.failed())
        self.sound()
        self.change(lambda file: file["adam/loss"].attrs.__setitem__("lr", 6e-4))
        self.assertIn("adam/loss", self.failed())

    def test_attributes_must_agree(self):
        for name, value in (("tokens_h", 6), ("kept_cols", 3), ("kept_row_begin", 0), ("kept_row_end", 5),
                            ("batch", 3), ("c_in", 3), ("c_out", 2), ("img_h", 16), ("img_w", 8), ("depth", 3),
                            ("depth", 1), ("embed", 12), ("blocks", 2), ("blocks", 4), ("patch", 4), ("patch", 0),
                            ("mlp_ratio", 4.0), ("hard_thresholding_fraction", 1.0),
                            ("hard_thresholding_fraction", 0.01), ("hard_thresholding_fraction", 1.5),
                            ("softshrink_lambda", -0.1), ("layer_norm_epsilon", 0.0), ("img_h", 1.5)):
            with self.subTest(name=name, value=value):
                self.sound()
                self.change(lambda file: file.attrs.__setitem__(name, value))
                self.refused()

    def test_missing_parts_are_named(self):
        for name in ("input", "target", "output", "loss", "parameters", "gradients", "activations",
                     "parameters/head.w", "gradients/block1.w2", "activations/block0.fc1",
                     "activations/block1.out", "activation_gradients/block1.out", "adam/loss",
                     "adam/parameters/head.w"):
            with self.subTest(name=name):
                self.sound()
                self.change(lambda file: file.__delitem__(name))
                self.refused(name.split("/")[-1], "missing")

    def test_parts_may_be_left_out_whole(self):
        self.sound()

        def drop(file):
            for name in ("input_gradient", "output_gradient", "activation_gradients", "adam"):
                del file[name]
        self.change(drop)
        done = self.run_verify()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_does_not_belong_is_refused(self):
        for name in ("activations/block0.attention", "adam/second", "parameters/block0.w3", "extra"):
            with self.subTest(name=name):
                self.sound()

                def put(file):
                    file[name] = np.ones(3)
                    file[name].attrs["index"] = len(file[name].parent) - 1
                self.change(put)
                self.refused()

    def test_numbers_that_are_none(self):
        for name in ("target", "parameters/block0.w1", "adam/loss", "activation_gradients/embed"):
            with self.subTest(name=name):
                self.sound()
                self.change(lambda file: file[name].__setitem__((0,) * file[name].ndim, np.nan))
                self.refused(f"'{name}'", "finite")


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv[1])
    sys.path.insert(0, sys.argv[2])
    import crossjoule as AFNO  # the package of the tree under test
    SHARED = sys.argv[3] if len(sys.argv) > 3 else None
    unittest.main(argv=sys.argv[:1], verbosity=2)
