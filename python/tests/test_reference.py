# SPDX-License-Identifier: BSD-3-Clause
"""dump_reference against the closed forms of the golden files and against central differences."""

import os
import pathlib

import h5py
import numpy as np
import pytest

import crossjoule

SHARED = pathlib.Path(
    os.environ.get("CROSSJOULE_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared")
)
GOLDEN = {
    "svdd": SHARED / "data/golden/svdd-z13.h5",
    "autoencoder": SHARED / "data/golden/ae-57.h5",
}
FP64 = 1e-11  # the tolerance of the golden files' README


def closed_form(count, index):
    n = np.arange(count, dtype=np.int64)
    return 2 * ((31 * n * n + 17 * n + 101 * index) % 10007) / 10006 - 1


def closed_network(widths, gain):
    layers = []
    for index, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        weights = np.sqrt(gain / fan_in) * closed_form(fan_in * fan_out, 2 * index + 1)
        layers.append((weights.reshape(fan_out, fan_in), 0.1 * closed_form(fan_out, 2 * index + 2)))
    return layers


def distance(a, b):
    return np.linalg.norm(np.ravel(a) - np.ravel(b)) / np.linalg.norm(np.ravel(b))


def closed_file(kind, path):
    widths, gain = (
        ([76, 512, 256, 128, 13], 3) if kind == "svdd" else ([57, 32, 16, 3, 16, 32, 57], 6)
    )
    inputs = 1.5 * closed_form(64 * widths[0], 997).reshape(64, widths[0])
    crossjoule.dump_reference(path, closed_network(widths, gain), inputs, kind)
    return path


def compare(path, golden):
    worst = {}
    with h5py.File(path) as ours, h5py.File(golden) as theirs:
        for key in ("kind", "nonlinearity", "batch", "centre", "r_max"):
            if key in theirs.attrs:
                assert ours.attrs[key] == theirs.attrs[key], key
        assert list(ours.attrs["widths"]) == list(theirs.attrs["widths"])

        def visit(name, node):
            if isinstance(node, h5py.Dataset):
                assert ours[name].shape == node.shape and ours[name].dtype == node.dtype, name
                worst[name] = distance(ours[name][()], node[()])
                assert ours[name].attrs.get("index") == node.attrs.get("index"), name
            else:
                assert list(ours[name].attrs["order"]) == list(node.attrs["order"]), name

        theirs.visititems(visit)
    return worst


@pytest.mark.parametrize("kind", ["svdd", "autoencoder"])
def test_equals_golden_file(kind, tmp_path):
    if not GOLDEN[kind].exists():
        pytest.skip(f"{GOLDEN[kind].name} is not here (CROSSJOULE_SHARED names its folder)")
    worst = compare(closed_file(kind, tmp_path / "ours.h5"), GOLDEN[kind])
    assert len(worst) > 15
    assert max(worst.values()) < FP64, max(worst, key=worst.get)


def test_comparison_notices_a_swapped_weight(tmp_path):
    if not GOLDEN["svdd"].exists():
        pytest.skip("svdd-z13.h5 is not here")
    path = closed_file("svdd", tmp_path / "ours.h5")
    with h5py.File(path, "r+") as file:
        row = file["parameters/layer1.w"][0]
        row[[0, 1]] = row[[1, 0]]
        file["parameters/layer1.w"][0] = row
    assert max(compare(path, GOLDEN["svdd"]).values()) > FP64


@pytest.mark.parametrize("nonlinearity", ["elu", "relu"])
@pytest.mark.parametrize("kind", ["svdd", "autoencoder"])
def test_gradients_match_differences(kind, nonlinearity):
    rng = np.random.default_rng(5)
    widths = [7, 11, 3, 7]
    layers = [(rng.normal(size=(o, i)), rng.normal(size=o)) for i, o in zip(widths, widths[1:])]
    inputs = rng.normal(size=(5, 7))
    analytic = crossjoule.dense_network(kind, layers, inputs, nonlinearity=nonlinearity)[
        "gradients"
    ]
    step = 1e-6
    for index in range(len(layers)):
        for part in (0, 1):
            tensor = layers[index][part]
            flat = rng.integers(tensor.size)
            kept = tensor.flat[flat]
            ends = []
            for shift in (step, -step):
                tensor.flat[flat] = kept + shift
                ends.append(
                    crossjoule.dense_network(kind, layers, inputs, nonlinearity=nonlinearity)[
                        "loss"
                    ]
                )
            tensor.flat[flat] = kept
            difference = (ends[0] - ends[1]) / (2 * step)
            assert difference == pytest.approx(analytic[index][part].flat[flat], rel=1e-6, abs=1e-9)


