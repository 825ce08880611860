# SPDX-License-Identifier: BSD-3-Clause
"""FourCastNet's AFNO forward and backward in fp64 with NumPy: what a reference file holds.

Values are channels-last, (batch, rows, columns, features), after the embedding; formulas and traps
are those of docs/networks.md. Names of activations and their order are those of the files.
"""

import math

import numpy as np

_erf = np.frompyfunc(math.erf, 1, 1)


def forward(options, parameters, images):
    """(output, {activation: array}) of images (batch, channels, rows, columns)."""
    p, (height, width) = options.patch, options.tokens
    patches = _patches(images, p)
    embed = patches @ parameters["patch.w"].reshape(options.embed, -1).T + parameters["patch.b"]
    embed = embed + parameters["pos_embed"].reshape(1, height, width, -1)
    kept = {"embed": embed}
    x = embed
    for block in range(options.depth):
        x = _block(options, _Named(parameters, block), x, _Named(kept, block))
    head = x @ parameters["head.w"].T
    batch = len(images)
    output = head.reshape(batch, height, width, p, p, options.channels_out)
    output = output.transpose(0, 5, 1, 3, 2, 4).reshape(batch, -1, options.rows, options.columns)
    return output, kept


def loss_and_slope(output, target):
    """Mean over samples of |output - target| / |target|, and its gradient by the output."""
    axes = tuple(range(1, output.ndim))
    error = np.sqrt(((output - target) ** 2).sum(axis=axes, keepdims=True))
    norm = np.sqrt((target**2).sum(axis=axes, keepdims=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(error > 0, (output - target) / (len(output) * error * norm), 0)
    return float((error / norm).mean()), slope


def backward(options, parameters, images, kept, slope):
    """(gradients by parameter, {activation: gradient}, gradient by the images) from the gradient by
    the output; `kept` is what forward() returned."""
    p, (height, width) = options.patch, options.tokens
    gradients, slopes = {}, {}
    batch = len(images)
    dhead = slope.reshape(batch, options.channels_out, height, p, width, p)
    dhead = dhead.transpose(0, 2, 4, 3, 5, 1).reshape(batch, height, width, -1)
    gradients["head.w"] = _outer(dhead, kept[f"block{options.depth - 1}.out"])
    dx = dhead @ parameters["head.w"]
    for block in reversed(range(options.depth)):
        before = kept["embed"] if block == 0 else kept[f"block{block - 1}.out"]
        dx = _block_backward(
            options, _Named(parameters, block), before, _Named(kept, block), dx,
            _Named(gradients, block), _Named(slopes, block),
        )
    slopes["embed"] = dx
    gradients["pos_embed"] = dx.sum(axis=0).reshape(1, height * width, -1)
    gradients["patch.b"] = dx.sum(axis=(0, 1, 2))
    weights = parameters["patch.w"]
    gradients["patch.w"] = _outer(dx, _patches(images, p)).reshape(weights.shape)
    for name in ("norm.w", "norm.b"):
        if name in parameters:
            gradients[name] = np.zeros_like(parameters[name])
    dpatches = (dx @ weights.reshape(options.embed, -1)).reshape(
        batch, height, width, options.channels_in, p, p
    )
    dimages = dpatches.transpose(0, 3, 1, 4, 2, 5).reshape(images.shape)
    return {name: gradients[name] for name in parameters}, slopes, dimages


def adam_steps(options, parameters, images, target, steps=5, lr=5e-4, beta1=0.9, beta2=0.999,
               epsilon=1e-8):
    """Losses before each of `steps` Adam steps and after the last, and the parameters then."""
    values = {name: array.copy() for name, array in parameters.items()}
    moments = {name: (np.zeros_like(array), np.zeros_like(array)) for name, array in values.items()}
    losses = []
    for step in range(1, steps + 2):
        output, kept = forward(options, values, images)
        loss, slope = loss_and_slope(output, target)
        losses.append(loss)
        if step > steps:
            break
        gradients, _, _ = backward(options, values, images, kept, slope)
        for name, gradient in gradients.items():
            m, v = moments[name]
            m[...] = beta1 * m + (1 - beta1) * gradient
            v[...] = beta2 * v + (1 - beta2) * gradient**2
            root = np.sqrt(v) / math.sqrt(1 - beta2**step)
            values[name] -= lr / (1 - beta1**step) * m / (root + epsilon)
    return np.array(losses), values


def distance_to_kink(options, parameters, kept):
    """How near any number comes to where relu or soft-shrink bend."""
    smallest = np.inf
    for block in range(options.depth):
        p, k = _Named(parameters, block), _Named(kept, block)
        spectrum = [_split(options, k["spectrum_" + part]) for part in ("re", "im")]
        x = _mix(*spectrum, p["w1"], p["b1"])
        z = _mix(k["hidden_re"], k["hidden_im"], p["w2"], p["b2"])
        for part in x:
            smallest = min(smallest, np.abs(part).min())
        for part in z:
            smallest = min(smallest, np.abs(np.abs(part) - options.sparsity).min())
    return float(smallest)


class _Named:
    """A dict seen from one block: "fc1.w" is "block0.fc1.w"."""

    def __init__(self, values, block):
        self.values, self.prefix = values, f"block{block}."

    def __getitem__(self, name):
        return self.values[self.prefix + name]

    def __setitem__(self, name, array):
        self.values[self.prefix + name] = array


def _patches(images, p):
    batch, channels, rows, columns = images.shape
    cut = images.reshape(batch, channels, rows // p, p, columns // p, p)
    return cut.transpose(0, 2, 4, 1, 3, 5).reshape(batch, rows // p, columns // p, -1)


def _outer(left, right):
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


def _norm(x, weight, bias, epsilon):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) * weight + bias


def _norm_backward(x, weight, epsilon, dy):
    """Gradients by x, weight and bias."""
    centred = x - x.mean(axis=-1, keepdims=True)
    rstd = 1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon)
    h, g = centred * rstd, dy * weight
    dx = rstd * (g - g.mean(axis=-1, keepdims=True) - h * (g * h).mean(axis=-1, keepdims=True))
    axes = tuple(range(x.ndim - 1))
    return dx, (dy * h).sum(axis=axes), dy.sum(axis=axes)


def _split(options, x):
    return x.reshape(*x.shape[:3], options.blocks, -1)


def _join(x):
    return x.reshape(*x.shape[:3], -1)


def _mix(xr, xi, w, b):
    """A complex dense layer per block on (…, block, features)."""

    def product(x, weights):
        return np.einsum("...bi,bio->...bo", x, weights)

    return (
        product(xr, w[0]) - product(xi, w[1]) + b[0],
        product(xi, w[0]) + product(xr, w[1]) + b[1],
    )


def _mix_backward(xr, xi, w, dr, di):
    """Gradients by xr, xi, w and b."""

    def back(d, weights):
        return np.einsum("...bo,bio->...bi", d, weights)

    def outer(x, d):
        return np.einsum("nyxbi,nyxbo->bio", x, d)

    dw = np.stack([outer(xr, dr) + outer(xi, di), outer(xr, di) - outer(xi, dr)])
    db = np.stack([dr.sum(axis=(0, 1, 2)), di.sum(axis=(0, 1, 2))])
    return back(dr, w[0]) + back(di, w[1]), back(di, w[0]) - back(dr, w[1]), dw, db


def _shrink(x, threshold):
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


def _filter(options, p, x, kept):
    """The spectral layer without its skip."""
    rows, columns = options.kept_row_numbers, options.kept[2]
    height, width = options.tokens
    spectrum = np.fft.rfft2(x, axes=(1, 2), norm="ortho")[:, rows, :columns]
    kept["spectrum_re"], kept["spectrum_im"] = spectrum.real, spectrum.imag
    hidden = _mix(_split(options, spectrum.real), _split(options, spectrum.imag), p["w1"], p["b1"])
    kept["hidden_re"], kept["hidden_im"] = (np.maximum(part, 0) for part in hidden)
    mixed = _mix(kept["hidden_re"], kept["hidden_im"], p["w2"], p["b2"])
    shrunk = [_join(_shrink(part, options.sparsity)) for part in mixed]
    kept["filtered_re"], kept["filtered_im"] = shrunk
    whole = np.zeros((len(x), height, width // 2 + 1, options.embed), dtype=np.complex128)
    whole[:, rows, :columns] = shrunk[0] + 1j * shrunk[1]
    return np.fft.irfft2(whole, s=(height, width), axes=(1, 2), norm="ortho")


def _filter_backward(options, p, kept, dy, gradients, slopes):
    """The gradient by the filter's input, skip apart, from that by its result."""
    rows, columns = options.kept_row_numbers, options.kept[2]
    height, width = options.tokens
    spectrum = np.fft.rfft2(dy, axes=(1, 2), norm="ortho")[:, rows, :columns]
    inner = np.arange(columns)
    twice = np.where((inner > 0) & (2 * inner != width), 2.0, 1.0)[:, None]
    slopes["filtered_re"], slopes["filtered_im"] = spectrum.real * twice, spectrum.imag * twice
    dr, di = (
        _split(options, np.where(kept["filtered_" + part] != 0, slopes["filtered_" + part], 0))
        for part in ("re", "im")
    )
    dr, di, gradients["w2"], gradients["b2"] = _mix_backward(
        kept["hidden_re"], kept["hidden_im"], p["w2"], dr, di
    )
    dr, di = np.where(kept["hidden_re"] > 0, dr, 0), np.where(kept["hidden_im"] > 0, di, 0)
    dr, di, gradients["w1"], gradients["b1"] = _mix_backward(
        _split(options, kept["spectrum_re"]), _split(options, kept["spectrum_im"]), p["w1"], dr, di
    )
    whole = np.zeros((len(dy), height, width, options.embed), dtype=np.complex128)
    whole[:, rows, :columns] = _join(dr) + 1j * _join(di)
    return np.fft.ifft2(whole, axes=(1, 2), norm="ortho").real


def _gelu(x):
    return x * (1 + _erf(x / math.sqrt(2)).astype(np.float64)) / 2


def _gelu_slope(x):
    normal = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return (1 + _erf(x / math.sqrt(2)).astype(np.float64)) / 2 + x * normal


def _block(options, p, x, kept):
    epsilon = options.epsilon
    kept["norm1"] = _norm(x, p["norm1.w"], p["norm1.b"], epsilon)
    inverse = _filter(options, p, kept["norm1"], kept)
    kept["filter_out"] = inverse + kept["norm1"]
    if options.double_skip:
        x = kept["after_filter"] = kept["filter_out"] + x
        middle = x
    else:
        middle = kept["filter_out"]
    kept["norm2"] = _norm(middle, p["norm2.w"], p["norm2.b"], epsilon)
    kept["fc1"] = kept["norm2"] @ p["fc1.w"].T + p["fc1.b"]
    kept["mlp"] = _gelu(kept["fc1"]) @ p["fc2.w"].T + p["fc2.b"]
    kept["out"] = kept["mlp"] + x
    return kept["out"]


def _block_backward(options, p, x, kept, dy, gradients, slopes):
    """The gradient by the block's input from that by its result."""
    slopes["out"] = dy
    gradients["fc2.w"], gradients["fc2.b"] = _outer(dy, _gelu(kept["fc1"])), dy.sum(axis=(0, 1, 2))
    dfc1 = slopes["fc1"] = (dy @ p["fc2.w"]) * _gelu_slope(kept["fc1"])
    gradients["fc1.w"], gradients["fc1.b"] = _outer(dfc1, kept["norm2"]), dfc1.sum(axis=(0, 1, 2))
    slopes["norm2"] = dfc1 @ p["fc1.w"]
    middle = kept["after_filter"] if options.double_skip else kept["filter_out"]
    dmiddle, gradients["norm2.w"], gradients["norm2.b"] = _norm_backward(
        middle, p["norm2.w"], options.epsilon, slopes["norm2"]
    )
    if options.double_skip:
        dmiddle = dmiddle + dy
    slopes["filter_out"] = dmiddle
    dnorm1 = _filter_backward(options, p, kept, dmiddle, gradients, slopes) + dmiddle
    slopes["norm1"] = dnorm1
    dx, gradients["norm1.w"], gradients["norm1.b"] = _norm_backward(
        x, p["norm1.w"], options.epsilon, dnorm1
    )
    return dx + (dmiddle if options.double_skip else dy)
