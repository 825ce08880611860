# SPDX-License-Identifier: BSD-3-Clause
"""AUC of zz for trained networks beside simple baselines: cms_table.py FOLDER NAME=a.h5,b.h5 ...

FOLDER holds the files of cms_split.py; NAME=... lists the records of one network, one per seed.
Prints a Markdown table: the mean AUC over the seeds, its spread, and the difference to the two
baselines with the paired bootstrap 95 % interval over events. 'beats' means that the interval
excludes 0 from above. `--plot FILE.svg` draws the same.
"""

import argparse
import pathlib

import h5py
import numpy as np
from ranking import auc, paired_bootstrap, scores

import crossjoule


def load(folder):
    found = {}
    for name in ("train", "test", "zz"):
        with h5py.File(pathlib.Path(folder) / f"cms-{name}.h5") as file:
            found[name] = file["Particles"][()].astype(float)
    return found


def baselines(events):
    """{name: (test scores, zz scores)}: number of muons, squared norm, PCA with 3 components."""
    flat = {name: data[:, :, :3].reshape(len(data), 57) for name, data in events.items()}
    mean, scale = flat["train"].mean(axis=0), flat["train"].std(axis=0)
    scale[scale == 0] = 1
    flat = {name: (data - mean) / scale for name, data in flat.items()}
    _, _, axes = np.linalg.svd(flat["train"], full_matrices=False)
    axes = axes[:3]

    def both(score):
        return tuple(score(name) for name in ("test", "zz"))

    return {
        "number of muons": both(
            lambda name: (events[name][:, 5:9, 3] == 3).sum(axis=1).astype(float)
        ),
        "PCA, 3 components": both(
            lambda name: ((flat[name] - flat[name] @ axes.T @ axes) ** 2).mean(axis=1)
        ),
        "squared norm": both(lambda name: (flat[name] ** 2).sum(axis=1)),
    }


def verdict(low, high):
    return "beats" if low > 0 else "loses" if high < 0 else "undecided"


def rows_of(networks, events, simple, replicates):
    for name, files in networks.items():
        ours = []
        for path in files:
            record = crossjoule.open_record(path)
            ours.append(tuple(scores(record, events[part]) for part in ("test", "zz")))
        found = np.array([auc(*each) for each in ours])
        cells = [
            f"{name} ({len(ours)} seeds)",
            f"{found.mean():.4f}",
            f"{found.std(ddof=1):.4f}" if len(found) > 1 else "-",
        ]
        for baseline in ("number of muons", "PCA, 3 components"):
            pairs = [(each, simple[baseline]) for each in ours]
            low, value, high = paired_bootstrap(pairs, replicates)
            cells.append(f"{value:+.4f} [{low:+.4f}, {high:+.4f}] {verdict(low, high)}")
        yield cells, found


def plot(path, simple, results):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 0.4 * (len(simple) + len(results)) + 1))
    axes = figure.add_subplot()
    names = [*simple, *(cells[0] for cells, _ in results)]
    values = [[auc(*pair)] for pair in simple.values()] + [list(found) for _, found in results]
    for row, found in enumerate(values):
        colour = "#56606e" if row < len(simple) else "#0072b2"
        axes.plot(found, [row] * len(found), "o", color=colour, alpha=0.5)
        axes.plot([np.mean(found)], [row], "|", color=colour, markersize=16, markeredgewidth=2)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0.5, color="#56606e", linestyle=":")
    axes.set_xlabel("AUC, ZZ against single top, WW, WZ (a dot per seed, the bar is their mean)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("networks", nargs="*", metavar="NAME=a.h5,b.h5")
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--plot", metavar="FILE.svg")
    options = parser.parse_args()
    events = load(options.folder)
    simple = baselines(events)
    networks = dict(entry.split("=", 1) for entry in options.networks)
    networks = {name: files.split(",") for name, files in networks.items()}
    print(f"{len(events['test'])} background events, {len(events['zz'])} ZZ events\n")
    print(
        "| score | AUC | spread over seeds | less muons counted | less PCA |\n|---|---|---|---|---|"
    )
    for name, pair in simple.items():
        print(f"| {name} | {auc(*pair):.4f} | - | - | - |")
    results = []
    for cells, found in rows_of(networks, events, simple, options.replicates):
        print("| " + " | ".join(cells) + " |", flush=True)
        results.append((cells, found))
    if options.plot:
        plot(options.plot, simple, results)


if __name__ == "__main__":
    main()