class Linear:
    """A stand-in with the interface of torch.nn.Linear, so that the path needs no PyTorch."""

    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def children(self):
        return []


class ELU:
    alpha = 1.0

    def children(self):
        return []


class Sequential:
    def __init__(self, *items):
        self.items = items

    def modules(self):
        return [self, *self.items]

    def children(self):
        return list(self.items)


def test_module_equals_arrays(tmp_path):
    rng = np.random.default_rng(1)
    pairs = [
        (rng.normal(size=(4, 6)), rng.normal(size=4)),
        (rng.normal(size=(2, 4)), rng.normal(size=2)),
    ]
    inputs = rng.normal(size=(3, 6))
    model = Sequential(Linear(*pairs[0]), ELU(), Linear(*pairs[1]))
    crossjoule.dump_reference(tmp_path / "a.h5", model, inputs, "svdd")
    crossjoule.dump_reference(tmp_path / "b.h5", pairs, inputs, "svdd")
    assert max(compare(tmp_path / "a.h5", tmp_path / "b.h5").values()) == 0


class ReLU(ELU):
    pass


def test_the_model_chooses_the_nonlinearity(tmp_path):
    pairs = [(np.ones((4, 6)), -np.ones(4)), (np.ones((2, 4)), np.ones(2))]
    model = Sequential(Linear(*pairs[0]), ReLU(), Linear(*pairs[1]))
    crossjoule.dump_reference(tmp_path / "a.h5", model, -np.ones((3, 6)), "svdd")
    with h5py.File(tmp_path / "a.h5") as file:
        assert file.attrs["nonlinearity"] == "relu"
        assert (file["activations/layer0"][()] == 0).all()
    with pytest.raises(crossjoule.BadInput, match="mixes ELU and ReLU"):
        mixed = Sequential(Linear(*pairs[0]), ReLU(), Linear(*pairs[1]), ELU())
        crossjoule.dump_reference(tmp_path / "b.h5", mixed, np.ones((3, 6)), "svdd")


def test_pytorch_model_agrees(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    model = torch.nn.Sequential(
        torch.nn.Linear(6, 4), torch.nn.ELU(), torch.nn.Linear(4, 2)
    ).double()
    inputs = torch.randn(5, 6, dtype=torch.float64)
    loss = ((model(inputs) - 0.25) ** 2).sum(dim=1).mean()
    loss.backward()
    crossjoule.dump_reference(tmp_path / "a.h5", model, inputs, "svdd")
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["loss"][0] == pytest.approx(loss.item(), rel=1e-12)
        assert distance(file["gradients/layer0.w"][()], model[0].weight.grad.numpy()) < FP64


@pytest.mark.parametrize(
    "change, said",
    [
        (dict(kind="cnn"), "kind = 'cnn'"),
        (dict(inputs=np.zeros((2, 5))), "layer 0 has weights"),
        (dict(inputs=np.full((2, 6), np.nan)), "NaN"),
        (dict(inputs=np.zeros((0, 6))), "inputs have shape"),
        (dict(model=[]), "no Linear layer"),
        (dict(kind="autoencoder"), "maps 6 features to 2"),
    ],
)
def test_refuses_what_the_format_cannot_hold(change, said, tmp_path):
    call = dict(model=[(np.ones((2, 6)), np.ones(2))], inputs=np.zeros((2, 6)), kind="svdd")
    call.update(change)
    with pytest.raises(crossjoule.BadInput, match=said.replace("(", r"\(")):
        crossjoule.dump_reference(tmp_path / "x.h5", **call)
    assert list(tmp_path.iterdir()) == []


def test_keeps_an_existing_file(tmp_path):
    (tmp_path / "x.h5").write_text("mine")
    with pytest.raises(crossjoule.BadInput, match="exists"):
        crossjoule.dump_reference(
            tmp_path / "x.h5", [(np.ones((2, 2)), np.ones(2))], np.ones((1, 2)), "svdd"
        )
    assert (tmp_path / "x.h5").read_text() == "mine"
