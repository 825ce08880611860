# SPDX-License-Identifier: BSD-3-Clause
"""Small input files, sound and unsound, for the command-line tests: events in the ADC2021 form,
dataset Particles (N, 19, 4) with pT, eta, phi and class per object."""

from pathlib import Path

import h5py
import numpy as np

EVENTS = 256


def particles(events, seed=1):
    """Made-up events: MET, up to 4 electrons, 4 muons, 10 jets; absent objects are zero."""
    random = np.random.default_rng(seed)
    values = np.zeros((events, 19, 4))
    kinds = np.array([1] + [2] * 4 + [3] * 4 + [4] * 10)
    present = random.random((events, 19)) < 0.4
    present[:, 0] = True
    values[..., 0] = 20 + random.exponential(30, (events, 19))
    values[..., 1] = random.uniform(-2.4, 2.4, (events, 19))
    values[:, 0, 1] = 0  # MET has no eta
    values[..., 2] = random.uniform(-np.pi, np.pi, (events, 19))
    values[..., 3] = kinds
    values[~present] = 0
    return values.astype(np.float32)


def write(path, name, values):
    with h5py.File(path, "w") as file:
        file.create_dataset(name, data=values)


def make(folder):
    folder = Path(folder)
    folder.mkdir()
    sound = particles(EVENTS)
    write(folder / "sound.h5", "Particles", sound)
    write(folder / "other.h5", "Particles", particles(EVENTS, seed=2))
    write(folder / "two.h5", "Particles", sound[:2])
    write(folder / "zero.h5", "Particles", sound[:0])
    write(folder / "no_dataset.h5", "Events", sound)
    write(folder / "wrong_shape.h5", "Particles", sound[:, :18, :])
    write(folder / "flat.h5", "Particles", sound.reshape(EVENTS, 76))
    with_nan = sound.copy()
    with_nan[17, 3, 1] = np.nan
    write(folder / "nan.h5", "Particles", with_nan)
    late = sound.copy()
    late[EVENTS - 10, 3, 1] = np.inf  # in the last rank's share
    write(folder / "late_infinity.h5", "Particles", late)
    write(folder / "constant.h5", "Particles", np.full_like(sound, 3))
    (folder / "not_hdf5.h5").write_text("this is no HDF5 file\n" * 40)
    (folder / "broken.toml").write_text("seed = 1\nnetwork = {\n")
    (folder / "misspelt.toml").write_text("seed = 1\n\n[training]\nepocs = 3\n")
    (folder / "wrong_type.toml").write_text('[training]\nepochs = "many"\n')
    (folder / "nan.toml").write_text("[training]\n\nlearning_rate = nan\n")
    (folder / "negative.toml").write_text("[network]\nlatent = -3\n")
    whole = (folder / "sound.h5").read_bytes()
    (folder / "cut.h5").write_bytes(whole[:len(whole) // 2])
