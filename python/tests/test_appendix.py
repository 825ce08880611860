# SPDX-License-Identifier: BSD-3-Clause
"""The energy appendix: complete, closing, honest about kinds; the check can fail."""

import pathlib
import re

import appendix_page
import metered
import numpy as np
import pytest
import records

from crossjoule.report.main import main

GRID = """Time,Carbon Intensity
2022-10-01 00:00:00,200
2022-10-01 12:05:00,100
2022-10-01 18:00:00,400
2022-10-02 06:00:00,50
2022-10-03 00:00:00,60
"""
MOER = """point_time,value
2022-10-01T11:00:00Z,1000
2022-10-01T12:30:00Z,900
2022-10-02T13:00:00Z,800
"""
KG = ["--embodied-kg", "2000", "--embodied-low-kg", "1500", "--embodied-high-kg", "3000"]


def made(folder, *words, code=0):
    """(HTML, Markdown) of `crossjoule-report --energy` with these words."""
    output = folder / "energy.html"
    assert main(["--energy", *map(str, words), "-o", str(output), "--force"]) == code
    if code:
        return None
    text, markdown = output.read_text("utf-8"), (folder / "energy.md").read_text("utf-8")
    return text, markdown


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("appendix")
    record = metered.write(folder / "meter.h5")
    (folder / "grid.csv").write_text(GRID)
    (folder / "moer.csv").write_text(MOER)
    estimate = records.write_estimate(folder / "estimate.h5")
    words = [record, estimate, "--grid", folder / "grid.csv", "--grid", folder / "moer.csv"]
    return made(folder, *words, "--pue", "1.2", *KG, "--units", "1600")


def test_the_appendix_is_complete(whole):
    text, markdown = whole
    assert appendix_page.faults(text, markdown) == []
    sections = ("grid", "model", "analog")
    assert appendix_page.faults(text, markdown, sections=sections) == []


def test_the_verb_recomputes_the_same(whole):
    line = next(row for row in whole[1].splitlines() if row.startswith("crossjoule carbon"))
    for words in (
        'grid=["grid.csv", "moer.csv"]',
        "pue=1.2",
        "embodied_kg=2000",
        "embodied_low_kg=1500",
        "embodied_high_kg=3000",
        "units=1600",
    ):
        assert words in line
    assert "life_hours" not in line  # the default of both


def test_it_says_what_a_reader_needs(whole):
    for text in whole:
        is_page = text.startswith("<!DOCTYPE")
        plain = re.sub(r"<[^>]+>", "", text) if is_page else text.replace("**", "")
        for words in (
            "package-1 of node-a, node-b: absent, in no sum",
            "psys",
            "1.2 (assumed) adds",
            "more than 10 % off",
            "package-0 froze, package-0-by-powercap took over",
            "EE HPC WG",
            "part of the energy is modelled",
            "went into 2 idle accelerators",
            "an estimate compared with a measurement",
            "R = 1600",
            "covers 99.8 % of its time only",
        ):
            assert words.lower() in plain.lower(), words
    assert "&lt;svdd&gt; &amp; friends" in whole[0] and "<svdd>" not in whole[0]


@pytest.mark.parametrize(
    "spoil, said",
    [
        (
            lambda t: re.sub(r'<section id="level".*?</section>', "", t, flags=re.S),
            "no section level",
        ),
        (lambda t: t.replace('id="budget"', 'id="b"'), "no part budget"),
        (lambda t: t.replace('id="plot-energy-power-1"', 'id="p"'), "no plot plot-energy-power-1"),
        (lambda t: t.replace("</main>", "<script>1</script></main>"), "loads something"),
        (lambda t: t.replace("PUE", "overhead"), "never says PUE"),
        (lambda t: _swap_value(t), "of the ledger"),
        (lambda t: _swap_kind(t), "mixes"),
        (lambda t: t.replace("The phases add up", "THE LEDGER DOES NOT CLOSE"), "does not close"),
    ],
)
def test_the_check_notices(whole, spoil, said):
    text, markdown = whole
    faults = appendix_page.faults(spoil(text), markdown)
    assert any(said in fault for fault in faults), faults


