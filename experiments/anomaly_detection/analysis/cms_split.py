# SPDX-License-Identifier: BSD-3-Clause
"""Split the CMS open-data events for training and testing: cms_split.py EVENTS_FOLDER OUTPUT_FOLDER.

Background is single-top, ww, wz in file order (qcd left out); event i is test if i mod 5 = 4, else
train. Of the training events every fifth (j mod 5 = 2) makes cms-validation.h5, which chooses
settings by its loss on background alone; cms-fit.h5 holds the others, cms-train.h5 both. The
anomaly, cms-zz.h5, is scored once. All files are ADC2021 `Particles` (N, 19, 4), float32.
"""

import pathlib
import sys

import h5py
import numpy as np

BACKGROUND = ("cms-single-top.h5", "cms-ww.h5", "cms-wz.h5")


def particles(path):
    with h5py.File(path) as file:
        return file["Particles"][()].astype(np.float32)


def write(path, events):
    if path.exists():
        raise SystemExit(f"{path} exists (nothing is overwritten unasked) choose another folder")
    with h5py.File(path, "w") as file:
        rows = max(1, min(len(events), (1 << 20) // events[0].nbytes))
        file.create_dataset("Particles", data=events, chunks=(rows, 19, 4), fletcher32=True)
    print(f"{path.name}: {len(events)} events")


def split(background):
    """{name: events} of the fixed split."""
    test = np.arange(len(background)) % 5 == 4
    train = background[~test]
    validation = np.arange(len(train)) % 5 == 2
    return {
        "cms-train.h5": train,
        "cms-fit.h5": train[~validation],
        "cms-validation.h5": train[validation],
        "cms-test.h5": background[test],
    }


def main(source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    for name in (*BACKGROUND, "cms-zz.h5"):
        if not (source / name).exists():
            raise SystemExit(
                f"{source / name} does not exist (the events of the CMS tutorial) name their folder"
            )
    target.mkdir(parents=True, exist_ok=True)
    background = np.concatenate([particles(source / name) for name in BACKGROUND])
    for name, events in split(background).items():
        write(target / name, events)
    write(target / "cms-zz.h5", particles(source / "cms-zz.h5"))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
