# SPDX-License-Identifier: BSD-3-Clause
"""Records of the built binary: what it writes, this package reads, and both form the same ratios."""

import json
import os
import subprocess

import appendix_page
import page
import pytest

import crossjoule
from crossjoule import emissions, power
from crossjoule.grid import stored
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


@pytest.fixture(scope="module")
def metered(tmp_path_factory):
    path = tmp_path_factory.mktemp("binary") / "meter.h5"
    words = ["--output", path, "--idle", "0.3", "--quiet", "--", "sleep", "0.5"]
    run("meter", *words)
    return path


def test_a_metered_run_becomes_an_appendix(metered, tmp_path):
    record = crossjoule.open_record(metered)
    book = crossjoule.read_ledger(record)
    spans = power.phase_spans(record, book.devices[0].host)
    for phase in ("idle", "unattributed"):
        seconds = sum((end - begin) * 1e-9 for begin, end, name in spans if name == phase)
        known = sum(book.seconds[node, phase] for node in book.nodes)
        assert seconds == pytest.approx(known, abs=0.25), phase  # to a reading or two
    output = tmp_path / "energy.html"
    assert main(["--energy", str(metered), "-o", str(output)]) == 0
    text, markdown = output.read_text("utf-8"), (tmp_path / "energy.md").read_text("utf-8")
    assert appendix_page.faults(text, markdown) == []
    assert "Colour is the phase" in text


def test_carbon_that_was_kept_serves_the_appendix(metered, tmp_path):
    record = tmp_path / "kept.h5"
    record.write_bytes(metered.read_bytes())
    begin = int(emissions.timeline([crossjoule.open_record(record)]).begin_ns.min()) // 10**9
    rows = "".join(f"{begin + k},{200 + k}\n" for k in (-3600, 0, 1, 3600))
    (tmp_path / "grid.csv").write_text("time,Carbon Intensity\n" + rows)
    grid = f'grid=["{tmp_path / "grid.csv"}"]'
    said = json.loads(run("carbon", record, "--set", grid, "--set", "pue=1.5", "--write", "--json"))
    kept = crossjoule.open_record(record)
    assert kept.check() and kept.quantity("/energy/carbon/default/average").value == pytest.approx(
        said["average"]["value"]
    )
    again = crossjoule.carbon(record, stored(kept), crossjoule.Assumptions(pue=1.5))
    assert again.average.carbon.value == pytest.approx(said["average"]["value"], rel=1e-9)
    output = tmp_path / "energy.html"
    assert main(["--energy", str(record), "--pue", "1.5", "-o", str(output)]) == 0
    assert "grid.csv, kept in the record" in output.read_text("utf-8")


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
