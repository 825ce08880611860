# SPDX-License-Identifier: BSD-3-Clause
"""FourCastNet's parameters under our names and back, and the options a state_dict shows.

Upstream is the public code of NVlabs/FourCastNet (networks/afnonet.py, class AFNONet); its
checkpoints hold the state_dict below the key `model_state`, with `module.` before every name where
the training ran on several devices. Shapes are the same on both sides: only names differ.

  ours             upstream                    ours               upstream
  pos_embed        pos_embed                   block0.norm2.w, b  blocks.0.norm2.weight, bias
  patch.w, b       patch_embed.proj.weight, …  block0.fc1.w, b    blocks.0.mlp.fc1.weight, bias
  block0.norm1.w…  blocks.0.norm1.weight, …    block0.fc2.w, b    blocks.0.mlp.fc2.weight, bias
  block0.w1, b1…   blocks.0.filter.w1, b1 …    norm.w, b          norm.weight, bias (unused)
                                              head.w             head.weight

PyTorch is not imported here: tensors are read by their own methods.
"""

import dataclasses

import numpy as np

from .errors import BadInput

_BLOCK = (
    ("norm1.w", "norm1.weight"),
    ("norm1.b", "norm1.bias"),
    ("w1", "filter.w1"),
    ("b1", "filter.b1"),
    ("w2", "filter.w2"),
    ("b2", "filter.b2"),
    ("norm2.w", "norm2.weight"),
    ("norm2.b", "norm2.bias"),
    ("fc1.w", "mlp.fc1.weight"),
    ("fc1.b", "mlp.fc1.bias"),
    ("fc2.w", "mlp.fc2.weight"),
    ("fc2.b", "mlp.fc2.bias"),
)


