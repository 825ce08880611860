# SPDX-License-Identifier: BSD-3-Clause
"""Reference files of FourCastNet's AFNO for `crossjoule verify`, in the layout of the golden files.

All numbers are computed here in fp64 from the model's parameters, whatever it came from: what the
file says is the mathematics, not a framework's rounding of it. A PyTorch module is also run once on
the same images, and must agree: a model that computes something else has no reference here.
"""

import h5py
import numpy as np

from . import afno, afno_network
from .committed import committed_file, refuse_existing
from .errors import BadInput

# A module in fp32 agrees to about 1e-6 of its largest output; another formula does not.
_AGREES = 1e-4
_SLOPES = ("norm1", "filtered_re", "filtered_im", "filter_out", "norm2", "fc1", "out")


def dump_afno_reference(path, model, images, targets, *, adam_steps=5, title=None, force=False,
                        **options):
    """Write the reference file of an AFNO at `path`.

    model: a torch.nn.Module with upstream's names (AFNONet), its checkpoint or state_dict, or {our
    name: array}; images (batch, channels, rows, columns), targets likewise with the channels that
    come out: tensors or arrays. `options` are sparsity, hard_thresholding_fraction, epsilon,
    double_skip and kept_rows ("low" where the model keeps the low wave numbers below a fraction of
    1, as upstream's code meant to); a module's own are read from it. BadInput on anything that is no such network, and
    where a module's own output is another; an existing file is kept unless `force`.
    """
    parameters = _parameters(model)
    images, targets = afno.as_array(images, np.float64), afno.as_array(targets, np.float64)
    if images.ndim != 4 or 0 in images.shape:
        raise BadInput(
            f"images have shape {images.shape} (must be (batch, channels, rows, columns)) reshape "
            "them"
        )
    settings = afno.options_from(
        parameters, images.shape[2], images.shape[3], **{**_options_of(model), **options}
    )
    _validate(settings, parameters, images, targets)
    if adam_steps < 1:
        raise BadInput(f"adam_steps = {adam_steps} (a file holds at least one) raise it")
    refuse_existing(path, force)
    content = _compute(settings, parameters, images, targets, adam_steps)
    _compare_with_module(model, images, content["output"])
    with committed_file(path) as file:
        _write_attributes(file, settings, len(images), content["kink"], title)
        _write(file, settings, parameters, images, targets, content)


def _parameters(model):
    if hasattr(model, "items") and "patch.w" in model:
        parameters = {name: afno.as_array(array, np.float64) for name, array in model.items()}
        depth = afno.check_parameters(parameters)
        order = [ours for ours, _ in afno.parameter_names(depth)]
        unknown = sorted(set(parameters) - set(order))
        if unknown:
            raise BadInput(
                f"'{unknown[0]}' is no parameter of an AFNO (see parameter_names) remove it"
            )
        return {name: parameters[name] for name in order if name in parameters}
    return afno.from_upstream(model, np.float64)


def _options_of(model):
    """What a module of upstream's classes says of itself beside its parameters."""
    found = {}
    blocks = getattr(model, "blocks", None)
    if blocks is None or not hasattr(model, "modules"):
        return found
    first = blocks[0]
    layer = getattr(first, "filter", None)
    for name, attribute in (
        ("sparsity", "sparsity_threshold"),
        ("hard_thresholding_fraction", "hard_thresholding_fraction"),
    ):
        if hasattr(layer, attribute):
            found[name] = float(getattr(layer, attribute))
    if hasattr(getattr(first, "norm1", None), "eps"):
        found["epsilon"] = float(first.norm1.eps)
    if hasattr(first, "double_skip"):
        found["double_skip"] = bool(first.double_skip)
    return found


def _validate(settings, parameters, images, targets):
    if images.shape[1] != settings.channels_in:
        raise BadInput(
            f"images have {images.shape[1]} channels (the model takes {settings.channels_in}) give "
            "others"
        )
    wanted = (len(images), settings.channels_out, settings.rows, settings.columns)
    if targets.shape != wanted:
        raise BadInput(
            f"targets have shape {targets.shape} (must be {wanted} as the output) reshape them"
        )
    first, last, columns = settings.kept
    if last <= first or columns < 1:
        raise BadInput(
            f"hard_thresholding_fraction = {settings.hard_thresholding_fraction} keeps no mode "
            "(must keep one) raise it"
        )
    for what, arrays in (("images", [images]), ("targets", [targets]),
                         ("parameters", parameters.values())):
        if not all(np.isfinite(array).all() for array in arrays):
            raise BadInput(
                f"{what} hold NaN or infinity (a reference needs finite numbers) clean them"
            )
    if not all(np.any(target) for target in targets):
        raise BadInput("a target is zero everywhere (the loss divides by its norm) give another")


