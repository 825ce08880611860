# SPDX-License-Identifier: BSD-3-Clause
"""Reference files for `crossjoule verify`, written from a PyTorch dense model or from plain arrays.

The file holds a network's input, parameters, output, score, loss, activations and gradients in
double precision; `crossjoule verify FILE.h5` builds the same network and compares. Kinds:

  svdd         score = |output - centre| / r_max, loss = batch mean of |output - centre|^2
  autoencoder  score = mean over features of (output - input)^2, loss = batch mean of score, the
               input being a constant

Every layer but the last is followed by ELU (alpha 1) or ReLU: a module's own, else the kind's (ELU
for svdd, ReLU for autoencoder).

The forward and backward passes are computed here with numpy, whatever the model came from: what the
file says is the mathematics of the parameters, not a framework's rounding of it.
"""

import h5py
import numpy as np

from .committed import committed_file, refuse_existing
from .errors import BadInput

_NONLINEARITY = {"svdd": "elu", "autoencoder": "relu"}


def layers_of(model):
    """[(weights (out, in), bias (out))] in fp64 of a PyTorch module or of a list of such pairs.

    A module must be a chain of torch.nn.Linear with bias; its activations must be ELU (alpha 1) or
    ReLU. PyTorch itself is not imported here: the module's own methods are used.
    """
    if not hasattr(model, "modules"):
        return [(_fp64(weights), _fp64(bias)) for weights, bias in model]
    found, names = [], []
    for module in model.modules():
        name = type(module).__name__
        if name == "Linear":
            if module.bias is None:
                raise BadInput(
                    "a Linear layer has no bias (the format stores one per layer) build it with "
                    "bias=True; zeros are fine"
                )
            found.append((_fp64(module.weight), _fp64(module.bias)))
        elif name == "ELU" and module.alpha != 1:
            raise BadInput(
                f"ELU with alpha = {module.alpha} (the format knows alpha = 1 only) retrain with 1"
            )
        elif not list(module.children()) and name not in ("Identity", "Flatten", "Dropout"):
            names.append(name)
    unknown = [name for name in names if name not in ("ELU", "ReLU")]
    if unknown:
        raise BadInput(
            f"the model holds {unknown[0]} (a dense reference is Linear with ELU or ReLU) "
            "dump the dense part alone"
        )
    return found


def activation_of(model):
    """The text elu or relu; None for arrays and for a model without nonlinearity."""
    if not hasattr(model, "modules"):
        return None
    names = {type(module).__name__ for module in model.modules()} & {"ELU", "ReLU"}
    if len(names) > 1:
        raise BadInput(
            "the model mixes ELU and ReLU (a reference has one of them) use one nonlinearity"
        )
    return names.pop().lower() if names else None


def dense_network(kind, layers, inputs, centre=0.25, r_max=2.0, nonlinearity=None):
    """Everything a dense reference file holds, as a dict of fp64 arrays. `nonlinearity` is "elu" or
    "relu"; None takes the kind's own.

    layers: [(weights (out, in), bias (out))]; inputs (batch, features). Keys: output, score, loss,
    activations [layer], gradients [(weights, bias)].
    """
    nonlinearity = nonlinearity or _NONLINEARITY[kind]
    hidden = [np.asarray(inputs, dtype=np.float64)]
    before = []
    for index, (weights, bias) in enumerate(layers):
        before.append(hidden[-1] @ weights.T + bias)
        hidden.append(
            before[-1] if index == len(layers) - 1 else _activate(nonlinearity, before[-1])
        )
    output, batch = hidden[-1], hidden[0].shape[0]
    if kind == "svdd":
        distance_squared = ((output - centre) ** 2).sum(axis=1)
        score, loss = np.sqrt(distance_squared) / r_max, distance_squared.mean()
        slope = 2 * (output - centre) / batch
    else:
        score = ((output - hidden[0]) ** 2).mean(axis=1)
        loss = score.mean()
        slope = 2 * (output - hidden[0]) / output.size
    gradients = [None] * len(layers)
    for index in reversed(range(len(layers))):
        if index < len(layers) - 1:
            slope = slope * _derivative(nonlinearity, before[index])
        gradients[index] = (slope.T @ hidden[index], slope.sum(axis=0))
        slope = slope @ layers[index][0]
    return {
        "output": output,
        "score": score,
        "loss": loss,
        "activations": hidden[1:],
        "gradients": gradients,
    }


