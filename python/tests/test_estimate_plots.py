# SPDX-License-Identifier: BSD-3-Clause
"""Roofline, tornado and sweep of an estimate: numbers read from a record of the built binary."""

import json
import os
import subprocess

import numpy as np
import page
import pytest

import crossjoule
from crossjoule.report import (
    analog,
    chapter,
    estimate_roofline,
    estimate_timeline,
    estimate_what_if,
)
from crossjoule.report.main import main

BINARY = os.environ.get("CROSSJOULE_BIN")
pytestmark = pytest.mark.skipif(
    not BINARY or not os.path.exists(BINARY), reason="CROSSJOULE_BIN names no built binary"
)
PORT = '{value=1e9, low=5e8, high=2e9, unit="B/s", reason="a test"}'


@pytest.fixture(scope="module")
def estimate(tmp_path_factory):
    path = tmp_path_factory.mktemp("plots") / "estimate.h5"
    words = ["estimate", "--output", path, "--json", "--set", "chip.preset=macro-sram"]
    for key in (
        "tornado=true",
        "sweep.adc_bits=[4, 6, 8, 99]",
        "estimate.iso_node_nm=7",
        f"assumed.link_bytes_per_second={PORT}",
    ):
        words += ["--set", key]
    done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return path, json.loads(done.stdout)


def test_roofline_is_that_of_the_record(estimate):
    path, document = estimate
    told = document["estimates"][0]
    (found,) = chapter.gather([crossjoule.open_record(path)])
    one = analog.estimates(found)[0]
    roof = estimate_roofline.roof(one)
    assert roof["peak"] == pytest.approx(1e12 * told["peak"]["throughput"]["value"])
    ops = 2 * document["network"]["macs"]
    ways = {way for way, _, _, _ in roof["points"]}
    assert ways == {"links", "host link"}
    for way, at, value, batch in roof["points"]:
        size = told["link_bytes"] if way == "links" else told["host_bytes"]
        assert at == pytest.approx(ops / size)
        assert value < roof["peak"]
        told_batch = next(each for each in told["batches"] if each["batch"] == batch)
        assert value == pytest.approx(ops * batch / told_batch["boundaries"][2]["latency"]["value"])
    assert roof["slopes"] == [("links", pytest.approx(ops / told["link_bytes"]), told["tiles"] * 1e9)]


def test_lanes_are_the_schedule_and_frame_the_critical_path(estimate):
    path, document = estimate
    told = document["estimates"][0]
    (found,) = chapter.gather([crossjoule.open_record(path)])
    one = analog.estimates(found)[0]
    lanes = estimate_timeline.lanes(one)
    latency = told["batches"][0]["boundaries"][2]["latency"]["value"]
    assert max(end for lane in lanes for _, end in lane.busy) == pytest.approx(latency)
    assert {"links", "tiles", "adc"} <= {lane.resource for lane in lanes}
    framed = sorted(each for lane in lanes for each in lane.critical)
    assert sum(end - begin for begin, end in framed) == pytest.approx(latency)
    assert framed[0][0] == 0 and framed[-1][1] == pytest.approx(latency)
    layers = len(told["layers"])
    tiles = [lane for lane in lanes if lane.resource == "tiles"]
    assert len(tiles) == layers
    for lane in tiles:  # one vector a layer: busy for one product
        assert lane.seconds() == pytest.approx(told["product"]["value"])
        converters = next(
            other for other in lanes if other.resource == "adc" and other.name == lane.name
        )
        assert converters.busy[0][0] > lane.busy[0][0]
        assert converters.busy[0][1] == pytest.approx(lane.busy[0][1])


def test_many_lanes_become_one_for_each_kind():
    lane = estimate_timeline.Lane
    many = [lane(f"layer{k}", "tiles", [(k, k + 2)], [(k, k + 1)]) for k in range(50)]
    (one,) = estimate_timeline.merged(many)
    assert one.seconds() == 51 and len(one.critical) == 50
    assert estimate_timeline.merged(many[:3]) == many[:3]


def test_tornado_and_sweep_are_those_of_the_record(estimate):
    path, document = estimate
    record = crossjoule.open_record(path)
    (told,) = document["what_if"]
    bars, middle = estimate_what_if.bars(
        record, f"/result/what_if/{told['chip']}/{told['mode']}/tornado"
    )
    assert middle == pytest.approx(told["tornado_joules"])
    assert {bar["figure"] for bar in told["tornado"]} == {figure for figure, _, _ in bars}
    lengths = [abs(high - low) for _, low, high in bars]
    assert lengths == sorted(lengths, reverse=True)
    for _, low, high in bars:
        assert min(low, high) <= middle * (1 + 1e-9) and middle <= max(low, high) * (1 + 1e-9)
    latency = record.array(f"/result/what_if/{told['chip']}/{told['mode']}/sweep/latency").values
    assert np.isfinite(latency).tolist() == [True, True, True, False]


def test_iso_node_is_in_the_record(estimate):
    path, document = estimate
    told = document["estimates"][0]
    record = crossjoule.open_record(path)
    group = f"/result/estimate/{told['chip']}/{told['mode']}/iso_node"
    assert record.attributes(group)["node_nm"] == 7
    chip = told["iso_node"]["batches"][0]["boundaries"][1]
    unscaled = record.array(f"{group}/chip/joules_unscaled_value").values
    assert unscaled[0] == pytest.approx(chip["joules_arrays_unscaled"]["value"])
    assert chip["joules_arrays_scaled"]["value"] < chip["joules_arrays_unscaled"]["value"]


def test_nodes_add_up_to_the_parts(estimate):
    path, document = estimate
    told = document["estimates"][0]
    group = f"/result/estimate/{told['chip']}/{told['mode']}"
    record = crossjoule.open_record(path)
    added = 0
    for part in record.children(f"{group}/nodes/joules"):
        whole = record.array(f"{group}/parts/system/{part}_value").values[0]
        if np.isfinite(whole) and part != "host_idle":
            nodes = record.array(f"{group}/nodes/joules/{part}").values
            assert nodes.sum() == pytest.approx(whole)
            added += 1
    assert added >= 2  # arrays and static power at least


def test_the_page_shows_them(estimate, tmp_path):
    path, _ = estimate
    output = tmp_path / "report.html"
    assert main([str(path), "-o", str(output)]) == 0
    text = output.read_text(encoding="utf-8")
    wanted = (
        "plot-analog",
        "plot-analog-timeline",
        "plot-analog-roofline",
        "plot-tornado-0",
        "plot-sweep-1",
    )
    assert page.faults(text, sections=("analog",), plots=wanted) == []