def _compute(settings, parameters, images, targets, adam_steps):
    output, kept = afno_network.forward(settings, parameters, images)
    loss, slope = afno_network.loss_and_slope(output, targets)
    gradients, slopes, dimages = afno_network.backward(settings, parameters, images, kept, slope)
    losses, trained = afno_network.adam_steps(settings, parameters, images, targets, adam_steps)
    if not (np.isfinite(loss) and np.isfinite(losses).all()):
        raise BadInput(
            "the loss is not finite (inputs or parameters are too large) check their scale"
        )
    return {
        "output": output, "loss": loss, "activations": kept, "gradients": gradients,
        "output_gradient": slope, "input_gradient": dimages, "activation_gradients": slopes,
        "adam_losses": losses, "adam_parameters": trained,
        "kink": afno_network.distance_to_kink(settings, parameters, kept),
    }


def _compare_with_module(model, images, output):
    """Run a PyTorch module on the images in its own precision; nothing to do for plain numbers."""
    if not hasattr(model, "modules"):
        return
    import torch

    some = next(iter(model.parameters()))
    was_training = model.training
    model.eval()
    with torch.no_grad():
        theirs = model(torch.as_tensor(images, dtype=some.dtype, device=some.device))
    model.train(was_training)
    theirs = afno.as_array(theirs.double(), np.float64)
    distance = np.linalg.norm(theirs - output) / np.linalg.norm(output) \
        if theirs.shape == output.shape else np.inf
    if not distance <= _AGREES:
        raise BadInput(
            f"the module's output is off by {distance:.1e} (it computes something else than this "
            "AFNO) check sparsity, hard_thresholding_fraction, epsilon, double_skip, kept_rows and "
            "dropout"
        )


def _write_attributes(file, settings, batch, kink, title):
    first, last, columns = settings.kept
    whole = {
        "batch": batch, "blocks": settings.blocks, "c_in": settings.channels_in,
        "c_out": settings.channels_out, "depth": settings.depth, "embed": settings.embed,
        "img_h": settings.rows, "img_w": settings.columns, "kept_cols": columns,
        "kept_row_begin": first, "kept_row_end": last, "patch": settings.patch,
        "tokens_h": settings.tokens[0], "tokens_w": settings.tokens[1],
    }
    for name, value in whole.items():
        file.attrs[name] = np.int64(value)
    file.attrs["kind"], file.attrs["project"] = "afno", "crossjoule"
    file.attrs["title"] = (
        title or f"AFNO forward and backward, {settings.rows}x{settings.columns}, double precision"
    )
    file.attrs["mlp_ratio"] = float(settings.mlp_ratio)
    file.attrs["softshrink_lambda"] = float(settings.sparsity)
    file.attrs["hard_thresholding_fraction"] = float(settings.hard_thresholding_fraction)
    file.attrs["layer_norm_epsilon"] = float(settings.epsilon)
    file.attrs["smallest_distance_to_a_kink"] = kink
    if not settings.double_skip:
        file.attrs["double_skip"] = np.int64(0)
    if settings.kept_rows != "upstream":
        file.attrs["kept_row_rule"] = settings.kept_rows


def _write(file, settings, parameters, images, targets, content):
    file["input"], file["target"], file["output"] = images, targets, content["output"]
    file["loss"] = np.array([content["loss"]])
    file["input_gradient"] = content["input_gradient"]
    file["output_gradient"] = content["output_gradient"]
    _write_group(file, "parameters", parameters, "parameters in flat order; matrices are (out, in)")
    _write_group(
        file, "gradients", content["gradients"], "d loss / d parameter, same names and order"
    )
    activations = dict(content["activations"])
    _write_group(file, "activations", activations, "every step of the forward pass, in order")
    names = ["embed"] + [
        f"block{block}.{name}" for block in range(settings.depth) for name in _SLOPES
    ]
    slopes = {name: content["activation_gradients"][name] for name in names}
    _write_group(
        file, "activation_gradients", slopes,
        "d loss / d activation, at the places where a backward pass can be cut",
    )
    losses = file.create_dataset("adam/loss", data=content["adam_losses"])
    losses.attrs["description"] = "loss before each step and after the last"
    for name, value in (("lr", 5e-4), ("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8)):
        losses.attrs[name] = value
    trained = content["adam_parameters"]
    _write_group(file, "adam/parameters", trained, "parameters after the last step")


def _write_group(file, name, arrays, description):
    group = file.create_group(name)
    group.attrs["description"] = description
    group.attrs["order"] = np.array(list(arrays), dtype=h5py.string_dtype())
    for index, (dataset, array) in enumerate(arrays.items()):
        group[dataset] = array
        group[dataset].attrs["index"] = np.int64(index)
