# SPDX-License-Identifier: BSD-3-Clause
"""Small input files, sound and unsound, for the command-line tests: events in the ADC2021 form,
dataset Particles (N, 19, 4) with pT, eta, phi and class per object; fields (time, channel, lat,
lon) in the FourCastNet layout, in a folder each."""

from pathlib import Path

import h5py
import numpy as np

import meter_inputs

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


def change(path):
    """Double one number of a record, as another program would that knows HDF5 but not records."""
    with h5py.File(path, "r+") as file:
        if "parameters" in file:
            found = []
            file["parameters"].visititems(
                lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
            dataset = found[0]
        else:
            dataset = file["result/points/joules_per_sample"]
        values = dataset[...]
        values.flat[-1] *= 2
        dataset[...] = values


def claim(path, other):
    """Give a record's network the digest of that of `other`."""
    with h5py.File(path, "r+") as file, h5py.File(other) as source:
        file["graph"].attrs.modify("digest", source["graph"].attrs["digest"])


def waves(steps, rows=8, columns=16):
    """Two channels of waves that travel eastwards, six hours a step."""
    time, lat, lon = np.meshgrid(np.arange(steps), np.linspace(80, -80, rows),
                                 np.arange(columns) * 360 / columns, indexing="ij")
    phase = np.deg2rad(lon - 15 * time)
    pair = [np.cos(np.deg2rad(lat)) * np.sin(phase), 280 + 5 * np.cos(2 * phase)]
    return np.stack(pair, axis=1).astype(np.float32)


def write_fields(folder, values, hours=None):
    """One year file of `values`, six hours apart unless `hours` says when."""
    folder.mkdir()
    hours = 6 * np.arange(len(values)) if hours is None else hours
    with h5py.File(folder / "1979.h5", "w") as file:
        fields = file.create_dataset("fields", data=values)
        for axis, name, ticks in ((0, "timestamp", 283996800 + 3600 * np.asarray(hours, np.int64)),
                                  (2, "lat", np.linspace(80, -80, values.shape[2])),
                                  (3, "lon", np.arange(values.shape[3]) * 360 / values.shape[3])):
            file[name] = ticks
            file[name].make_scale(name)
            fields.dims[axis].attach_scale(file[name])


def make_fields(folder):
    sound = waves(40)
    write_fields(folder / "fields", sound)
    write_fields(folder / "fields_odd", waves(40, rows=9))
    write_fields(folder / "fields_three", np.concatenate([sound, sound[:, :1]], axis=1))
    with_nan = sound.copy()
    with_nan[23, 1, 2, 3] = np.nan
    write_fields(folder / "fields_nan", with_nan)
    hours = 6 * np.arange(40)
    hours[20:] += 18
    write_fields(folder / "fields_gap", sound, hours)
    write_fields(folder / "fields_cut", sound)
    cut = folder / "fields_cut" / "1979.h5"
    cut.write_bytes(cut.read_bytes()[:-2000])


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
    with h5py.File(folder / "lzf.h5", "w") as file:  # a filter of h5py alone
        file.create_dataset("Particles", data=sound, compression="lzf")
    with h5py.File(folder / "gzip.h5", "w") as file:
        file.create_dataset("Particles", data=sound.astype(">f8"), compression="gzip",
                            chunks=(7, 3, 2))
    (folder / "not_hdf5.h5").write_text("this is no HDF5 file\n" * 40)
    (folder / "broken.toml").write_text("seed = 1\nnetwork = {\n")
    (folder / "misspelt.toml").write_text("seed = 1\n\n[training]\nepocs = 3\n")
    (folder / "wrong_type.toml").write_text('[training]\nepochs = "many"\n')
    (folder / "nan.toml").write_text("[training]\n\nlearning_rate = nan\n")
    (folder / "negative.toml").write_text("[network]\nlatent = -3\n")
    whole = (folder / "sound.h5").read_bytes()
    (folder / "cut.h5").write_bytes(whole[:len(whole) // 2])
    make_fields(folder)
    meter_inputs.make(folder)