@dataclasses.dataclass(frozen=True)
class AfnoOptions:
    """What a file's attributes say of an AFNO; `rows` and `columns` are those of the image."""

    rows: int
    columns: int
    channels_in: int
    channels_out: int
    patch: int
    embed: int
    depth: int
    blocks: int
    mlp_ratio: float = 4.0
    sparsity: float = 0.01
    hard_thresholding_fraction: float = 1.0
    epsilon: float = 1e-6
    double_skip: bool = True
    kept_rows: str = "upstream"

    @property
    def tokens(self):
        return self.rows // self.patch, self.columns // self.patch

    @property
    def kept(self):
        """First row, last row + 1 and number of columns of the kept modes, which come from the
        token height for both axes. By upstream's rule the rows lie around the Nyquist row; by the
        rule "low" they are the low wave numbers, counted round: after the last row comes row 0."""
        height, width = self.tokens
        total = height // 2 + 1
        kept = int(total * self.hard_thresholding_fraction)
        columns = min(kept, width // 2 + 1)
        if self.kept_rows == "low":
            first = height - kept if 2 * kept < height else 0
            return first, first + min(2 * kept, height), columns
        return max(0, total - kept), min(height, total + kept), columns

    @property
    def kept_row_numbers(self):
        first, last, _ = self.kept
        return [row % self.tokens[0] for row in range(first, last)]


def parameter_names(depth, final_norm=True):
    """[(ours, upstream's)] in our flat order."""
    pairs = [
        ("pos_embed", "pos_embed"),
        ("patch.w", "patch_embed.proj.weight"),
        ("patch.b", "patch_embed.proj.bias"),
    ]
    for block in range(depth):
        pairs += [(f"block{block}.{ours}", f"blocks.{block}.{theirs}") for ours, theirs in _BLOCK]
    if final_norm:
        pairs += [("norm.w", "norm.weight"), ("norm.b", "norm.bias")]
    return pairs + [("head.w", "head.weight")]


def as_array(tensor, dtype=None):
    """A tensor or an array as a NumPy array of its own."""
    for step in ("detach", "cpu", "numpy"):
        if hasattr(tensor, step):
            tensor = getattr(tensor, step)()
    return np.array(tensor, dtype=dtype)


def state_of(checkpoint):
    """The state_dict in a checkpoint, a module or a state_dict, without `module.` before names."""
    if hasattr(checkpoint, "state_dict"):
        checkpoint = checkpoint.state_dict()
    for key in ("model_state", "state_dict"):
        if key in checkpoint and hasattr(checkpoint[key], "items"):
            checkpoint = checkpoint[key]
    return {name.removeprefix("module."): tensor for name, tensor in checkpoint.items()}


def from_upstream(checkpoint, dtype=None):
    """{our name: array} in our order of an upstream checkpoint, module or state_dict.

    BadInput where a name is missing or unknown, or where shapes do not make an AFNO.
    """
    state = state_of(checkpoint)
    depth = 0
    while f"blocks.{depth}.filter.w1" in state:
        depth += 1
    if depth == 0:
        raise BadInput(
            "the state has no 'blocks.0.filter.w1' (it is not FourCastNet's AFNONet) give the "
            "checkpoint of such a model"
        )
    pairs = parameter_names(depth, final_norm="norm.weight" in state)
    missing = [theirs for _, theirs in pairs if theirs not in state]
    if missing:
        raise BadInput(f"the state has no '{missing[0]}' (an AFNONet has one) give the whole state")
    unknown = sorted(set(state) - {theirs for _, theirs in pairs})
    if unknown:
        raise BadInput(
            f"the state holds '{unknown[0]}' (an AFNONet has no such tensor) remove it, or map "
            "that model by hand"
        )
    parameters = {ours: as_array(state[theirs], dtype) for ours, theirs in pairs}
    check_parameters(parameters)
    return parameters


def to_upstream(parameters, prefix=""):
    """{upstream's name: array}, in upstream's order, of {our name: array}: what
    `load_state_dict({name: torch.from_numpy(array) …})` takes. `prefix` is "module." for a model
    wrapped for several devices. A checkpoint without final norm gets one that changes nothing."""
    depth = check_parameters(parameters)
    pairs = parameter_names(depth)
    unknown = sorted(set(parameters) - {ours for ours, _ in pairs})
    if unknown:
        raise BadInput(f"'{unknown[0]}' is no parameter of an AFNO (see parameter_names) remove it")
    width = parameters["patch.b"].shape
    neutral = {"norm.w": np.ones(width), "norm.b": np.zeros(width)}
    state = {}
    for ours, theirs in pairs:
        array = parameters[ours] if ours in parameters else neutral[ours]
        state[prefix + theirs] = np.array(array, dtype=parameters["patch.b"].dtype)
    return state


def check_parameters(parameters):
    """The depth of {our name: array}; BadInput where a name is missing or shapes do not fit."""
    depth = 0
    while f"block{depth}.w1" in parameters:
        depth += 1
    for ours, _ in parameter_names(depth, final_norm=False):
        if ours not in parameters:
            raise BadInput(f"parameter '{ours}' is missing (an AFNO has one) give all of them")
    shape = {name: np.shape(array) for name, array in parameters.items()}

    def expect(name, wanted):
        if shape[name] != wanted:
            raise BadInput(
                f"parameter '{name}' has shape {shape[name]} (must be {wanted} to fit the others) "
                "correct it"
            )

    if len(shape["patch.w"]) != 4 or depth == 0 or len(shape["block0.w1"]) != 4:
        raise BadInput(
            f"'patch.w' has shape {shape['patch.w']} and there are {depth} blocks (an AFNO has a "
            "convolution and at least one block) give the whole state"
        )
    embed, _, patch, _ = shape["patch.w"]
    _, blocks, width, wide = shape["block0.w1"]
    hidden = shape["block0.fc1.w"][0]
    if blocks * width != embed or len(shape["pos_embed"]) != 3:
        raise BadInput(
            f"'block0.w1' has {blocks} blocks of {width} and the embedding {embed} features (they "
            "must agree) correct one"
        )
    expect("pos_embed", (1, shape["pos_embed"][1], embed))
    expect("patch.b", (embed,))
    expect("patch.w", (embed, shape["patch.w"][1], patch, patch))
    for block in range(depth):
        for name, wanted in (
            ("norm1.w", (embed,)), ("norm1.b", (embed,)), ("norm2.w", (embed,)),
            ("norm2.b", (embed,)), ("w1", (2, blocks, width, wide)), ("b1", (2, blocks, wide)),
            ("w2", (2, blocks, wide, width)), ("b2", (2, blocks, width)),
            ("fc1.w", (hidden, embed)), ("fc1.b", (hidden,)), ("fc2.w", (embed, hidden)),
            ("fc2.b", (embed,)),
        ):
            expect(f"block{block}.{name}", wanted)
    head = shape["head.w"]
    if len(head) != 2 or head[1] != embed or head[0] % (patch * patch) != 0:
        raise BadInput(
            f"parameter 'head.w' has shape {head} (must be (channels * {patch * patch}, {embed})) "
            "correct it"
        )
    return depth


def options_from(parameters, rows, columns, **others):
    """AfnoOptions of {our name: array} for images of rows x columns; `others` are the options that
    shapes do not show: sparsity, hard_thresholding_fraction, epsilon, double_skip, kept_rows."""
    depth = check_parameters(parameters)
    if others.get("kept_rows", "upstream") not in ("upstream", "low"):
        raise BadInput(
            f"kept_rows = {others['kept_rows']!r} (must be 'upstream' or 'low') choose one of them"
        )
    embed, channels, patch, _ = parameters["patch.w"].shape
    tokens = parameters["pos_embed"].shape[1]
    if rows % patch or columns % patch or rows // patch * (columns // patch) != tokens:
        raise BadInput(
            f"images of {rows} x {columns} make no {tokens} tokens of {patch} x {patch} (those of "
            "'pos_embed') give images of the model's size"
        )
    return AfnoOptions(
        rows=rows, columns=columns, channels_in=channels,
        channels_out=parameters["head.w"].shape[0] // patch**2, patch=patch, embed=embed,
        depth=depth, blocks=parameters["block0.w1"].shape[1],
        mlp_ratio=parameters["block0.fc1.w"].shape[0] / embed, **others,
    )
