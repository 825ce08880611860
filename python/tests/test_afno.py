# SPDX-License-Identifier: BSD-3-Clause
"""The AFNO of the package against the golden files, central differences and upstream's names."""

import dataclasses
import os
import pathlib
import subprocess
import sys

import h5py
import numpy as np
import pytest

import crossjoule
from crossjoule import afno, afno_network

SHARED = pathlib.Path(
    os.environ.get("CROSSJOULE_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared")
)
GOLDEN = sorted((SHARED / "data/golden").glob("afno-*.h5"))
FP64 = 1e-11  # the tolerance of the golden files' README


def distance(a, b):
    return np.linalg.norm(np.ravel(a) - np.ravel(b)) / max(np.linalg.norm(np.ravel(b)), 1e-300)


def small(seed=1, **options):
    """Options and random parameters of a small AFNO, taller than wide."""
    settings = afno.AfnoOptions(
        **{**dict(rows=14, columns=6, channels_in=2, channels_out=3, patch=2, embed=6, depth=2,
                  blocks=3, mlp_ratio=2.0, sparsity=0.05), **options}
    )
    random = np.random.default_rng(seed)
    width = settings.embed // settings.blocks
    hidden = int(settings.embed * settings.mlp_ratio)
    shapes = {
        "pos_embed": (1, settings.tokens[0] * settings.tokens[1], settings.embed),
        "patch.w": (settings.embed, settings.channels_in, settings.patch, settings.patch),
        "patch.b": (settings.embed,),
        "norm.w": (settings.embed,), "norm.b": (settings.embed,),
        "head.w": (settings.channels_out * settings.patch**2, settings.embed),
    }
    block = {
        "norm1.w": (settings.embed,), "norm1.b": (settings.embed,),
        "w1": (2, settings.blocks, width, width), "b1": (2, settings.blocks, width),
        "w2": (2, settings.blocks, width, width), "b2": (2, settings.blocks, width),
        "norm2.w": (settings.embed,), "norm2.b": (settings.embed,),
        "fc1.w": (hidden, settings.embed), "fc1.b": (hidden,),
        "fc2.w": (settings.embed, hidden), "fc2.b": (settings.embed,),
    }
    parameters = {}
    for ours, _ in afno.parameter_names(settings.depth):
        shape = shapes.get(ours) or block[ours.split(".", 1)[1]]
        parameters[ours] = random.uniform(-0.7, 0.7, shape)
    images = random.normal(size=(2, settings.channels_in, settings.rows, settings.columns))
    target = random.normal(size=(2, settings.channels_out, settings.rows, settings.columns))
    return settings, parameters, images, target


def loss_of(settings, parameters, images, target):
    return afno_network.loss_and_slope(
        afno_network.forward(settings, parameters, images)[0], target
    )[0]


@pytest.mark.skipif(not GOLDEN, reason="the golden files are not here (see CROSSJOULE_SHARED)")
def test_dumps_the_golden_files_again(tmp_path):
    for golden in GOLDEN:
        ours = tmp_path / golden.name
        with h5py.File(golden) as file:
            names = list(file["parameters"].attrs["order"])
            parameters = {name: file["parameters"][name][()] for name in names}
            crossjoule.dump_afno_reference(ours, parameters, file["input"][()], file["target"][()])
        compared = 0
        with h5py.File(ours) as got, h5py.File(golden) as want:
            for key, value in want.attrs.items():
                if key not in ("formulas", "title", "project", "smallest_distance_to_a_kink"):
                    assert got.attrs[key] == value, key
            assert np.isclose(got.attrs["smallest_distance_to_a_kink"],
                              want.attrs["smallest_distance_to_a_kink"], rtol=1e-6)

            def visit(name, node):
                nonlocal compared
                if isinstance(node, h5py.Dataset):
                    assert got[name].shape == node.shape and got[name].dtype == node.dtype, name
                    assert distance(got[name][()], node[()]) < FP64, name
                    assert got[name].attrs.get("index") == node.attrs.get("index"), name
                    compared += 1
                elif "order" in node.attrs:
                    assert list(got[name].attrs["order"]) == list(node.attrs["order"]), name

            want.visititems(visit)
        assert compared > 100