def dump_reference(path, model, inputs, kind, *, centre=0.25, r_max=2.0, title=None, force=False):
    """Write the reference file of a dense model at `path` for `crossjoule verify`.

    model: a torch.nn.Module (Linear layers with ELU or ReLU between) or [(weights, bias)]; inputs:
    (batch, features), a tensor or an array; kind: "svdd" or "autoencoder". BadInput on anything the
    format cannot hold; an existing file is kept unless `force`.
    """
    if kind not in _NONLINEARITY:
        raise BadInput(
            f"kind = '{kind}' (a dense reference is 'svdd' or 'autoencoder') use one of these"
        )
    layers, inputs = layers_of(model), _fp64(inputs)
    nonlinearity = activation_of(model) or _NONLINEARITY[kind]
    _validate(kind, layers, inputs)
    refuse_existing(path, force)
    result = dense_network(kind, layers, inputs, centre, r_max, nonlinearity)
    if not np.isfinite(result["loss"]):
        raise BadInput(
            "the loss is not finite (inputs or parameters are too large) check their scale"
        )
    with committed_file(path) as file:
        _write(file, kind, nonlinearity, layers, inputs, result, centre, r_max, title)


def _activate(nonlinearity, x):
    if nonlinearity == "elu":
        return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
    return np.maximum(x, 0)


def _derivative(nonlinearity, x):
    if nonlinearity == "elu":
        return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))
    return (x > 0).astype(np.float64)


def _fp64(values):
    for step in ("detach", "cpu", "numpy"):  # a tensor
        if hasattr(values, step):
            values = getattr(values, step)()
    return np.array(values, dtype=np.float64)


def _validate(kind, layers, inputs):
    if not layers:
        raise BadInput(
            "the model has no Linear layer (there is nothing to verify) give a dense model"
        )
    if inputs.ndim != 2 or 0 in inputs.shape:
        raise BadInput(f"inputs have shape {inputs.shape} (must be (batch, features)) reshape them")
    width = inputs.shape[1]
    for index, (weights, bias) in enumerate(layers):
        if weights.ndim != 2 or weights.shape[1] != width or bias.shape != weights.shape[:1]:
            raise BadInput(
                f"layer {index} has weights {weights.shape} and bias {bias.shape} (must be (out, "
                f"{width}) and (out,)) check the order of the layers"
            )
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise BadInput(
                f"layer {index} holds NaN or infinity (a reference needs finite parameters) "
                "check the training"
            )
        width = weights.shape[0]
    if not np.isfinite(inputs).all():
        raise BadInput(
            "inputs hold NaN or infinity (a reference needs finite numbers) clean them first"
        )
    if kind == "autoencoder" and width != inputs.shape[1]:
        raise BadInput(
            f"the autoencoder maps {inputs.shape[1]} features to {width} (they must be equal) "
            "give the whole autoencoder"
        )


def _write(file, kind, nonlinearity, layers, inputs, result, centre, r_max, title):
    widths = [inputs.shape[1]] + [weights.shape[0] for weights, _ in layers]
    file.attrs["project"] = "crossjoule"
    file.attrs["kind"] = kind
    file.attrs["title"] = (
        title or f"{kind} {'-'.join(map(str, widths))}: forward and backward, fp64"
    )
    file.attrs["nonlinearity"] = nonlinearity
    file.attrs["batch"] = np.int64(inputs.shape[0])
    file.attrs["widths"] = np.array(widths, dtype=np.int64)
    if kind == "svdd":
        file.attrs["centre"], file.attrs["r_max"] = float(centre), float(r_max)
    file["input"] = inputs
    file["output"] = result["output"]
    file["score"] = result["score"]
    file["loss"] = np.array([result["loss"]])
    _write_tensors(file, "parameters", layers, "weights (out, in) row-major, biases; flat order")
    _write_tensors(
        file, "gradients", result["gradients"], "d loss / d parameter, same names and order"
    )
    group = file.create_group("activations")
    group.attrs["description"] = "output of every layer after its nonlinearity"
    names = [f"layer{index}" for index in range(len(layers))]
    group.attrs["order"] = np.array(names, dtype=h5py.string_dtype())
    for index, name in enumerate(names):
        group[name] = result["activations"][index]
        group[name].attrs["index"] = np.int64(index)


def _write_tensors(file, name, pairs, description):
    group = file.create_group(name)
    group.attrs["description"] = description
    names = [f"layer{index}.{part}" for index in range(len(pairs)) for part in ("w", "b")]
    group.attrs["order"] = np.array(names, dtype=h5py.string_dtype())
    for index, tensor in enumerate(tensor for pair in pairs for tensor in pair):
        group[names[index]] = tensor
        group[names[index]].attrs["index"] = np.int64(index)