def test_the_check_notices_a_poor_markdown(whole):
    text, markdown = whole
    for spoiled, said in (
        (markdown.replace("## Carbon\n", ""), "has no Carbon"),
        (markdown + "<b>x</b>", "holds HTML"),
        (markdown + " nan J", "number that is none"),
    ):
        assert any(said in fault for fault in appendix_page.faults(text, spoiled)), said


def _table(text):
    begin = text.index('id="ledger-by-kind"')
    return begin, text.index("</table>", begin)


def _swap_value(text):
    begin, end = _table(text)
    table = text[begin:end]
    return (
        text[:begin] + re.sub(r'class="value">[\d.]+', 'class="value">99999', table, 1) + text[end:]
    )


def _swap_kind(text):
    begin, end = _table(text)
    table = text[begin:end].replace('data-kind="measured-counter"', 'data-kind="modelled"', 1)
    return text[:begin] + table + text[end:]


def test_nothing_measured_is_said_first(tmp_path):
    text, markdown = made(tmp_path, records.write_train(tmp_path / "train.h5"))
    assert "NO JOULE OF THIS RUN WAS MEASURED" in re.search("<title>(.*?)</title>", text).group(1)
    assert "NO JOULE OF THIS RUN WAS MEASURED" in markdown
    assert "keep no series" in text  # and no plot is pretended
    plots = ("plot-energy-joules",)
    assert appendix_page.faults(text, markdown, plots=plots) == []


def test_the_same_records_give_the_same_bytes(tmp_path):
    record = metered.write(tmp_path / "a.h5", hosts=("node-a",))
    assert made(tmp_path, record) == made(tmp_path, record)


def test_a_ledger_that_does_not_close_is_called_so(tmp_path):
    import h5py

    record = metered.write(tmp_path / "a.h5", hosts=("node-a",))
    with h5py.File(record, "r+") as file:
        file["/energy/nodes/node-a/regions/joules"][1, 0] += 500.0
    text, markdown = made(tmp_path, record)
    assert any("does not close" in fault for fault in appendix_page.faults(text, markdown))


def test_series_kept_in_the_record_serve_again(tmp_path):
    record = metered.keep_carbon(metered.write(tmp_path / "a.h5", hosts=("n",)))
    text, markdown = made(tmp_path, record, "--pue", "1.1")
    assert appendix_page.faults(text, markdown, sections=("grid",)) == []
    kwh = metered.counted_total(1) / 3.6e6
    assert f"{1.1 * 180 * kwh:.1f}" in markdown and "es.csv, kept in the record" in markdown
    assert "a.h5: default" in markdown and "grids/es.csv" not in text
    other, _ = made(tmp_path, record, "--label", "nobody")
    assert "no grid-intensity series was given" in other


def test_repeats_and_scaling(tmp_path):
    runs = [
        metered.write(tmp_path / f"{k}.h5", hosts=(f"n{k}",), scale=1 + 0.1 * k) for k in range(3)
    ]
    text, markdown = made(tmp_path, *runs)
    assert "Repeats of the same work" in markdown and "Olympic mean" in markdown
    joules = [metered.counted_total(1) * (1 + 0.1 * k) for k in range(3)]
    mean = sum(joules) / 3  # t(2) = 4.303, s = 0.1 of the first
    half = 4.303 * 0.1 * joules[0] / 3**0.5
    row = next(line for line in markdown.splitlines() if line.startswith("| meter | 1 | 3 |"))
    value, low, high = (float(n) for n in re.findall(r"([\d.]+) \[([\d.]+), ([\d.]+)\] kJ", row)[0])
    for printed, truth in ((value, mean), (low, mean - half), (high, mean + half)):
        assert printed * 1e3 == pytest.approx(truth, rel=6e-3)
    assert appendix_page.faults(text, markdown) == []


