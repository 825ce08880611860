# SPDX-License-Identifier: BSD-3-Clause
"""Reference files for tests, from the formulas with numpy: an oracle that shares no code with ours."""

import h5py
import numpy as np


def network(kind, widths, seed, biases=True):
    """[(weights (out, in), bias (out) or None)] of a dense network."""
    random = np.random.default_rng(seed)
    return [(random.uniform(-1, 1, (after, before)) * np.sqrt(3 / before),
             random.uniform(-0.1, 0.1, after) if biases else None)
            for before, after in zip(widths[:-1], widths[1:])]


def values(kind, layers, inputs, centre, r_max):
    """All datasets of a file except parameters and input, by name."""
    kept, batch = [inputs], len(inputs)
    for index, (weights, bias) in enumerate(layers):
        x = kept[-1] @ weights.T + (0 if bias is None else bias)
        if index < len(layers) - 1:
            x = np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1) if kind == "svdd" else np.maximum(x, 0)
        kept.append(x)
    target = centre if kind == "svdd" else inputs
    squares = (kept[-1] - target) ** 2
    objective = squares.sum(axis=1) if kind == "svdd" else squares.mean(axis=1)
    slope = 2 * (kept[-1] - target) / batch / (1 if kind == "svdd" else inputs.shape[1])
    result = {"output": kept[-1], "loss": np.array([objective.mean()]),
              "score": np.sqrt(objective) / r_max if kind == "svdd" else objective}
    for index in reversed(range(len(layers))):
        result[f"activations/layer{index}"] = kept[index + 1]
        result[f"gradients/layer{index}.w"] = slope.T @ kept[index]
        if layers[index][1] is not None:
            result[f"gradients/layer{index}.b"] = slope.sum(axis=0)
        slope = slope @ layers[index][0]
        if index > 0:
            y = kept[index]
            slope = slope * (np.where(y > 0, 1, y + 1) if kind == "svdd" else (y > 0))
    return result


def write(path, kind, widths, batch, seed=1, centre=0.25, r_max=2.0, biases=True):
    """A sound reference file; returns the names of its datasets with expected numbers."""
    layers = network(kind, widths, seed, biases)
    inputs = np.random.default_rng(seed + 1).uniform(-1.5, 1.5, (batch, widths[0]))
    with h5py.File(path, "w") as file:
        file.attrs["kind"], file.attrs["batch"] = kind, np.int64(batch)
        file.attrs["nonlinearity"] = "elu" if kind == "svdd" else "relu"
        file.attrs["widths"] = np.array(widths, dtype=np.int64)
        if kind == "svdd":
            file.attrs["centre"], file.attrs["r_max"] = float(centre), float(r_max)
        file["input"] = inputs
        expected = values(kind, layers, inputs, centre, r_max)
        for name, array in expected.items():
            file[name] = array
        for index, (weights, bias) in enumerate(layers):
            file[f"parameters/layer{index}.w"] = weights
            if bias is not None:
                file[f"parameters/layer{index}.b"] = bias
        for group in ("parameters", "gradients", "activations"):
            # layer0.w, layer0.b, layer1.w ...: flat order, kept in the attribute `index`
            names = sorted(file[group], key=lambda name: (int(name.split(".")[0][5:]), name.endswith(".b")))
            for index, name in enumerate(names):
                file[group][name].attrs["index"] = np.int64(index)
    return list(expected)
