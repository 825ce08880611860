# SPDX-License-Identifier: BSD-3-Clause
"""Made-up fields of the standard size: python3 standard_fields.py FILE [STEPS].

Smooth waves that travel, 20 channels on 721 x 1440 points, in the FourCastNet layout (83 MB a step).
They time a network of the published size; nothing can be learned from them about the weather."""

import sys

import h5py
import numpy as np

CHANNELS = ("u10 v10 t2m sp msl t850 u1000 v1000 z1000 u850 v850 z850 u500 v500 z500 t500 z50 r500 "
            "r850 tcwv").split()


def main():
    path, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 6
    lat, lon = np.linspace(90, -90, 721), np.arange(1440) * 0.25
    random = np.random.default_rng(1)
    with h5py.File(path, "x", libver=("earliest", "v110")) as file:
        axes = {"timestamp": 6 * 3600.0 * np.arange(steps), "lat": lat, "lon": lon,
                "channel": np.array(CHANNELS, "S8")}
        for name, values in axes.items():
            file[name] = values
            file[name].make_scale(name)
        shape = (steps, len(CHANNELS), 721, 1440)
        fields = file.create_dataset("fields", shape, "f4", chunks=(1, 1, 721, 1440))
        for axis, name in enumerate(("timestamp", "channel", "lat", "lon")):
            fields.dims[axis].attach_scale(file[name])
        across = np.cos(np.radians(lat))[:, None]
        for channel in range(len(CHANNELS)):
            waves = random.integers(1, 40, 12)
            speeds, phases = random.normal(0, 20, 12), random.uniform(0, 2 * np.pi, 12)
            for step in range(steps):
                field = sum(np.cos(np.radians(wave * lon + speed * step) + phase) / wave
                            for wave, speed, phase in zip(waves, speeds, phases))
                tilt = np.sin(np.radians(3 * lat + 10 * channel))[:, None]
                fields[step, channel] = across * field + tilt + 0.05 * random.normal(size=(721, 1440))


if __name__ == "__main__":
    main()
