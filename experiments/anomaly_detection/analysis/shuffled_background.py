# SPDX-License-Identifier: BSD-3-Clause
"""Stand-ins for anomalies, made of background alone: shuffled_background.py IN.h5 OUT.h5 [EVENTS].

Each of the 19 objects of an output event comes from another event of the input, so every object is
ordinary and only their combination is not. They choose training settings (choose.sh) without a look
at any signal.
"""

import sys

import h5py
import numpy as np


def shuffled(events, seed=1):
    """Events (N, 19, 4) with each object row permuted over the events on its own."""
    random = np.random.default_rng(seed)
    mixed = np.empty_like(events)
    for row in range(events.shape[1]):
        mixed[:, row] = events[random.permutation(len(events)), row]
    return mixed


def main():
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__.splitlines()[0])
    events = int(sys.argv[3]) if len(sys.argv) == 4 else 20000
    with h5py.File(sys.argv[1]) as file:
        background = file["Particles"][:events]
    with h5py.File(sys.argv[2], "w-") as file:
        file.create_dataset("Particles", data=shuffled(background), chunks=True, fletcher32=True)


if __name__ == "__main__":
    main()
