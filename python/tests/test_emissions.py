# SPDX-License-Identifier: BSD-3-Clause
"""Power and carbon of stored joules: closed forms, brute force, other tools' files, the binary."""

import json
import os
import pathlib
import subprocess

import metered
import numpy as np
import pytest

import crossjoule
from crossjoule import emissions, grid, ledger, power
from crossjoule.errors import BadInput
from crossjoule.quantity import Quantity

HOUR = 3_600_000_000_000
KWH = 3.6e6
SHARED = pathlib.Path(__file__).parents[2].parent / "shared" / "data" / "grid"


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return crossjoule.open_record(metered.write(tmp_path_factory.mktemp("m") / "m.h5"))


def test_the_ledger_is_the_truth(record):
    book = crossjoule.read_ledger(record)
    assert book.sum().value == pytest.approx(metered.counted_total(), rel=1e-12)
    for phase in metered.PHASES:
        want = 2 * sum(
            metered.joules(device, phase)
            for device in metered.KINDS
            if device not in ("psys", "package-1")
        )
        assert book.sum(phase=phase).value == pytest.approx(want, rel=1e-12, abs=1e-12)
    assert sum(one.value for one in book.by_kind().values()) == pytest.approx(book.sum().value)
    assert set(book.by_kind()) == {"measured-counter", "measured-sampled", "modelled", "assumed"}
    assert book.sum().kind == "assumed"  # of the worst part
    unread = next(device for device in book.devices if device.id == "package-1")
    assert not book.of_device(unread).present  # absent, not 0


def test_power_crosses_a_wrap_and_keeps_the_energy(record):
    book = ledger.read(record)
    package = next(device for device in book.devices if device.id == "package-0")
    found = power.of(package)
    whole = sum(metered.TRUTH["package-0"].values())
    assert found.joule[-1] == pytest.approx(whole, abs=metered.QUANTUM)
    assert found.time_ns[0] == metered.START_NS
    counter = record.array(f"{package.path}/counter").values
    assert (np.diff(counter.astype(np.int64)) < 0).any()  # there is a wrap in it
    for bins in (2, 7, 97, 5000):
        edges = np.linspace(found.time_ns[0], found.time_ns[-1], bins).astype(np.int64)
        joules = (found.between(edges) * np.diff(edges) * 1e-9).sum()
        assert joules == pytest.approx(whole, rel=1e-6)


def test_a_reset_is_no_energy(tmp_path):
    import h5py

    path = metered.write(tmp_path / "a.h5", hosts=("n",))
    with h5py.File(path, "r+") as file:
        device = file["/energy/nodes/n/devices/package-0"]
        device.attrs["modulus"] = np.bytes_("0")
        device["counter"][400:] = np.arange(361, dtype=np.uint64)
        device["counter"][:400] = 10**9 + np.arange(400, dtype=np.uint64)
    book = ledger.read(crossjoule.open_record(path))
    found = power.of(next(one for one in book.devices if one.id == "package-0"))
    assert np.isnan(found.watt[399]) and found.joule[-1] == pytest.approx(metered.QUANTUM * 759)


def test_phase_spans_have_the_time_of_their_phases(record):
    spans = power.phase_spans(record, "node-a")
    assert [phase for _, _, phase in spans] == [row[0] for row in metered.SCHEDULE]
    assert spans[0][0] == metered.START_NS
    seconds = sum((end - begin) * 1e-9 for begin, end, phase in spans if phase == "train")
    assert seconds == pytest.approx(600)


def of(slices):
    """A timeline of (begin h, end h, J) slices."""
    begin, end, joule = (np.array(column) for column in zip(*slices))
    total = float(joule.sum())
    return emissions.Timeline(
        (begin * HOUR).astype(np.int64),
        (end * HOUR).astype(np.int64),
        joule.astype(float),
        Quantity(0.9 * total, total, 1.1 * total, "measured-counter", "J"),
        float(end.max() - begin.min()),
        False,
    )


def hourly(values, kind="average", estimated=()):
    count = len(values)
    marks = np.isin(np.arange(count), estimated)
    return grid.Series(
        kind, np.arange(count, dtype=np.int64) * HOUR, np.array(values, float), marks
    )


def test_a_value_holds_until_the_next():
    joules = of([(0, 3, 3 * KWH)])  # 1 kW
    found = emissions.carbon_of(joules, [hourly([100, 200, 300])], emissions.Assumptions(pue=1.5))
    assert found.average.carbon.value == pytest.approx(1.5 * 600)
    assert (found.average.carbon.low, found.average.carbon.high) == pytest.approx((810, 990))
    assert found.average.carbon.kind == "measured-counter" and found.marginal is None
    half = of([(0.5, 1.5, KWH)])
    found = emissions.carbon_of(half, [hourly([100, 200, 300])], emissions.Assumptions())
    assert found.average.carbon.value == pytest.approx(150)


