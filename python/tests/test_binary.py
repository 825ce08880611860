# SPDX-License-Identifier: BSD-3-Clause
"""Records of the built binary: what it writes, this package reads, and both form the same ratios."""

import json
import os
import subprocess

import page
import pytest

import crossjoule
from crossjoule.report.main import main

BINARY = os.environ.get("CROSSJOULE_BIN")
pytestmark = pytest.mark.skipif(
    not BINARY or not os.path.exists(BINARY), reason="CROSSJOULE_BIN names no built binary"
)


def run(*words):
    done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def estimate(tmp_path_factory):
    path = tmp_path_factory.mktemp("binary") / "estimate.h5"
    run("estimate", "--output", path, "--quiet")
    return path


def test_estimate_is_read(estimate):
    data = crossjoule.open(estimate)
    assert data.attrs["verb"] == "estimate" and data.attrs["params"] == 205325
    assert set(data.joules_per_sample_kind.values) <= {"modelled", "assumed", "absent"}
    assert set(data["device"].values) == {"analog"}
    record = crossjoule.open_record(estimate)
    assert record.check() > 30 and record.build["version"] and record.system


def test_estimate_becomes_a_page(estimate, tmp_path):
    document = tmp_path / "compare.json"
    document.write_text(run("compare", estimate, "--json"))
    assert json.loads(document.read_text())["any_joule_measured"] is False
    output = tmp_path / "report.html"
    assert main([str(estimate), "--compare", str(document), "-o", str(output)]) == 0
    text = output.read_text(encoding="utf-8")
    wanted = ("headline", "sweep", "analog", "points", "provenance")
    assert page.faults(text, sections=wanted, plots=("plot-latency", "plot-analog")) == []


def test_dumped_reference_passes_verify(tmp_path):
    import numpy as np

    rng = np.random.default_rng(3)
    for kind, widths in (("svdd", [9, 17, 5]), ("autoencoder", [9, 4, 9])):
        layers = [
            (rng.normal(size=(o, i)) / i**0.5, 0.1 * rng.normal(size=o))
            for i, o in zip(widths, widths[1:])
        ]
        path = tmp_path / f"{kind}.h5"
        crossjoule.dump_reference(path, layers, rng.normal(size=(12, 9)), kind)
        assert "\n" in run("verify", path)
