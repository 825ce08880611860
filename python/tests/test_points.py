# SPDX-License-Identifier: BSD-3-Clause
"""crossjoule.open, crossjoule.open_record and crossjoule.points."""

import math

import h5py
import numpy as np
import pytest
import records

import crossjoule


def test_open_gives_units_bounds_and_kinds(tmp_path):
    data = crossjoule.open(records.write_infer(tmp_path / "infer.h5"))
    assert dict(data.sizes) == {"point": 24, "bound": 3}
    assert data.latency.attrs["units"] == "s" and data.joules_per_sample.attrs["units"] == "J"
    assert data.attrs["network"] == "svdd" and data.attrs["digest"] == records.DIGEST
    assert data.attrs["verb"] == "infer" and data.attrs["build"]["compiler"] == "g++ 12.2"
    chosen = data.where(
        (data["mode"] == "one-network") & (data["batch"] == 10) & (data["boundary"] == "system"),
        drop=True,
    )
    value = 14.0 * (8e-6 + 4.6e-5) / 10
    np.testing.assert_allclose(chosen.joules_per_sample.values, [[value / 2, value, value * 2]])
    assert list(chosen.joules_per_sample_kind.values) == ["modelled"]


def test_absent_is_nan_and_never_zero(tmp_path):
    with records.Writer(tmp_path / "x.h5", "infer") as record:
        record.points(
            [
                dict(
                    platform="p",
                    mode="m",
                    device="cpu",
                    precision="fp32",
                    boundary="system",
                    latency=(1e-6, 2e-6, 3e-6, "measured-counter"),
                    joules_per_sample=(0, 0, 0, "absent"),
                )
            ]
        )
    data = crossjoule.open(tmp_path / "x.h5")
    assert np.isnan(data.joules_per_sample.values).all()
    assert list(data.joules_per_sample_kind.values) == ["absent"]
    frame = crossjoule.points([tmp_path / "x.h5"])
    assert math.isnan(frame.joules_per_sample[0]) and frame.joules_per_sample_kind[0] == "absent"


def test_points_joins_files(tmp_path):
    files = [records.write_infer(tmp_path / "a.h5"), records.write_estimate(tmp_path / "b.h5")]
    frame = crossjoule.points(files)
    assert len(frame) == 24 + 38
    assert set(frame.file) == set(files) and set(frame.digest) == {records.DIGEST}
    assert set(frame[frame.device == "analog"].joules_per_sample_kind) == {"modelled"}
    low, value, high = (frame[name] for name in ("latency_low", "latency", "latency_high"))
    assert ((low <= value) & (value <= high)).all()


def test_record_gives_the_rest(tmp_path):
    record = crossjoule.open_record(records.write_estimate(tmp_path / "b.h5"))
    assert record.verb == "estimate" and record.network.macs == 204416
    assert record.input == records.TOML and record.network.text == records.GRAPH
    group = f"/result/estimate/{records.CHIP}/four-phase"
    area = record.quantity(f"{group}/chip_area")
    assert (area.low, area.value, area.high, area.kind, area.unit) == (
        40.0,
        40.25,
        40.5,
        "modelled",
        "mm2",
    )
    assert record.array(f"{group}/parts/chip/mvm_value").attrs["units"] == "J"
    assert "four-phase/product_energy" in record.quantities(f"/result/estimate/{records.CHIP}")
    assert list(record.group(f"{group}/layers")["outputs"].values) == [512, 256, 128, 13]
    assert record.check() > 20


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda path: path.unlink(), "does not exist"),
        (lambda path: path.write_text("no record"), "not an HDF5 file"),
        (lambda path: h5py.File(path, "w").close(), "not a crossjoule record"),
        (lambda path: drop(path, "result/points"), "has no /result/points"),
        (lambda path: drop(path, "result/points/latency_low"), "lacks the column latency_low"),
        (lambda path: rename_kind(path), "latency_kind = 'guessed'"),
    ],
)
def test_bad_input_is_named(spoil, said, tmp_path):
    path = tmp_path / "infer.h5"
    records.write_infer(path)
    spoil(path)
    with pytest.raises(crossjoule.BadInput, match=said) as caught:
        crossjoule.open(path)
    assert (
        caught.value.code == 2 and str(path) in str(caught.value) and "\n" not in str(caught.value)
    )


def drop(path, name):
    with h5py.File(path, "r+") as file:
        del file[name]


def rename_kind(path):
    with h5py.File(path, "r+") as file:
        kinds = file["result/points/latency_kind"]
        kinds[0] = b"guessed"


def test_a_flipped_bit_is_damage(tmp_path):
    path = tmp_path / "infer.h5"
    records.write_infer(path)
    with h5py.File(path) as file:
        offset = file["result/points/latency"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[offset + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(crossjoule.Damaged) as caught:
        crossjoule.open(path)
    assert caught.value.code == 5
    with pytest.raises(crossjoule.Damaged):
        crossjoule.open_record(path).check()


def test_a_cut_file_is_damage(tmp_path):
    path = tmp_path / "infer.h5"
    records.write_infer(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(crossjoule.Damaged):
        crossjoule.open_record(path).check()


def test_stored_digests_are_compared(tmp_path):
    xxhash = pytest.importorskip("xxhash", reason="the module xxhash is not installed")
    path = tmp_path / "train.h5"
    records.write_train(path)
    with h5py.File(path, "r+") as file:
        node = file["result/train_loss"]
        node.attrs["xxh3_128"] = np.bytes_(xxhash.xxh3_128_hexdigest(node[()].tobytes()))
    crossjoule.open_record(path).check()
    with h5py.File(path, "r+") as file:
        file["result/train_loss"][0] += 1e-9
    with pytest.raises(crossjoule.Damaged, match="differs from its digest"):
        crossjoule.open_record(path).check()