def test_what_a_series_does_not_cover_takes_the_covered_mean():
    joules = of([(-1, 1, KWH), (2, 6, 4 * KWH)])  # 1.5 of 5 kWh outside: -1...0, and 5...6
    found = emissions.carbon_of(
        joules, [hourly([100, 0, 0, 0, 400], estimated=[4])], emissions.Assumptions()
    ).average
    gram = 0.5 * 100 + 1 * 400
    assert found.covered == pytest.approx(3.5 / 5)
    assert found.carbon.value == pytest.approx(gram / 3.5 * 5)
    assert found.estimated_share == pytest.approx(1 / 3.5)
    outside = of([(40, 41, KWH)])
    nothing = emissions.carbon_of(outside, [hourly([100])], emissions.Assumptions())
    assert nothing.average is None and not nothing.sci.present


def test_sums_equal_brute_force():
    rng = np.random.default_rng(5)
    for _ in range(20):
        edges = np.sort(rng.uniform(0.2, 30, 2 * rng.integers(1, 6)))
        slices = [(a, b, KWH * rng.uniform(0.1, 2)) for a, b in zip(edges[::2], edges[1::2])]
        series = hourly(rng.uniform(20, 700, 31))
        found = emissions.carbon_of(of(slices), [series], emissions.Assumptions()).average
        want = 0.0
        for begin, end, joule in slices:
            steps = 4000
            for k in range(steps):
                hour = int(begin + (k + 0.5) * (end - begin) / steps)
                want += joule / steps / KWH * series.g_per_kwh[hour]
        assert found.carbon.value == pytest.approx(want, rel=2e-3)
        assert found.covered == pytest.approx(1)


def test_the_best_start_is_the_cleanest():
    series = hourly([300] * 5 + [100] * 2 + [300] * 30, kind="marginal")
    hours, then = emissions.best_start(of([(1, 3, KWH)]), series, 1.2)
    assert hours == 4 and then.carbon.value == pytest.approx(1.2 * 100)
    (low, clean), (high, dirty) = emissions.hours_of_day(of([(1, 3, KWH)]), series)
    assert (low, clean, dirty) == (5, 100, 300) and high != 5
    assert emissions.best_start(of([(1, 3, KWH)]), hourly([300, 100])) is None  # it ends too soon


def test_embodied_and_sci():
    assumed = emissions.Assumptions(
        embodied_kg=2000,
        embodied_low_kg=1000,
        embodied_high_kg=4000,
        life_hours=1000,
        units=50,
        reserved_share=0.5,
    )
    found = emissions.carbon_of(of([(0, 10, KWH)]), [hourly([100] * 12)], assumed)
    ends = found.embodied.low, found.embodied.value, found.embodied.high
    assert ends == pytest.approx((5000, 10000, 20000))
    assert found.embodied.kind == "assumed" and found.sci.value == pytest.approx(10100 / 50)


def written(folder, document, name="grid.json"):
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document))
    return folder / name