@pytest.mark.parametrize("options", [
    {}, {"hard_thresholding_fraction": 0.6}, {"hard_thresholding_fraction": 0.6, "kept_rows": "low"},
    {"double_skip": False}, {"rows": 2, "columns": 10},
    {"rows": 6, "columns": 14, "sparsity": 0.0},
])
def test_gradients_match_differences(options):
    settings, parameters, images, target = small(**options)
    output, kept = afno_network.forward(settings, parameters, images)
    _, slope = afno_network.loss_and_slope(output, target)
    gradients, _, dimages = afno_network.backward(settings, parameters, images, kept, slope)
    random = np.random.default_rng(5)
    for name, array in [*parameters.items(), ("images", images)]:
        want = dimages if name == "images" else gradients[name]
        direction = random.normal(size=array.shape)
        step = 1e-6
        before = array.copy()
        losses = []
        for sign in (1, -1):
            array[...] = before + sign * step * direction
            losses.append(loss_of(settings, parameters, images, target))
        array[...] = before
        got = (losses[0] - losses[1]) / (2 * step)
        assert abs(got - (want * direction).sum()) < 1e-6 * (1 + abs(got)), name


def test_loss_depends_on_the_threshold():
    settings, parameters, images, target = small()
    other = dataclasses.replace(settings, sparsity=0.06)
    losses = [loss_of(s, parameters, images, target) for s in (settings, other)]
    assert losses[0] != losses[1]


def test_kept_modes_follow_the_height():
    standard = afno.AfnoOptions(720, 1440, 20, 20, 8, 768, 12, 8)
    assert standard.kept == (0, 90, 46)
    assert dataclasses.replace(standard, hard_thresholding_fraction=0.5).kept == (23, 69, 23)
    assert afno.AfnoOptions(2, 64, 1, 1, 2, 4, 1, 1).kept == (0, 1, 1)
    low = dataclasses.replace(standard, hard_thresholding_fraction=0.5, kept_rows="low")
    assert low.kept_row_numbers == [*range(67, 90), *range(23)]
    assert dataclasses.replace(low, hard_thresholding_fraction=1).kept == (0, 90, 46)


def test_names_go_to_upstream_and_back():
    _, parameters, _, _ = small()
    state = afno.to_upstream(parameters, prefix="module.")
    assert "module.blocks.1.mlp.fc2.bias" in state and "module.patch_embed.proj.weight" in state
    for checkpoint in (state, {"model_state": state, "epoch": 3}):
        back = afno.from_upstream(checkpoint)
        assert list(back) == list(parameters)
        for name, array in parameters.items():
            np.testing.assert_array_equal(back[name], array)
    without = {name: array for name, array in parameters.items() if not name.startswith("norm.")}
    assert np.all(afno.to_upstream(without)["norm.weight"] == 1)


def test_standard_network_has_the_published_number_of_parameters():
    count = 0
    for ours, _ in afno.parameter_names(12):
        name = ours.split(".", 1)[1] if ours.startswith("block") else ours
        count += {
            "pos_embed": 16200 * 768, "patch.w": 768 * 20 * 64, "w1": 2 * 8 * 96 * 96,
            "w2": 2 * 8 * 96 * 96, "fc1.w": 4 * 768**2, "fc2.w": 4 * 768**2, "fc1.b": 3072,
            "b1": 2 * 768, "b2": 2 * 768, "head.w": 1280 * 768,
        }.get(name, 768)
    assert count == 74_691_840


