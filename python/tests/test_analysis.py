# SPDX-License-Identifier: BSD-3-Clause
"""The scripts of experiments/anomaly_detection/analysis."""

import importlib.util
import pathlib
import sys

import numpy as np
import pytest
import records
from test_reference import SHARED, closed_network

import crossjoule

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "experiments/anomaly_detection/analysis"
EVENTS = SHARED / "data/events"


def load(name):
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ranking = load("ranking")


def test_auc_is_the_share_of_ordered_pairs():
    rng = np.random.default_rng(2)
    for size in (1, 2, 17, 40):
        background, signal = rng.integers(5, size=size), rng.integers(6, size=size + 3)
        pairs = (signal[:, None] > background) + 0.5 * (signal[:, None] == background)
        assert ranking.auc(background, signal) == pytest.approx(pairs.mean(), abs=1e-14)


def test_auc_of_two_gaussians():
    rng = np.random.default_rng(3)
    background, signal = rng.normal(size=200_000), rng.normal(size=200_000) + 1
    assert ranking.auc(background, signal) == pytest.approx(0.760250, abs=3e-3)
    assert ranking.auc(background, background) == pytest.approx(0.5, abs=1e-12)


def test_paired_bootstrap_sees_a_difference_and_its_absence():
    rng = np.random.default_rng(4)
    background, signal = rng.normal(size=900), rng.normal(size=800) + 1
    same = ranking.paired_bootstrap([((background, signal), (background, signal))], 100)
    assert same == (0.0, 0.0, 0.0)
    noisy = (background + 3 * rng.normal(size=900), signal + 3 * rng.normal(size=800))
    low, value, high = ranking.paired_bootstrap([((background, signal), noisy)], 200)
    assert 0 < low < value < high


@pytest.mark.parametrize("kind, layout", [("svdd", "events-76"), ("autoencoder", "events-57")])
def test_scores_equal_the_reference_network(kind, layout, tmp_path):
    rng = np.random.default_rng(6)
    widths = [76, 20, 5] if kind == "svdd" else [57, 8, 57]
    layers, activation = closed_network(widths, 3), "elu" if kind == "svdd" else "relu"
    mean, scale = rng.normal(size=widths[0]), rng.uniform(1, 2, size=widths[0])
    with records.Writer(tmp_path / "train.h5", "train") as record:
        del record.file["graph/text"]
        record.text(
            "/graph/text",
            f"graph x\nlayer0.activation = {activation}(layer0) alpha=1\n"
            + ("objective = squared_distance(layer1) centre=0.25\n" if kind == "svdd" else ""),
        )
        names = []
        for index, pair in enumerate(layers):
            for part, tensor in zip(("w", "b"), pair):
                record.array(f"/parameters/layer{index}.{part}", tensor)
                names.append(f"layer{index}.{part}")
        record.attributes("/parameters", {"order": " ".join(names)})
        record.array("/standardisation/mean", mean)
        record.array("/standardisation/scale", scale)
        record.attributes("/standardisation", {"layout": layout})
    particles = rng.normal(size=(12, 19, 4))
    inputs = (ranking.features(particles, layout) - mean) / scale
    wanted = crossjoule.dense_network(kind, layers, inputs, centre=0.25, r_max=1.0)["score"]
    found = ranking.scores(crossjoule.open_record(tmp_path / "train.h5"), particles)
    np.testing.assert_allclose(found, wanted**2 if kind == "svdd" else wanted, rtol=1e-12)


def test_split_and_baselines_of_the_open_data(tmp_path):
    if not EVENTS.exists():
        pytest.skip("the CMS tutorial events are not here (CROSSJOULE_SHARED names their folder)")
    load("cms_split").main(EVENTS, tmp_path)
    table = load("cms_table")
    events = table.load(tmp_path)
    assert [len(events[name]) for name in ("train", "test", "zz")] == [10905, 2726, 2421]
    simple = table.baselines(events)
    found = {name: round(ranking.auc(*pair), 4) for name, pair in simple.items()}
    assert found == {"number of muons": 0.7471, "PCA, 3 components": 0.6944, "squared norm": 0.6939}
    assert table.verdict(0.01, 0.02) == "beats" and table.verdict(-0.01, 0.02) == "undecided"


def test_results_print_every_headline_row(tmp_path, capsys):
    load("results").main(
        [records.write_infer(tmp_path / "a.h5"), records.write_estimate(tmp_path / "b.h5")]
    )
    out = capsys.readouterr().out
    assert "NO JOULE IN THIS TABLE WAS MEASURED" in out and "missing terms" in out
    assert out.count("| modelled |") == 16 and "A → 4l" in out
