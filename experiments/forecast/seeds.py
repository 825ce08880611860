# SPDX-License-Identifier: BSD-3-Clause
"""Mean and spread over seeds of the network's RMSE, beside the baselines: seeds.py SKILL.h5 ...

Needs numpy and h5py alone. The baselines are the same in every record."""

import sys

import h5py
import numpy as np


def skill(path):
    """{(method, channel, lead): RMSE} of a record."""
    with h5py.File(path) as file:
        rows = file["result/skill"]
        text = {name: [value.decode() for value in rows[name]] for name in ("method", "quantity", "channel")}
        keys = zip(text["method"], text["channel"], rows["lead"][:])
        return {key: value for key, quantity, value in zip(keys, text["quantity"], rows["value"][:])
                if quantity == "rmse"}


def main():
    records = [skill(path) for path in sys.argv[1:]]
    methods = list(dict.fromkeys(method for method, _, _ in records[0]))
    print(f"{len(records)} seeds; RMSE: mean, lowest, highest of the network")
    print("channel      lead h  network " + " " * 19 + "  ".join(methods[1:]))
    for method, channel, lead in records[0]:
        if method != "network":
            continue
        values = np.array([record[method, channel, lead] for record in records])
        others = "  ".join(f"{records[0][other, channel, lead]:{len(other)}.4f}" for other in methods[1:])
        print(f"{channel:12} {lead:6g}  {values.mean():7.4f} [{values.min():.4f}, {values.max():.4f}] {others}")


if __name__ == "__main__":
    main()