def test_records_of_the_same_time_are_pointed_out(tmp_path, capsys):
    pair = [metered.write(tmp_path / f"{k}.h5", hosts=("n",), scale=1 + k) for k in (0, 1)]
    text, _ = made(tmp_path, *pair)
    assert "counts its joules twice" in text and "twice" in capsys.readouterr().err


def refused(capsys, words, said, code=2):
    assert main([str(word) for word in words]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and said in lines[0], lines


def test_bad_input_gives_one_line(tmp_path, capsys):
    record, page = metered.write(tmp_path / "a.h5"), tmp_path / "p.html"
    estimate = records.write_estimate(tmp_path / "e.h5")
    grid = tmp_path / "g.csv"
    grid.write_text(GRID)
    energy = ["--energy", record, "-o", page]
    refused(capsys, ["--energy", estimate, "-o", page], "no joules in there")
    refused(capsys, ["--energy", record, record, "-o", page], "counted twice")
    refused(capsys, [*energy, "--grid", tmp_path / "no.csv"], "cannot be read")
    refused(capsys, [*energy, "--grid", grid, "--grid", grid], "two average series")
    refused(capsys, [*energy, "--pue", "0.5"], "pue = 0.5")
    refused(capsys, [*energy, "--embodied-kg", "5", "--embodied-low-kg", "9"], "do not enclose")
    assert main([*map(str, energy), "--column", "both"]) == 2
    assert "invalid choice: 'both'" in capsys.readouterr().err
    refused(capsys, [*energy, "--published", "x.toml"], "--published is given with --energy")
    refused(capsys, [record, "-o", page, "--pue", "1.3"], "--pue is given without --energy")
    refused(capsys, ["--energy", record, "-o", tmp_path / "p.md"], "name of the Markdown")
    (tmp_path / "p.md").write_text("mine")
    refused(capsys, energy, "p.md exists")
    assert not page.exists() and (tmp_path / "p.md").read_text() == "mine"


def test_a_killed_run_is_called_one(tmp_path):
    text, _ = made(tmp_path, metered.write(tmp_path / "a.h5", hosts=("n",), complete=0))
    assert "was killed" in text


def test_odd_records_are_read_or_refused(tmp_path, capsys):
    import h5py

    def spoiled(name, spoil):
        path = metered.write(tmp_path / name, hosts=("n",))
        with h5py.File(path, "r+") as file:
            spoil(file)
        return path

    def cut(file):
        for end in ("_low", "", "_high"):
            cube = file["/energy/joules/modelled" + end][..., :4]
            del file["/energy/joules/modelled" + end]
            file["/energy/joules/modelled" + end] = cube

    def empty(file):
        for name in file["/energy/joules"]:
            file["/energy/joules"][name][...] *= 0
        file["/energy/nodes/n/regions/joules"][...] *= 0

    def broken(file):
        file["/energy/nodes/n/devices/gpu-GPU-1a2b/power_watt"][...] = np.nan
        file["/energy/nodes/n/devices/package-0"].attrs["modulus"] = np.bytes_("many")
        del file["/energy/nodes/n/regions"]
        del file["/energy/nodes/n/spans/phase"]
        file["/energy/nodes/n/spans/phase"] = np.full(3, 200, dtype=np.uint8)
        del file["/energy/probe"]

    made(tmp_path, spoiled("cut.h5", cut), code=2)
    assert "does not fit" in capsys.readouterr().err
    text, markdown = made(tmp_path, spoiled("empty.h5", empty))
    assert "nothing to draw" in text and "nan" not in markdown
    text, markdown = made(tmp_path, spoiled("broken.h5", broken))
    assert appendix_page.faults(text, markdown) == []


def test_names_from_outside_stay_text(tmp_path):
    record = metered.write(tmp_path / "a.h5", hosts=("<script>alert(1)</script>",))
    text, markdown = made(tmp_path, record)
    assert "<script" not in text and "\\<script>" in markdown
    assert pathlib.Path(record).exists()