def test_what_is_no_afno_is_refused(tmp_path):
    settings, parameters, images, target = small()
    state = afno.to_upstream(parameters)
    with pytest.raises(crossjoule.BadInput, match="head.weight"):
        afno.from_upstream({name: array for name, array in state.items() if name != "head.weight"})
    with pytest.raises(crossjoule.BadInput, match="extra"):
        afno.from_upstream({**state, "extra": np.ones(3)})
    with pytest.raises(crossjoule.BadInput, match="AFNONet"):
        afno.from_upstream({"weight": np.ones(3)})
    with pytest.raises(crossjoule.BadInput, match="block1.fc2.w"):
        afno.check_parameters({**parameters, "block1.fc2.w": np.ones((3, 3))})
    path = tmp_path / "a.h5"
    for bad, text in (
        (dict(images=images[0]), "images have shape"), (dict(images=images[:, :1]), "channels"),
        (dict(images=images[:, :, :4]), "tokens"), (dict(targets=target[:1]), "targets have shape"),
        (dict(targets=0 * target), "zero everywhere"), (dict(images=images * np.nan), "NaN"),
        (dict(adam_steps=0), "adam_steps"), (dict(hard_thresholding_fraction=0.01), "no mode"),
    ):
        with pytest.raises(crossjoule.BadInput, match=text):
            crossjoule.dump_afno_reference(
                path, **{**dict(model=parameters, images=images, targets=target), **bad}
            )
        assert not path.exists()
    crossjoule.dump_afno_reference(path, state, images, target, sparsity=settings.sparsity)
    with pytest.raises(crossjoule.BadInput, match="exists"):
        crossjoule.dump_afno_reference(path, state, images, target)


def test_a_module_that_computes_something_else_is_refused(tmp_path, monkeypatch):
    """With a stand-in for PyTorch: what matters is that the module is run and compared."""
    settings, parameters, images, target = small()

    class Tensor(np.ndarray):
        def double(self):
            return self

    class NoGrad:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

    class Torch:
        no_grad = NoGrad

        @staticmethod
        def as_tensor(array, dtype, device):
            return np.asarray(array).view(Tensor)

    class Parameter:
        dtype = device = None

    class Module:
        training, factor = True, 1.0
        blocks = ()

        def __init__(self):
            layer = type("Filter", (), {"sparsity_threshold": settings.sparsity,
                                        "hard_thresholding_fraction": 1})
            norm = type("Norm", (), {"eps": settings.epsilon})
            self.blocks = [type("Block", (), {"filter": layer, "norm1": norm, "double_skip": True})]

        def state_dict(self):
            return afno.to_upstream(parameters)

        def modules(self):
            return []

        def parameters(self):
            return [Parameter()]

        def eval(self):
            pass

        def train(self, _):
            pass

        def __call__(self, x):
            return (self.factor * afno_network.forward(settings, parameters, x)[0]).view(Tensor)

    monkeypatch.setitem(sys.modules, "torch", Torch)
    module = Module()
    crossjoule.dump_afno_reference(tmp_path / "sound.h5", module, images, target)
    module.factor = 1.01
    with pytest.raises(crossjoule.BadInput, match="off by"):
        crossjoule.dump_afno_reference(tmp_path / "other.h5", module, images, target)


@pytest.mark.skipif("CROSSJOULE_BIN" not in os.environ, reason="CROSSJOULE_BIN names no binary")
@pytest.mark.parametrize("options", [
    {}, {"hard_thresholding_fraction": 0.6}, {"hard_thresholding_fraction": 0.6, "kept_rows": "low"},
    {"double_skip": False}, {"rows": 2, "columns": 10},
])
def test_the_binary_verifies_what_is_dumped(options, tmp_path):
    settings, parameters, images, target = small(**options)
    others = {name: getattr(settings, name) for name in
              ("sparsity", "hard_thresholding_fraction", "epsilon", "double_skip", "kept_rows")}
    crossjoule.dump_afno_reference(tmp_path / "a.h5", parameters, images, target, **others)
    done = subprocess.run([os.environ["CROSSJOULE_BIN"], "verify", tmp_path / "a.h5"],
                          capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
