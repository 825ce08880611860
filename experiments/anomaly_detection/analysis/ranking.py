# SPDX-License-Identifier: BSD-3-Clause
"""Exact AUC, its paired bootstrap, and the scores of a trained record in plain numpy."""

import re

import numpy as np


def auc(background, signal):
    """P(signal > background) + P(equal)/2 by ranks: the Mann-Whitney statistic, ties one half."""
    background = np.sort(np.asarray(background, dtype=float))
    below = np.searchsorted(background, signal, side="left")
    upto = np.searchsorted(background, signal, side="right")
    return float((below + upto).mean() / 2 / background.size)


def paired_bootstrap(pairs, replicates=1000, seed=1):
    """Differences of AUC, resampled with the same events on both sides.

    pairs: [((background, signal) of ours, (background, signal) of theirs)], e.g. one per training
    seed; their mean is the statistic. Returns (low, value, high) of the 95 % interval.
    """
    rng = np.random.default_rng(seed)
    n_background, n_signal = pairs[0][0][0].size, pairs[0][0][1].size

    def mean_difference(rows, columns):
        return np.mean(
            [
                auc(ours[0][rows], ours[1][columns]) - auc(theirs[0][rows], theirs[1][columns])
                for ours, theirs in pairs
            ]
        )

    value = mean_difference(np.arange(n_background), np.arange(n_signal))
    drawn = [
        mean_difference(
            rng.integers(n_background, size=n_background), rng.integers(n_signal, size=n_signal)
        )
        for _ in range(replicates)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(value), float(high)


def oriented(particles):
    """Events in their own frame (docs/events.md): log pT; phi from the hardest lepton, else the
    hardest jet; mirrored so that this object has eta >= 0 and the missing energy phi >= 0."""
    events = np.array(particles, dtype=float)
    pt, eta, phi = events[:, :, 0].copy(), events[:, :, 1], events[:, :, 2].copy()
    row = np.arange(len(events))
    lepton = pt[:, 1:9].argmax(axis=1) + 1
    lead = np.where(pt[row, lepton] > 0, lepton, np.where(pt[:, 9] > 0, 9, 0))
    origin = np.where(lead > 0, phi[row, lead], 0)
    turned = np.remainder(phi - origin[:, None] + np.pi, 2 * np.pi) - np.pi
    mirrored = np.where(turned[:, 0] < 0, -1, 1)[:, None] * turned
    events[:, :, 0] = np.log1p(pt)
    events[:, :, 1] = np.where(eta[row, lead] < 0, -1, 1)[:, None] * eta
    events[:, :, 2] = np.where(pt > 0, mirrored, 0)
    return events


def features(particles, layout):
    """Rows of features of (N, 19, 4) events: layouts events-57, events-76 and their oriented forms."""
    numbers = {"events-57": 3, "events-76": 4}.get(layout.removesuffix("-oriented"))
    if numbers is None:
        raise SystemExit(f"layout '{layout}' (this script knows events-57, events-76 and -oriented)")
    events = oriented(particles) if layout.endswith("-oriented") else particles
    return events[:, :, :numbers].reshape(len(events), 19 * numbers)


def scores(record, particles):
    """The anomaly score of each event by the network of a training record: squared distance to
    the centre (svdd) or mean squared reconstruction error (autoencoder), in fp64."""
    layout = record.attributes("/standardisation")["layout"]
    mean, scale = (record.array(f"/standardisation/{name}").values for name in ("mean", "scale"))
    inputs = (features(np.asarray(particles, dtype=float), layout) - mean) / scale
    text = record.network.text
    names = record.attributes("/parameters")["order"].split()
    tensors = [record.array(f"/parameters/{name}").values.astype(float) for name in names]
    layers = [(weights, bias) for weights, bias in zip(tensors[::2], tensors[1::2])]
    hidden = inputs
    for index, (weights, bias) in enumerate(layers):
        hidden = hidden @ weights.T + bias
        if index < len(layers) - 1:
            hidden = (
                np.maximum(hidden, 0)
                if "relu(" in text
                else np.where(hidden > 0, hidden, np.expm1(np.minimum(hidden, 0)))
            )
    centre = re.search(r"centre=([-+.e0-9]+)", text)
    if centre:
        return ((hidden - float(centre.group(1))) ** 2).sum(axis=1)
    return ((hidden - inputs) ** 2).mean(axis=1)