def test_json_forms(tmp_path):
    point = {"datetime": "2022-01-01T01:00:00.000Z", "carbonIntensity": 200, "isEstimated": True}
    first = {"datetime": "2022-01-01T00:00:00.000Z", "carbonIntensity": 100}
    maps = grid.read_grid(written(tmp_path, {"zone": "ES", "history": [point, first, first]}))
    assert (maps.kind, maps.place, maps.dropped) == ("average", "ES", 1)
    assert list(maps.g_per_kwh) == [100, 200] and list(maps.estimated) == [False, True]
    assert maps.at(1_640_995_200_000_000_000 + HOUR // 2) == 100
    moer = {
        "data": [{"point_time": "2022-01-01T00:00:00+00:00", "value": 1000}],
        "meta": {"region": "CAISO", "signal_type": "co2_moer", "units": "lbs_co2_per_mwh"},
    }
    watttime = grid.read_grid(written(tmp_path, moer))
    assert (watttime.kind, watttime.place) == ("marginal", "CAISO")
    assert watttime.g_per_kwh[0] == pytest.approx(453.59237)
    entry = {"from": "2022-01-01T00:00Z", "intensity": {"forecast": 90, "actual": None}}
    british = grid.read_grid(written(tmp_path, {"data": [entry]}))
    assert list(british.g_per_kwh) == [90] and british.estimated[0]
    aware = [{"location": "eastus", "time": "2022-01-01T01:00:00Z", "rating": 65}]
    aware.append({"Location": "eastus", "Time": "2022-01-01T00:00:00Z", "Rating": 60})
    for document in (aware, {"emissions": aware}):
        sdk = grid.read_grid(written(tmp_path, document))
        assert list(sdk.g_per_kwh) == [60, 65] and sdk.place == "eastus"
    yearly = written(tmp_path, {"ESP": {"carbon_intensity": 174.0, "country_name": "Spain"}})
    constant = grid.read_grid(yearly, place="spain")
    found = emissions.carbon_of(of([(0, 1, KWH)]), [constant], emissions.Assumptions())
    assert (
        found.average.carbon.value == pytest.approx(174) and found.average.carbon.kind == "assumed"
    )
    assert emissions.best_start(of([(0, 1, KWH)]), constant) is None


@pytest.mark.parametrize(
    "document, said",
    [
        ("{", "not JSON"),
        ("[]", "none of the known"),
        ({"history": []}, "every row"),
        ({"history": [3, None, {"datetime": 7, "carbonIntensity": "x"}]}, "every row"),
        ({"data": [{"point_time": "x", "value": 1}]}, "every row"),
        ([{"rating": 3}], "every row"),
        ({"data": [{"from": "2022", "intensity": 4}]}, "every row"),
        ({"data": [], "meta": {"signal_type": "health_damage"}}, "health_damage"),
        ({"data": [], "meta": {"units": "kg_co2_per_kwh"}}, "not lbs_co2_per_mwh"),
        ({"history": [{"emissionFactorType": "lifecycle"}]}, "--column lca"),
        ({"ESP": {"carbon_intensity": 1}}, "--place"),
        ("a,b\n1,2\n", "no intensity series"),
        ("", "no intensity series"),
        ("Time,Carbon Intensity\nx,y\n", "every row"),
    ],
)
def test_bad_grids_are_refused(tmp_path, document, said):
    with pytest.raises(BadInput, match=said):
        grid.read_grid(written(tmp_path, document))


def test_real_files_have_the_means_of_their_readme():
    if not SHARED.exists():
        pytest.skip(f"no {SHARED}")
    for file, direct, lca in (
        ("US-CAL-CISO_2022_hourly.csv", 194.599, 261.281),
        ("ES_2022_hourly.csv", 166.757, 219.280),
    ):
        for column, mean in (("direct", direct), ("lca", lca)):
            series = grid.read_grid(SHARED / file, column)
            assert len(series.g_per_kwh) == 8760 and series.dropped == 0
            assert f"{series.g_per_kwh.mean():.3f}" == f"{mean:.3f}"
    table = grid.read_grid(SHARED / "global_energy_mix.json", place="ESP")
    assert table.place == "Spain" and 100 < table.g_per_kwh[0] < 400


def test_the_binary_says_the_same(tmp_path):
    binary = os.environ.get("CROSSJOULE_BIN")
    if not binary or not os.path.exists(binary):
        pytest.skip("CROSSJOULE_BIN names no built binary")
    path = tmp_path / "meter.h5"
    call = [binary, "meter", "--output", str(path), "--quiet", "--", "sleep", "0.4"]
    subprocess.run(call, check=True, timeout=60)
    begin = int(emissions.timeline([crossjoule.open_record(path)]).begin_ns.min())
    stamps = [begin // 10**9 - 60 + k for k in (0, 60, 61, 100)]
    average = written(
        tmp_path,
        "time,Carbon Intensity\n"
        + "".join(f"{stamp},{value}\n" for stamp, value in zip(stamps, (300, 100, 500, 40))),
        "a.csv",
    )
    words = [f'grid=["{average}"]', "pue=1.3", "embodied_kg=900", "units=7", "life_hours=5000"]
    call = [binary, "carbon", str(path), "--json"]
    for word in words:
        call += ["--set", word]
    done = subprocess.run(call, check=True, timeout=60, capture_output=True, text=True)
    said = json.loads(done.stdout)
    assumed = emissions.Assumptions(pue=1.3, embodied_kg=900, units=7, life_hours=5000)
    ours = crossjoule.carbon(path, [average], assumed)
    for end in ("low", "value", "high"):
        assert getattr(ours.average.carbon, end) == pytest.approx(said["average"][end], rel=1e-9)
        assert getattr(ours.energy, end) == pytest.approx(said["energy"][end], rel=1e-12)
    assert ours.embodied.value == pytest.approx(said["embodied"]["value"], rel=1e-9)
    assert ours.average.covered == pytest.approx(said["covered_average"], rel=1e-9)
    assert ours.sci.value == pytest.approx(said["sci_g_per_unit"], rel=1e-9)
